import type { Block } from "../../core/block.ts"
import type { Exchange } from "../../core/exchange.ts"
import { isDerivedId, isShownId } from "../../core/id.ts"
import { type FieldTable, overlay } from "../../core/lens.ts"
import type { Message } from "../../core/message.ts"
import { changedFields, mappedNodes, originOf, type Place, untouched } from "../../core/node.ts"
import { sealForTarget } from "../../core/seal.ts"
import { asObject, type Json, type JsonObject } from "../../lib/json.ts"
import { type BuildContext, buildItem } from "./build-items.ts"
import { itemType } from "./decode-items.ts"
import { asShown, hostedKeys } from "./hosted.ts"
import { noteForeignRest, settleMessage, without, withoutStaleSeals } from "./nodes.ts"
import { type Plan, plansOf } from "./plans.ts"
import { needsEnvelope } from "./seals.ts"
import { home, wireId } from "./types.ts"

/** How one message becomes items. */
export interface ItemsContext {
  readonly side: Place
  readonly exchange: Exchange
  /** Of the message, in hub terms. */
  readonly path: string
  /** The ordinal in its turn of the message's first block. */
  readonly at: number
  /** The id of an item that has none, from the ordinal in the message of its first block. */
  readonly deriveId?: (kind: "message" | "item", first: number) => string
  /** Written before an item whose block has a seal but no field for it. */
  readonly carrier?: (block: Block, at: number, first: number) => Json | undefined
}

/** Which keys of an item a hub field of its message decides. */
const table: FieldTable = {
  role: ["role"],
  id: ["id"],
  status: ["status"],
  blocks: [
    "content",
    "phase",
    "summary",
    "encrypted_content",
    "call_id",
    "name",
    "namespace",
    "arguments",
    "input",
    "output",
    "result",
    "output_format",
    "approval_request_id",
    "approve",
    "reason",
  ],
}

/** Items of the vendor's own tools say more in keys that are no block's. */
const tableFor = (plan: Plan): FieldTable => (plan.kind === "hosted" ? { ...table, blocks: hostedKeys[plan.type] } : table)

/** The items of one message: its source, its source with what was edited, or new ones. */
export function encodeMessage(given: Message, context: ItemsContext): readonly Json[] {
  const { exchange, side, path } = context
  const settled = withoutStaleSeals(settleMessage(given), path, side, exchange.note)
  const message = side === "request" ? forVendor(settled, context) : forCaller(settled, exchange)
  if (!message) return []
  const from = originOf(message)
  const source = from?.wire === wireId ? from.json : undefined
  const wraps = side === "response" && message.blocks.some(needsEnvelope)
  if (source !== undefined && untouched(message) && !wraps && message.blocks.every(isBare) && !message.blocks.some(isShown))
    return [source]
  if (source === undefined) noteMessage(message, context)
  const plans = plansOf(message.blocks, message.role)
  const object = asObject(source)
  const type = object && itemType(object)
  let claimed = false
  return plans.flatMap((plan) => {
    const claims = !claimed && object !== undefined && type !== undefined && matches(plan, type) && !isShown(plan)
    claimed ||= claims
    const build = buildContext(plan, message, context, claims ? object : undefined)
    const carried = carriersOf(plan, context, build)
    if ("block" in plan) noteForeignRest(plan.block, build.path, side, exchange.note)
    if (plan.kind === "foreign") return [...carried, plan.value]
    const built = buildItem(plan, build)
    if (!built) return carried
    if (!claims || !object) return [...carried, built]
    return [...carried, overlay(object, built, changedOf(message, wraps), tableFor(plan))]
  })

  function noteMessage(node: Message, { exchange: { note } }: ItemsContext): void {
    noteForeignRest(node, path, side, exchange.note)
    if (node.name !== undefined) note({ code: "field-unsupported", path: `${path}.name`, effect: "dropped", side })
  }
}

/** Made for a caller's eyes, so no vendor takes it as it is. */
const isShown = (one: Block | Plan): boolean => {
  const block = "kind" in one ? (one.kind === "hosted" ? one.block : undefined) : one
  return block?.type === "tool-call" && block.by === "provider" && isShownId(block.id)
}

const forCaller = (message: Message, exchange: Exchange): Message => {
  const blocks = mappedNodes(message.blocks, (block) => asShown(block, exchange))
  return blocks === message.blocks ? message : { ...message, blocks }
}

/** Seals that no item shows go into one of their own, so a block that has one is never its bare source. */
const isBare = (block: Block): boolean => !block.seal || block.type === "reasoning" || block.type === "compaction"

