import type {
  Block,
  CompactionBlock,
  MediaBlock,
  PinBlock,
  ReasoningBlock,
  TextBlock,
  ToolCallBlock,
  ToolResultBlock,
} from "../../core/block.ts"
import type { Exchange } from "../../core/exchange.ts"
import { isShownId } from "../../core/id.ts"
import { project } from "../../core/lens.ts"
import type { Message } from "../../core/message.ts"
import { originOf, type Place } from "../../core/node.ts"
import { sealForClient } from "../../core/seal.ts"
import { wordsOf } from "../../core/words.ts"
import type { Json, JsonObject } from "../../lib/json.ts"
import { buildHosted, holdsPart } from "./build-hosted.ts"
import { encodePart, type PartContext } from "./encode-blocks.ts"
import { type HostedType, hostedNames, itemSeal } from "./hosted.ts"
import { wireCallId, wireName } from "./names.ts"
import type { Plan } from "./plans.ts"
import { sealedText } from "./seals.ts"
import { home, wireId } from "./types.ts"

/** What an item is built for. `side` is also where its notices belong. */
export interface BuildContext {
  readonly side: Place
  readonly exchange: Exchange
  /** Of the blocks, in hub terms. */
  readonly path: string
  readonly message: Message
  /** The id the item shall have, if any. */
  readonly id: string | undefined
  /** The ordinal in its turn of the item's first block. */
  readonly at: number
  /** Present when the content was one string in the source. */
  readonly plain?: true
}

export function partContext(context: BuildContext, output: boolean): PartContext {
  const { exchange, side, path } = context
  const own = side === "response" || exchange.client === wireId
  return {
    output,
    side,
    path,
    note: exchange.note,
    cacheMarks: own || exchange.target.features.has("cache-marks"),
    translated: side === "request" && exchange.client !== wireId,
  }
}

const note = (context: BuildContext, code: "block-unsupported" | "block-adapted" | "pin-unsupported"): void =>
  context.exchange.note({
    code,
    path: context.path,
    effect: code === "block-adapted" ? "adapted" : "dropped",
    side: context.side,
  })

/** The item of a plan, from hub fields alone; undefined, with a notice, when this wire has none for it. */
export function buildItem(plan: Plan, context: BuildContext): JsonObject | undefined {
  switch (plan.kind) {
    case "message":
      return buildMessage(plan.blocks, plan.phase, context)
    case "reasoning":
      return buildReasoning(plan.block, context)
    case "call":
      return buildCall(plan.block, context)
    case "result":
      return buildResult(plan.block, context)
    case "compaction":
      return buildCompaction(plan.block, context)
    case "pin":
      return buildPin(plan.block, context)
    case "image":
      return buildImage(plan.block, context)
    case "hosted":
      return buildHostedItem(plan, context)
    case "foreign":
      return undefined
    default:
      return plan satisfies never
  }
}

const idOf = (context: BuildContext): JsonObject => (context.id === undefined ? {} : { id: context.id })

/** Answers say that they are complete; in a request only what is not complete is said. */
export function statusOf(status: Message["status"], side: Place): JsonObject {
  if (status === "in-progress") return { status: "in_progress" }
  if (status === "incomplete") return { status }
  return side === "response" ? { status: "completed" } : {}
}

function buildMessage(blocks: readonly Block[], phase: string | undefined, context: BuildContext): JsonObject | undefined {
  const { message, side } = context
  const parts = partContext(context, message.role === "assistant")
  const content = blocks.flatMap((block) => encodePart(block, parts) ?? [])
  if (blocks.length > 0 && content.length === 0) return undefined
  const [only] = blocks
  const text =
    context.plain && blocks.length === 1 && only?.type === "text" && !only.citations && !only.cache ? only.text : undefined
  return {
    ...idOf(context),
    type: "message",
    ...statusOf(message.status, side),
    content: text ?? content,
    ...(phase === undefined ? {} : { phase: encodePhase(phase) }),
    role: message.role,
  }
}

export const encodePhase = (phase: string): string => (phase === "final" ? "final_answer" : phase)

