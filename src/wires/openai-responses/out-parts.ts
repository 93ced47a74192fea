import type { Block, ReasoningBlock, TextBlock } from "../../core/block.ts"
import type { Delta, Frame } from "../../core/event.ts"
import type { Exchange } from "../../core/exchange.ts"
import { asObject, type Json, type JsonObject } from "../../lib/json.ts"
import { asksSummary, partContext } from "./build-items.ts"
import { encodeCitations, encodeLogprobs } from "./citations.ts"
import { encodePart } from "./encode-blocks.ts"
import type { FrameWriter } from "./out-frames.ts"
import type { OutItem, OutPiece } from "./out-item.ts"

const path = "candidates[*].messages[*].blocks[*]"

/** Writes the frames about the inside of items. */
export function partWriter(frames: FrameWriter, exchange: Exchange) {
  const place = (item: OutItem, piece: OutPiece): JsonObject => ({
    item_id: item.id,
    output_index: item.index,
    content_index: piece.content,
  })
  const write = (type: string, fields: JsonObject): Frame => frames.write(`response.${type}`, fields)

  function annotations(item: OutItem, piece: OutPiece, block: TextBlock): Frame[] {
    const all = (block.citations ?? []).slice(piece.cited)
    if (all.length === 0) return []
    const list = encodeCitations(all, path, "response", "response", exchange.note)
    const from = piece.cited
    piece.cited += all.length
    return list.map((annotation, offset) =>
      write("output_text.annotation.added", { ...place(item, piece), annotation_index: from + offset, annotation }),
    )
  }

  /** The part as it stands. */
  function partJson(item: OutItem, block: Block): Json {
    const context = { side: "response" as const, exchange, path, at: item.at, id: item.id }
    return encodePart(block, partContext({ ...context, message: { role: "assistant", blocks: [] } }, true)) ?? null
  }

  /** Where the open part of a reasoning stands among its kind. */
  function partPlace(item: OutItem, block: ReasoningBlock, index: number): { summary: boolean; fields: JsonObject } {
    const summary = isSummary(block, index)
    const before = block.parts.slice(0, index).filter((_, other) => isSummary(block, other) === summary).length
    const fields = { item_id: item.id, output_index: item.index, [summary ? "summary_index" : "content_index"]: before }
    return { summary, fields }
  }

  const isSummary = (block: ReasoningBlock, index: number): boolean =>
    block.parts[index]?.summary === true || asksSummary({ side: "response", exchange })

  function openPart(item: OutItem, piece: OutPiece, block: ReasoningBlock, index: number): Frame[] {
    if (piece.part === index) return []
    const closed = closePart(item, piece)
    piece.part = index
    const { summary, fields } = partPlace(item, block, index)
    const part = { type: summary ? "summary_text" : "reasoning_text", text: "" }
    return [...closed, write(summary ? "reasoning_summary_part.added" : "content_part.added", { ...fields, part })]
  }

  function closePart(item: OutItem, piece: OutPiece): Frame[] {
    const block = piece.draft.value()
    if (piece.part === undefined || block.type !== "reasoning") return []
    const { summary, fields } = partPlace(item, block, piece.part)
    const text = block.parts[piece.part]?.text ?? ""
    piece.part = undefined
    const part = { type: summary ? "summary_text" : "reasoning_text", text }
    return [
      write(summary ? "reasoning_summary_text.done" : "reasoning_text.done", { ...fields, text }),
      write(summary ? "reasoning_summary_part.done" : "content_part.done", { ...fields, part }),
    ]
  }

  function partDelta(item: OutItem, piece: OutPiece, index: number, text: string): Frame[] {
    const block = piece.draft.value()
    if (block.type !== "reasoning") return []
    const opened = openPart(item, piece, block, index)
    const { summary, fields } = partPlace(item, block, index)
    if (text === "") return opened
    return [...opened, write(summary ? "reasoning_summary_text.delta" : "reasoning_text.delta", { ...fields, delta: text })]
  }

  function inputDelta(item: OutItem, free: boolean, delta: string): Frame[] {
    if (delta === "") return []
    const type = free ? "custom_tool_call_input.delta" : "function_call_arguments.delta"
    return [write(type, { item_id: item.id, output_index: item.index, delta })]
  }

  return {
    annotations,
    /** The frames that show a block as it begins, all of it that is there already. */
    start(item: OutItem, piece: OutPiece): Frame[] {
      const block = piece.draft.value()
      switch (block.type) {
        case "text": {
          const part = { type: "output_text", annotations: [], logprobs: [], text: "" }
          const said: Delta = { type: "text", text: block.text, ...(block.logprobs ? { logprobs: block.logprobs } : {}) }
          const added = write("content_part.added", { ...place(item, piece), part })
          return [added, ...this.delta(item, piece, said), ...annotations(item, piece, block)]
        }
        case "refusal": {
          const added = write("content_part.added", { ...place(item, piece), part: { type: "refusal", refusal: "" } })
          return [added, ...this.delta(item, piece, { type: "text", text: block.text })]
        }
        case "reasoning":
          return block.parts.flatMap((part, index) => partDelta(item, piece, index, part.text))
        case "tool-call":
          return inputDelta(item, block.form === "text", block.input)
        default:
          return []
      }
    },
    delta(item: OutItem, piece: OutPiece, delta: Delta): Frame[] {
      switch (delta.type) {
        case "text": {
          if (piece.type === "refusal")
            return delta.text === "" ? [] : [write("refusal.delta", { ...place(item, piece), delta: delta.text })]
          if (piece.type !== "text" || (delta.text === "" && !delta.logprobs)) return []
          const logprobs = encodeLogprobs(delta.logprobs)
          return [write("output_text.delta", { ...place(item, piece), delta: delta.text, logprobs })]
        }
        case "part":
          return partDelta(item, piece, delta.index, delta.text)
        case "input": {
          const block = piece.draft.value()
          return block.type === "tool-call" ? inputDelta(item, block.form === "text", delta.text) : []
        }
        case "transcript":
        case "bytes":
          return []
        default:
          return delta satisfies never
      }
    },
    /** What repeats a block in full once it has ended. */
    end(item: OutItem, piece: OutPiece): Frame[] {
      const block = piece.draft.value()
      if (block.type === "reasoning") return closePart(item, piece)
      if (piece.textDone) return piece.partDone || block.type === "tool-call" ? [] : endPart(item, piece, block)
      piece.textDone = true
      if (block.type === "tool-call") return endInput(item, block.form === "text", block.input)
      return [...textDone(item, piece, block), ...endPart(item, piece, block)]
    },
  }

  function textDone(item: OutItem, piece: OutPiece, block: Block): Frame[] {
    if (block.type === "refusal") return [write("refusal.done", { ...place(item, piece), refusal: block.text })]
    if (block.type !== "text") return []
    const { text, logprobs = [] } = asObject(partJson(item, block)) ?? {}
    return [write("output_text.done", { ...place(item, piece), text: text ?? "", logprobs })]
  }

  /** Parts of other kinds than text are shown here for the first time. */
  function endPart(item: OutItem, piece: OutPiece, block: Block): Frame[] {
    piece.partDone = true
    const part = partJson(item, block)
    if (item.kind !== "message" || part === null) return []
    const fields = { ...place(item, piece), part }
    const isText = block.type === "text" || block.type === "refusal"
    return [...(isText ? [] : [write("content_part.added", fields)]), write("content_part.done", fields)]
  }

  function endInput(item: OutItem, free: boolean, input: string): Frame[] {
    const fields = { item_id: item.id, output_index: item.index }
    if (free) return [write("custom_tool_call_input.done", { ...fields, input })]
    const empty = input === "" ? inputDelta(item, free, "{}") : []
    const name = item.name === undefined ? {} : { name: item.name }
    return [...empty, write("function_call_arguments.done", { ...fields, ...name, arguments: input || "{}" })]
  }
}

export type PartWriter = ReturnType<typeof partWriter>
