import type { ReasoningBlock } from "../../core/block.ts"
import type { Frame } from "../../core/event.ts"
import type { JsonObject } from "../../lib/json.ts"
import { asksSummary } from "./build-items.ts"
import type { OutItem, OutPiece } from "./out-item.ts"
import type { Output } from "./output.ts"

/** Where a part of a reasoning stands among its kind: summaries and plain thoughts are counted apart. */
interface ThoughtPlace {
  readonly summary: boolean
  readonly fields: JsonObject
}

const isSummary = ({ exchange }: Output, block: ReasoningBlock, index: number): boolean =>
  block.parts[index]?.summary === true || asksSummary({ side: "response", exchange })

function placeOf(output: Output, item: OutItem, block: ReasoningBlock, index: number): ThoughtPlace {
  const summary = isSummary(output, block, index)
  const before = block.parts.slice(0, index).filter((_, other) => isSummary(output, block, other) === summary).length
  const fields = { item_id: item.id, output_index: item.index, [summary ? "summary_index" : "content_index"]: before }
  return { summary, fields }
}

const thought = (summary: boolean, text: string): JsonObject => ({ type: summary ? "summary_text" : "reasoning_text", text })

/** One part is open at a time: a new one closes the last. */
function openThought(output: Output, item: OutItem, piece: OutPiece, block: ReasoningBlock, index: number): Frame[] {
  if (piece.part === index) return []
  const closed = closeThought(output, item, piece)
  piece.part = index
  const { summary, fields } = placeOf(output, item, block, index)
  const type = summary ? "response.reasoning_summary_part.added" : "response.content_part.added"
  return [...closed, output.frames.write(type, { ...fields, part: thought(summary, "") })]
}

export function closeThought(output: Output, item: OutItem, piece: OutPiece): Frame[] {
  const block = piece.draft.value()
  if (piece.part === undefined || block.type !== "reasoning") return []
  const { summary, fields } = placeOf(output, item, block, piece.part)
  const text = block.parts[piece.part]?.text ?? ""
  piece.part = undefined
  const textDone = summary ? "response.reasoning_summary_text.done" : "response.reasoning_text.done"
  const partDone = summary ? "response.reasoning_summary_part.done" : "response.content_part.done"
  const { frames } = output
  return [frames.write(textDone, { ...fields, text }), frames.write(partDone, { ...fields, part: thought(summary, text) })]
}

/** Goes on with a part, opening it if it is another than the last. */
export function thoughtDelta(output: Output, item: OutItem, piece: OutPiece, index: number, text: string): Frame[] {
  const block = piece.draft.value()
  if (block.type !== "reasoning") return []
  const opened = openThought(output, item, piece, block, index)
  if (text === "") return opened
  const { summary, fields } = placeOf(output, item, block, index)
  const type = summary ? "response.reasoning_summary_text.delta" : "response.reasoning_text.delta"
  return [...opened, output.frames.write(type, { ...fields, delta: text })]
}