function buildReasoning(block: ReasoningBlock, context: BuildContext): JsonObject {
  const summary: Json[] = []
  const content: Json[] = []
  for (const part of block.parts) {
    if (part.summary || asksSummary(context)) summary.push({ type: "summary_text", text: part.text })
    else content.push({ type: "reasoning_text", text: part.text })
  }
  const id = context.side === "request" ? (block.seal?.id ?? context.id) : context.id
  return {
    ...(id === undefined ? {} : { id }),
    type: "reasoning",
    summary,
    ...(content.length > 0 ? { content } : {}),
    ...sealOf(block, context),
    ...(context.message.status ? statusOf(context.message.status, context.side) : {}),
  }
}

/** A caller who asked for summaries of another vendor's model looks for its thinking there. */
export const asksSummary = ({ side, exchange }: Pick<BuildContext, "side" | "exchange">): boolean =>
  side === "response" && exchange.target.wire !== wireId && exchange.request.reasoning?.show === "summary"

function sealOf(block: ReasoningBlock | CompactionBlock, { side, at }: BuildContext): JsonObject {
  if (!block.seal) return {}
  const data = side === "request" ? block.seal.data : sealForClient(block.seal, home, at, sealedText(block))
  return { encrypted_content: data }
}

function buildCall(block: ToolCallBlock, context: BuildContext): JsonObject | undefined {
  const { exchange, side, message } = context
  if (block.by === "provider" && (side === "request" || exchange.target.wire !== wireId)) {
    note(context, "block-unsupported")
    return undefined
  }
  const request = side === "request"
  const name = request ? wireName(block.name, block.namespace, exchange) : block.name
  const callId = request ? wireCallId(block.id, exchange, context.path) : block.id
  const free = block.form === "text"
  return {
    ...idOf(context),
    type: free ? "custom_tool_call" : "function_call",
    ...statusOf(message.status, side),
    [free ? "input" : "arguments"]: block.input === "" && !free ? "{}" : block.input,
    call_id: callId,
    name,
    ...(block.namespace === undefined ? {} : { namespace: block.namespace }),
  }
}

function buildResult(block: Extract<Plan, { kind: "result" }>["block"], context: BuildContext): JsonObject | undefined {
  const { exchange, side, path } = context
  if (block.by === "provider") return buildProviderResult(block, context)
  const parts = partContext({ ...context, path: `${path}.content[*]` }, false)
  if (block.failed) exchange.note({ code: "field-unsupported", path: `${path}.failed`, effect: "dropped", side })
  return {
    ...idOf(context),
    type: block.form === "text" ? "custom_tool_call_output" : "function_call_output",
    call_id: wireCallId(block.id, exchange, path),
    ...(context.message.status ? statusOf(context.message.status, side) : {}),
    output: buildOutput(block.content, parts),
    ...(block.name === undefined ? {} : { name: block.name }),
  }
}

/** No more than its words: nothing that only a part could carry, or would have to tell of. */
const isPlain = (block: TextBlock): boolean => !block.cache && (originOf(block)?.rest.length ?? 0) === 0

/** One text is a string, also when it is the only one of no texts, or nothing is left; anything more is a list. */
function buildOutput(content: readonly Block[], parts: PartContext): Json {
  const [only] = content
  if (content.length === 0) return ""
  if (content.length === 1 && only?.type === "text" && isPlain(only)) return only.text
  if (content.length === 1 && only?.type === "data") {
    parts.note({ code: "block-adapted", path: parts.path, effect: "adapted", side: parts.side })
    return only.json
  }
  const list = content.flatMap((inner) => encodePart(inner, parts) ?? [])
  return list.length > 0 ? list : ""
}

function buildCompaction(block: CompactionBlock, context: BuildContext): JsonObject | undefined {
  const { side, message } = context
  if (block.seal) {
    if (block.text !== undefined)
      context.exchange.note({ code: "field-unsupported", path: `${context.path}.text`, effect: "dropped", side })
    const id = side === "request" ? (block.seal.id ?? context.id) : context.id
    return { ...(id === undefined ? {} : { id }), type: "compaction", ...sealOf(block, context) }
  }
  if (block.text === undefined) return undefined
  note(context, "block-adapted")
  const text: Block = { type: "text", text: block.text }
  return buildMessage([text], undefined, { ...context, message: { ...message, blocks: [text] } })
}

