import type {
  Block,
  CompactionBlock,
  MediaBlock,
  PinBlock,
  ReasoningBlock,
  ToolCallBlock,
  ToolResultBlock,
} from "../../core/block.ts"
import type { Role } from "../../core/message.ts"
import { asObject, asString, type Json } from "../../lib/json.ts"
import { type HostedType, hostedType } from "./hosted.ts"
import { wireId } from "./types.ts"

/** One item to be written: neighbouring content in one message, everything else by itself. `first`: the ordinal of its first block. */
export type Plan = { readonly first: number } & (
  | { readonly kind: "message"; readonly blocks: readonly Block[]; readonly phase?: string }
  | { readonly kind: "reasoning"; readonly block: ReasoningBlock }
  | { readonly kind: "call"; readonly block: ToolCallBlock }
  | { readonly kind: "result"; readonly block: ToolResultBlock }
  | { readonly kind: "compaction"; readonly block: CompactionBlock }
  | { readonly kind: "pin"; readonly block: PinBlock }
  | { readonly kind: "image"; readonly block: MediaBlock }
  | { readonly kind: "hosted"; readonly block: ToolCallBlock; readonly type: HostedType; readonly result?: ToolResultBlock }
  | { readonly kind: "foreign"; readonly value: Json }
)

/** Types of whole items. What has an id or a status is one as well; all other unknown values are parts of a message. */
const itemTypes = /_(?:call|output|request|response|trigger|tools|update|search)$|^program$/

function isItem(value: Json): boolean {
  const object = asObject(value)
  if (!object) return false
  return "id" in object || "status" in object || "call_id" in object || itemTypes.test(asString(object.type) ?? "")
}

/** Splits a message's blocks into items, order kept. A message that says nothing is an item all the same. */
export function plansOf(blocks: readonly Block[], role: Role): readonly Plan[] {
  if (blocks.length === 0) return [{ kind: "message", blocks, first: 0 }]
  const plans: Plan[] = []
  const answered = new Set<Block>()
  for (const [first, block] of blocks.entries()) {
    if (answered.has(block)) continue
    const single = hostedPlan(block, blocks, first) ?? singlePlan(block, role, first)
    if (single?.kind === "hosted" && single.result) answered.add(single.result)
    if (single) {
      plans.push(single)
      continue
    }
    const phase = block.type === "text" ? block.phase : undefined
    const last = plans.at(-1)
    const joins = last?.kind === "message" && (phase === undefined || last.phase === undefined || phase === last.phase)
    const head = joins ? { first: last.first, blocks: [...last.blocks, block] } : { first, blocks: [block] }
    const said = phase ?? (joins ? last.phase : undefined)
    if (joins) plans.pop()
    plans.push({ kind: "message", ...head, ...(said === undefined ? {} : { phase: said }) })
  }
  return plans
}

/** A call of a tool of the vendor's is one item with its result. */
function hostedPlan(block: Block, blocks: readonly Block[], first: number): Extract<Plan, { kind: "hosted" }> | undefined {
  const type = block.type === "tool-call" ? hostedType(block) : undefined
  if (block.type !== "tool-call" || type === undefined) return undefined
  const result = blocks.find((one) => one.type === "tool-result" && one.by === "provider" && one.id === block.id)
  return { kind: "hosted", block, type, first, ...(result?.type === "tool-result" ? { result } : {}) }
}

function singlePlan(block: Block, role: Role, first: number): Plan | undefined {
  switch (block.type) {
    case "reasoning":
      return { kind: "reasoning", block, first }
    case "tool-call":
      return { kind: "call", block, first }
    case "tool-result":
      return { kind: "result", block, first }
    case "compaction":
      return { kind: "compaction", block, first }
    case "pin":
      return { kind: "pin", block, first }
    case "media":
      return role === "assistant" && block.kind === "image" ? { kind: "image", block, first } : undefined
    case "foreign":
      return block.wire === wireId && isItem(block.value) ? { kind: "foreign", value: block.value, first } : undefined
    case "text":
    case "refusal":
    case "data":
      return undefined
    default:
      return block satisfies never
  }
}
