import type { ToolCallBlock } from "../../core/block.ts"
import type { Frame } from "../../core/event.ts"
import type { Exchange } from "../../core/exchange.ts"
import { overlay } from "../../core/lens.ts"
import { sealForClient } from "../../core/seal.ts"
import { asArray, asNumber, asObject, asString, type Json, type JsonObject } from "../../lib/json.ts"
import { hostedKeys, hostedType } from "./hosted.ts"
import { patched, payloadOf } from "./out-frames.ts"
import { blocksOf, itemJson, type OutItem, type OutPiece } from "./out-item.ts"
import { partJson } from "./out-parts.ts"
import { sealedText } from "./seals.ts"
import { home } from "./types.ts"

/** What a frame is rendered anew from. */
export interface Restating {
  readonly exchange: Exchange
  readonly items: readonly OutItem[]
  /** True for a block that was edited on the way. */
  isEdited(piece: OutPiece): boolean
  /** True for a block that is as it was, but whose seal is another vendor's. */
  isWrapped(piece: OutPiece): boolean
}

/** A vendor's frame with what it repeats of edited blocks replaced by what they say now; the frame itself where it repeats none. */
export function restate(frame: Frame, context: Restating): Frame {
  const body = payloadOf(frame)
  const type = asString(body?.type)
  if (!body || type === undefined) return frame
  const response = asObject(body.response)
  if (response) {
    const output = asArray(response.output)
    return output ? patched(frame, { response: restateResponse(response, output, context) }) : frame
  }
  const item = context.items.find((one) => one.index === asNumber(body.output_index))
  if (!item) return frame
  const values =
    type === "response.output_item.done" ? restatedItem(body, item, context) : restatedPart(body, type, item, context)
  return values ? patched(frame, values) : frame
}

const isEdited = (item: OutItem, context: Restating): boolean =>
  item.pieces.some((piece) => context.isEdited(piece) || context.isWrapped(piece))

function restateResponse(response: JsonObject, output: readonly Json[], context: Restating): JsonObject {
  const ordered = [...context.items].sort((left, right) => left.index - right.index)
  const items = output.map((json, place) => {
    const item = ordered[place]
    const source = asObject(json)
    return item && source && isEdited(item, context) ? restateItem(source, item, context) : json
  })
  const { output_text: _, ...rest } = response
  return { ...(items.every((json, place) => json === output[place]) ? response : rest), output: items }
}

function restatedItem(body: JsonObject, item: OutItem, context: Restating): Record<string, Json> | undefined {
  const source = asObject(body.item)
  return source && isEdited(item, context) ? { item: restateItem(source, item, context) } : undefined
}

/** The vendor's item with its own ids and unknown keys; what leans on an edited text is gone. */
function restateItem(source: JsonObject, item: OutItem, context: Restating): JsonObject {
  const blocks = blocksOf(item)
  const [block] = blocks
  const [piece] = item.pieces
  if (block?.seal && piece && !context.isEdited(piece) && "encrypted_content" in source)
    return { ...source, encrypted_content: sealForClient(block.seal, home, item.at, sealedText(block)) }
  switch (block?.type) {
    case "reasoning": {
      const part = (type: string) => (one: { text: string }) => ({ type, text: one.text })
      const { encrypted_content: _, ...rest } = source
      const content = block.parts.filter((one) => !one.summary).map(part("reasoning_text"))
      const summary = block.parts.filter((one) => one.summary).map(part("summary_text"))
      return { ...rest, summary, ...("content" in source || content.length > 0 ? { content } : {}) }
    }
    case "tool-call":
      if (block.by === "provider") return restateHosted(source, block, item, context)
      return { ...source, [block.form === "text" ? "input" : "arguments"]: block.input }
    default: {
      const parts = asArray(source.content)
      if (!parts) return source
      const content = item.pieces.map((piece, place) =>
        context.isEdited(piece)
          ? partJson(context, item, piece.draft.value())
          : (parts[place] ?? partJson(context, item, piece.draft.value())),
      )
      return { ...source, content: content.filter((one) => one !== null) }
    }
  }
}

function restateHosted(source: JsonObject, call: ToolCallBlock, item: OutItem, { exchange }: Restating): JsonObject {
  const type = hostedType(call)
  const built = asObject(itemJson(item, exchange))
  return type && built ? overlay(source, built, new Set(["blocks"]), { blocks: hostedKeys[type] }) : source
}

/** New values for a frame that repeats one part or one input. */
function restatedPart(body: JsonObject, type: string, item: OutItem, context: Restating): Record<string, Json> | undefined {
  const [first] = item.pieces
  const block = first?.draft.value()
  if (first && block?.type === "tool-call") {
    const key = type.endsWith("custom_tool_call_input.done") ? "input" : "arguments"
    return context.isEdited(first) && type.endsWith(".done") && key in body ? { [key]: block.input } : undefined
  }
  if (first && block?.type === "reasoning") return context.isEdited(first) ? restatedThought(body, type, block.parts) : undefined
  const piece = item.pieces.find((one) => one.content === asNumber(body.content_index))
  if (!piece || !context.isEdited(piece)) return undefined
  const part = asObject(partJson(context, item, piece.draft.value())) ?? {}
  switch (type) {
    case "response.output_text.done":
      return { text: part.text ?? "", ...("logprobs" in body ? { logprobs: part.logprobs ?? [] } : {}) }
    case "response.refusal.done":
      return { refusal: part.refusal ?? "" }
    case "response.content_part.done":
      return { part }
    default:
      return undefined
  }
}

function restatedThought(
  body: JsonObject,
  type: string,
  parts: readonly { readonly text: string; readonly summary?: true }[],
): Record<string, Json> | undefined {
  if (!type.endsWith(".done")) return undefined
  const summary = type.includes("summary")
  const index = asNumber(summary ? body.summary_index : body.content_index) ?? 0
  const text = parts.filter((part) => (part.summary === true) === summary)[index]?.text ?? ""
  const part = asObject(body.part)
  return part ? { part: { ...part, text } } : { text }
}