function buildPin(block: PinBlock, context: BuildContext): JsonObject | undefined {
  const { pin, answer } = block
  if (pin.kind === "item") return { type: "item_reference", id: pin.id }
  if (pin.kind === "approval" && answer) {
    const reason = answer.reason === undefined ? {} : { reason: answer.reason }
    return { type: "mcp_approval_response", approval_request_id: pin.id, approve: answer.approve, ...reason }
  }
  note(context, "pin-unsupported")
  return undefined
}

/**
 * A tool of the vendor's own and what it answered. The vendor knows its item by the keys that the hub does not model, so from a caller of another
 * format it takes one back only with its seal, and one that another vendor ran not at all.
 */
function buildHostedItem(plan: Extract<Plan, { kind: "hosted" }>, context: BuildContext): JsonObject | undefined {
  const { exchange, side, message } = context
  const { block, result, type } = plan
  const isOwn = block.seal ? block.seal.kind === itemSeal : exchange.client === wireId && !isShownId(block.id)
  if (side === "request" && !isOwn) {
    note(context, "block-unsupported")
    return result && buildProviderResult(result, context)
  }
  const parts = { ...partContext(context, false), path: `${context.path}.content[*]` }
  if (result) noteParts(result, type, parts)
  const isShown = isShownId(block.id)
  if (isShown) noteForm(block, type, context)
  const shown = { status: result ? (result.failed ? "failed" : "completed") : "incomplete" }
  const head = { id: context.id ?? block.id, status: isShown ? shown : statusOf(message.status, "response") }
  const built = buildHosted(block, result, type, head, (inner, build) =>
    project(inner, { ...parts, wire: wireId, place: originOf(inner)?.place ?? side }, hostedTable, build),
  )
  return type === "code_interpreter_call" && isShown ? { code: null, container_id: "", ...built } : built
}

/** The tool of another vendor is not quite the one that the item is of. */
function noteForm({ name, namespace }: ToolCallBlock, type: HostedType, context: BuildContext): void {
  if (namespace === undefined && name !== hostedNames[type]) note(context, "block-adapted")
  else if (type === "web_search_call") note({ ...context, path: `${context.path}.input` }, "block-adapted")
}

/** A page's title, and parts that only the vendor's own format knows. */
function noteParts({ content }: ToolResultBlock, type: HostedType, { path, side, note: tell }: PartContext): void {
  for (const block of content) {
    if (!holdsPart(type, block)) tell({ code: "block-unsupported", path, effect: "dropped", side })
    else if (block.type === "media" && block.name !== undefined)
      tell({ code: "field-unsupported", path: `${path}.name`, effect: "dropped", side })
  }
}

const hostedTable = { text: ["logs"], source: ["url"] } as const

/** What another vendor's tool answered: its text is kept towards a vendor. */
function buildProviderResult(block: ToolResultBlock, context: BuildContext): JsonObject | undefined {
  if (context.side === "response") {
    note(context, "block-unsupported")
    return undefined
  }
  note(context, "block-adapted")
  const inner = { ...context, path: `${context.path}.content[*]` }
  const content = block.content.flatMap((part) => {
    const text = wordsOf(part)
    if (text === undefined) note(inner, "block-unsupported")
    return text ? (encodePart({ type: "text", text }, partContext(inner, true)) ?? []) : []
  })
  return content.length > 0 ? { type: "message", role: "assistant", content } : undefined
}

/** What a model drew. In a request it is known to the vendor by its id; without one it is shown as the caller's. */
function buildImage(block: MediaBlock, context: BuildContext): JsonObject | undefined {
  const { side, exchange, path } = context
  const format = block.mime?.split("/")[1] ?? "png"
  if (block.source.type === "base64" && (side === "response" || context.id !== undefined)) {
    const data = { type: "image_generation_call", status: "completed", result: block.source.data }
    return { ...idOf(context), ...data, ...(format === "png" ? {} : { output_format: format }) }
  }
  if (side === "response") {
    exchange.note({ code: "media-unsupported", path, effect: "dropped", side })
    return undefined
  }
  const part = encodePart(block, partContext(context, false))
  if (part === undefined) return undefined
  exchange.note({ code: "message-role-adapted", path: "messages[*].role", effect: "adapted", side })
  return { type: "message", role: "user", content: [part] }
}
