import type { Block, TextBlock } from "../../core/block.ts"
import type { Delta, Frame } from "../../core/event.ts"
import { asObject, type Json, type JsonObject } from "../../lib/json.ts"
import { partContext } from "./build-items.ts"
import { encodeCitations, encodeLogprobs } from "./citations.ts"
import { encodePart } from "./encode-blocks.ts"
import type { OutItem, OutPiece } from "./out-item.ts"
import { closeThought, thoughtDelta } from "./out-thoughts.ts"
import type { Output } from "./output.ts"

const path = "candidates[*].messages[*].blocks[*]"

const place = (item: OutItem, piece: OutPiece): JsonObject => ({
  item_id: item.id,
  output_index: item.index,
  content_index: piece.content,
})

/** A part of a message as it stands; null for what no part can hold. */
export function partJson({ exchange }: Pick<Output, "exchange">, item: OutItem, block: Block): Json {
  const message = { role: "assistant" as const, blocks: [] }
  const context = { side: "response" as const, exchange, path, at: item.at, id: item.id, message }
  return encodePart(block, partContext(context, true)) ?? null
}

/** Citations that have not been told yet. */
export function annotationFrames({ frames, exchange }: Output, item: OutItem, piece: OutPiece, block: TextBlock): Frame[] {
  const all = (block.citations ?? []).slice(piece.cited)
  if (all.length === 0) return []
  const from = piece.cited
  piece.cited += all.length
  return encodeCitations(all, path, "response", "response", exchange.note).map((annotation, offset) =>
    frames.write("response.output_text.annotation.added", {
      ...place(item, piece),
      annotation_index: from + offset,
      annotation,
    }),
  )
}

/** The frames that show a block as it begins, all of it that is there already. */
export function startFrames(output: Output, item: OutItem, piece: OutPiece): Frame[] {
  const block = piece.draft.value()
  const added = (part: JsonObject) => output.frames.write("response.content_part.added", { ...place(item, piece), part })
  switch (block.type) {
    case "text": {
      const opened = added({ type: "output_text", annotations: [], logprobs: [], text: "" })
      const said: Delta = { type: "text", text: block.text, ...(block.logprobs ? { logprobs: block.logprobs } : {}) }
      return [opened, ...deltaFrames(output, item, piece, said), ...annotationFrames(output, item, piece, block)]
    }
    case "refusal":
      return [added({ type: "refusal", refusal: "" }), ...deltaFrames(output, item, piece, { type: "text", text: block.text })]
    case "reasoning":
      return block.parts.flatMap((part, index) => thoughtDelta(output, item, piece, index, part.text))
    case "tool-call":
      return inputDelta(output, item, block.form === "text", block.input)
    default:
      return []
  }
}

export function deltaFrames(output: Output, item: OutItem, piece: OutPiece, delta: Delta): Frame[] {
  switch (delta.type) {
    case "text":
      return textDelta(output, item, piece, delta)
    case "part":
      return thoughtDelta(output, item, piece, delta.index, delta.text)
    case "input": {
      const block = piece.draft.start
      return block.type === "tool-call" ? inputDelta(output, item, block.form === "text", delta.text) : []
    }
    case "transcript":
    case "bytes":
      return []
    default:
      return delta satisfies never
  }
}

function textDelta({ frames }: Output, item: OutItem, piece: OutPiece, delta: Extract<Delta, { type: "text" }>): Frame[] {
  const { text } = delta
  if (piece.type === "refusal")
    return text === "" ? [] : [frames.write("response.refusal.delta", { ...place(item, piece), delta: text })]
  if (piece.type !== "text" || (text === "" && !delta.logprobs)) return []
  const logprobs = encodeLogprobs(delta.logprobs)
  return [frames.write("response.output_text.delta", { ...place(item, piece), delta: text, logprobs })]
}

function inputDelta({ frames }: Output, item: OutItem, free: boolean, delta: string): Frame[] {
  if (delta === "") return []
  const type = free ? "response.custom_tool_call_input.delta" : "response.function_call_arguments.delta"
  return [frames.write(type, { item_id: item.id, output_index: item.index, delta })]
}

/** What repeats a block in full once it has ended. */
export function endFrames(output: Output, item: OutItem, piece: OutPiece): Frame[] {
  const block = piece.draft.value()
  if (block.type === "reasoning") return closeThought(output, item, piece)
  if (piece.textDone) return piece.partDone || block.type === "tool-call" ? [] : endPart(output, item, piece, block)
  piece.textDone = true
  if (block.type === "tool-call") return endInput(output, item, block.form === "text", block.input)
  return [...textDone(output, item, piece, block), ...endPart(output, item, piece, block)]
}

function textDone(output: Output, item: OutItem, piece: OutPiece, block: Block): Frame[] {
  const { frames } = output
  if (block.type === "refusal") return [frames.write("response.refusal.done", { ...place(item, piece), refusal: block.text })]
  if (block.type !== "text") return []
  const { text = "", logprobs = [] } = asObject(partJson(output, item, block)) ?? {}
  return [frames.write("response.output_text.done", { ...place(item, piece), text, logprobs })]
}

/** Parts of other kinds than text are shown here for the first time. */
function endPart(output: Output, item: OutItem, piece: OutPiece, block: Block): Frame[] {
  piece.partDone = true
  const part = partJson(output, item, block)
  if (item.kind !== "message" || part === null) return []
  const fields = { ...place(item, piece), part }
  const isText = block.type === "text" || block.type === "refusal"
  const added = isText ? [] : [output.frames.write("response.content_part.added", fields)]
  return [...added, output.frames.write("response.content_part.done", fields)]
}

function endInput(output: Output, item: OutItem, free: boolean, input: string): Frame[] {
  const fields = { item_id: item.id, output_index: item.index }
  if (free) return [output.frames.write("response.custom_tool_call_input.done", { ...fields, input })]
  const empty = input === "" ? inputDelta(output, item, free, "{}") : []
  const name = item.name === undefined ? {} : { name: item.name }
  const done = { ...fields, ...name, arguments: input || "{}" }
  return [...empty, output.frames.write("response.function_call_arguments.done", done)]
}