const changedOf = (message: Message, wraps: boolean): ReadonlySet<string> =>
  new Set([...(changedFields(message) ?? Object.keys(table)), ...(wraps ? ["blocks"] : [])])

function buildContext(plan: Plan, message: Message, context: ItemsContext, source: JsonObject | undefined): BuildContext {
  const { side, exchange, path, at } = context
  const only = message.blocks.length === 1 || plan.first === 0
  const own = isShown(plan) && plan.kind === "hosted" ? plan.block.id : only ? message.id : undefined
  const id = own ?? context.deriveId?.(plan.kind === "message" ? "message" : "item", plan.first)
  const plain = source !== undefined && typeof source.content === "string" ? { plain: true as const } : {}
  return { side, exchange, path: `${path}.blocks[*]`, message, id, at: at + plan.first, ...plain }
}

function matches(plan: Plan, type: string): boolean {
  switch (plan.kind) {
    case "message":
    case "reasoning":
    case "compaction":
      return type === plan.kind
    case "call":
      return type === (plan.block.form === "text" ? "custom_tool_call" : "function_call")
    case "result":
      return type === (plan.block.form === "text" ? "custom_tool_call_output" : "function_call_output")
    case "pin":
      return type === (plan.block.pin.kind === "item" ? "item_reference" : "mcp_approval_response")
    case "image":
      return type === "image_generation_call"
    case "hosted":
      return type === plan.type
    case "foreign":
      return false
    default:
      return plan satisfies never
  }
}

function carriersOf(plan: Plan, context: ItemsContext, build: BuildContext): Json[] {
  if (!context.carrier) return []
  const blocks: readonly Block[] = plan.kind === "message" ? plan.blocks : "block" in plan ? [plan.block] : []
  return blocks.flatMap((block, index) => {
    const carried = isBare(block) ? undefined : context.carrier?.(block, build.at + index, plan.first + index)
    return carried === undefined ? [] : [carried]
  })
}

/**
 * The message as the try's target may see it: without ids that this gateway made, and without seals that another vendor made. Reasoning that
 * its own vendor knows neither by seal nor by id is nothing to it.
 */
function forVendor(message: Message, context: ItemsContext): Message | undefined {
  const { exchange, path } = context
  const known: Message = hasStrangeId(message, exchange) ? without(message, "id") : message
  const blocks = known.blocks.flatMap((block) => blockForVendor(block, known, exchange, `${path}.blocks[*]`))
  if (blocks.length === 0 && known.blocks.length > 0) return undefined
  const same = blocks.length === known.blocks.length && blocks.every((block, index) => block === known.blocks[index])
  if (same) return known
  const dropsSeal = known.blocks.some((block) => block.type === "reasoning" && block.seal) && !blocks.some((block) => block.seal)
  return { ...(dropsSeal ? without(known, "id") : known), blocks }
}

/** An id that this gateway made, or one that may be of another vendor, for a target that has refused what is. What was only said needs none. */
function hasStrangeId({ id, blocks }: Message, { target }: Exchange): boolean {
  if (id === undefined || isDerivedId(id)) return id !== undefined
  const isSaid = (block: Block): boolean =>
    block.type === "text" || block.type === "refusal" || (block.type === "tool-call" && block.by !== "provider")
  return target.issuer === "" && blocks.every(isSaid)
}

function blockForVendor(block: Block, message: Message, exchange: Exchange, path: string): readonly Block[] {
  const seal = sealForTarget(block.seal, exchange, `${path}.seal`)
  const isKept = isBare(block) || ((block.type === "tool-call" || block.type === "tool-result") && block.by === "provider")
  if (seal && !isKept) exchange.note({ code: "seal-foreign", path: `${path}.seal`, effect: "dropped", side: "request" })
  const kept = block.seal && (!seal || !isKept) ? (without(block, "seal") as Block) : block
  if (block.guard) exchange.note({ code: "field-unsupported", path: `${path}.guard`, effect: "dropped", side: "request" })
  if (block.cache && !takesCache(block))
    exchange.note({ code: "cache-unsupported", path: `${path}.cache`, effect: "dropped", side: "request" })
  if (kept.type === "compaction" && !kept.seal && kept.text === undefined) return []
  if (kept.type !== "reasoning" || kept.seal || exchange.target.issuer !== home) return [kept]
  if (!block.seal && message.id !== undefined) return [kept]
  exchange.note({ code: "reasoning-unsigned", path, effect: "dropped", side: "request" })
  return []
}

const takesCache = (block: Block): boolean => block.type === "text" || block.type === "media" || block.type === "foreign"
