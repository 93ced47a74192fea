import type { TextBlock } from "../../core/block.ts"
import type { At, StreamEvent } from "../../core/event.ts"
import type { Message } from "../../core/message.ts"
import { type Envelope, sealedHash } from "../../core/seal.ts"
import { asArray, asObject, asString, type Json, type JsonObject } from "../../lib/json.ts"
import { decodeCitation, decodeCitations, decodeLogprobs } from "./citations.ts"
import { decodePart } from "./decode-blocks.ts"
import { decodeItem, decodePhase, type ItemContext, inputText, readCall, readSeal, readStatus } from "./decode-items.ts"
import { isCallersCall } from "./names.ts"
import { carriedBy, sealedText, sealKind } from "./seals.ts"
import {
  appendPart,
  appendPiece,
  cite,
  endItem,
  endPiece,
  type ItemState,
  itemState,
  type Piece,
  restatePart,
  restatePiece,
  startPiece,
} from "./stream-pieces.ts"

/** Follows the items of a streamed answer. Each call adds the events that it means to `out`. */
export interface ItemTracker {
  added(index: number, item: JsonObject, out: StreamEvent[]): void
  partAdded(index: number, content: number, part: JsonObject, out: StreamEvent[]): void
  textDelta(index: number, content: number, frame: JsonObject, refusal: boolean, out: StreamEvent[]): void
  /** A part in full; `ends` when nothing more of it will come. */
  partDone(index: number, content: number, part: JsonObject, ends: boolean, out: StreamEvent[]): readonly At[]
  annotation(index: number, content: number, annotation: Json, out: StreamEvent[]): void
  reasoning(index: number, key: string, text: string, restated: boolean, out: StreamEvent[]): readonly At[]
  inputDelta(index: number, text: string, free: boolean, out: StreamEvent[]): void
  inputDone(index: number, text: string, free: boolean, out: StreamEvent[]): readonly At[]
  done(index: number, item: JsonObject, out: StreamEvent[]): readonly At[]
  /** Ends all that is open, from what the closing frame repeats where it repeats it. */
  close(output: readonly Json[], out: StreamEvent[]): void
  callsTool(): boolean
}

export function itemTracker(context: ItemContext): ItemTracker {
  const items = new Map<number, ItemState>()
  const carriers = new Set<number>()
  let called = false

  /** Puts a seal that came in an item of its own on the block that it is over. */
  function restore(index: number, { seal, over }: Envelope, out: StreamEvent[]): void {
    carriers.add(index)
    const pieces = [...items.values()].flatMap((item) => [...item.pieces.values()].map((piece) => ({ item, piece })))
    const found = pieces.findLast(({ item, piece }) => sealedHash(saidBy(item, piece)) === over)
    if (found) out.push({ type: "block-set", at: found.piece.at, set: { seal } })
  }

  function open(index: number, source: JsonObject, out: StreamEvent[]): ItemState {
    const item = itemState(items.size, source)
    items.set(index, item)
    const id = asString(source.id)
    const value: Omit<Message, "blocks"> = { role: "assistant", ...(id ? { id } : {}) }
    out.push({ type: "message-start", candidate: 0, message: item.message, value })
    return item
  }

  const itemAt = (index: number, type: string, out: StreamEvent[]): ItemState => items.get(index) ?? open(index, { type }, out)

  /** The block of a call or of reasoning. */
  function single(item: ItemState, source: JsonObject, out: StreamEvent[]): Piece {
    const known = item.pieces.get(0)
    if (known) return known
    if (item.type === "reasoning") return startPiece(item, 0, "reasoning", { type: "reasoning", parts: [] }, out)
    const call = { ...readCall(source, item.type === "custom_tool_call", context), input: "" }
    called ||= isCallersCall(call)
    item.call = call
    return startPiece(item, 0, "call", call, out)
  }

  function textPiece(item: ItemState, content: number, refusal: boolean, out: StreamEvent[]): Piece {
    const known = item.pieces.get(content)
    if (known) return known
    if (refusal) return startPiece(item, content, "refusal", { type: "refusal", text: "" }, out)
    const block: TextBlock = { type: "text", text: "", ...(item.phase === undefined ? {} : { phase: item.phase }) }
    return startPiece(item, content, "text", block, out)
  }

  function finish(item: ItemState, source: JsonObject, out: StreamEvent[]): void {
    if (item.ended) return
    item.phase ??= decodePhase(source.phase)
    switch (item.type) {
      case "message":
        for (const [content, part] of (asArray(source.content) ?? []).entries()) finishPart(item, content, part, out)
        break
      case "reasoning":
        finishReasoning(item, source, single(item, source, out), context, out)
        break
      case "function_call":
      case "custom_tool_call":
        finishCall(item, source, single(item, source, out), context, out)
        break
      default:
        for (const [place, block] of decodeItem(source, context, "output").blocks.entries())
          startPiece(item, place, "whole", block, out)
    }
    endItem(item, readStatus(source.status), out)
  }

  function finishPart(item: ItemState, content: number, json: Json, out: StreamEvent[]): void {
    const part = asObject(json) ?? {}
    const refusal = part.type === "refusal"
    if (refusal || part.type === "output_text") {
      const piece = textPiece(item, content, refusal, out)
      restateText(piece, part, context, out)
      endPiece(piece, out)
    } else if (!item.pieces.has(content)) {
      startPiece(item, content, "whole", decodePart(json, "response", item.phase), out)
    }
  }

  return {
    added(index, source, out) {
      if (items.has(index) || carriers.has(index)) return
      const envelope = carriedBy(source)
      if (envelope) return restore(index, envelope, out)
      const item = open(index, source, out)
      if (streamed.has(item.type)) single(item, source, out)
    },
    partAdded(index, content, part, out) {
      const item = itemAt(index, part.type === "reasoning_text" ? "reasoning" : "message", out)
      if (part.type === "refusal" || part.type === "output_text") textPiece(item, content, part.type === "refusal", out)
    },
    textDelta(index, content, frame, refusal, out) {
      const text = asString(frame.delta) ?? ""
      const logprobs = decodeLogprobs(frame.logprobs)
      if (text === "" && !logprobs) return
      const piece = textPiece(itemAt(index, "message", out), content, refusal, out)
      if (!logprobs || piece.ended) return appendPiece(piece, text, out)
      piece.text += text
      piece.hasLogprobs = true
      out.push({ type: "block-delta", at: piece.at, delta: { type: "text", text, logprobs } })
    },
    partDone(index, content, part, ends, out) {
      const item = itemAt(index, "message", out)
      if (part.type !== "refusal" && part.type !== "output_text") return []
      const piece = textPiece(item, content, part.type === "refusal", out)
      restateText(piece, part, context, out)
      if (ends) endPiece(piece, out)
      return [piece.at]
    },
    annotation(index, content, annotation, out) {
      const piece = textPiece(itemAt(index, "message", out), content, false, out)
      cite(piece, [...piece.citations, decodeCitation(annotation, "response")], out)
    },
    reasoning(index, key, text, restated, out) {
      const item = itemAt(index, "reasoning", out)
      const piece = single(item, {}, out)
      if (restated) restatePart(item, piece, key, text, out)
      else if (text !== "") appendPart(item, piece, key, text, out)
      return [piece.at]
    },
    inputDelta(index, text, free, out) {
      appendPiece(single(itemAt(index, free ? "custom_tool_call" : "function_call", out), {}, out), text, out)
    },
    inputDone(index, text, free, out) {
      const piece = single(itemAt(index, free ? "custom_tool_call" : "function_call", out), {}, out)
      restatePiece(piece, text, out)
      return [piece.at]
    },
    done(index, source, out) {
      if (carriers.has(index)) return []
      const item = itemAt(index, asString(source.type) ?? "message", out)
      finish(item, source, out)
      return [...item.pieces.values()].map((piece) => piece.at)
    },
    close(whole, out) {
      const output = whole.filter((item) => !carriedBy(asObject(item) ?? {}))
      const known = [...items.entries()].sort(([left], [right]) => left - right).map(([, item]) => item)
      for (const [place, item] of known.entries()) finish(item, likeItem(output[place], item), out)
      for (const [place, source] of output.slice(known.length).entries()) {
        const item = asObject(source)
        if (item) finish(open(-1 - place - known.length, item, out), item, out)
      }
    },
    callsTool: () => called,
  }
}

/** What a seal over the piece would be over. */
function saidBy(item: ItemState, piece: Piece): string {
  if (piece.type === "call") return sealedText({ type: "tool-call", id: "", name: item.call?.name ?? "", input: piece.text })
  return sealedText({ type: "text", text: piece.text })
}

/** Items whose content is told piece by piece; of others only the finished value counts. */
const streamed: ReadonlySet<string> = new Set(["reasoning", "function_call", "custom_tool_call"])

/** The repeated item if it can be the same one. */
function likeItem(json: Json | undefined, item: ItemState): JsonObject {
  const source = asObject(json)
  return source && (asString(source.type) ?? "message") === item.type ? source : item.source
}

function restateText(piece: Piece, part: JsonObject, { place }: ItemContext, out: StreamEvent[]): void {
  restatePiece(piece, asString(piece.type === "refusal" ? part.refusal : part.text) ?? "", out)
  if (piece.type === "refusal") return
  const citations = decodeCitations(part.annotations, place)
  if (citations.length > piece.citations.length) cite(piece, citations, out)
  const logprobs = piece.hasLogprobs || piece.ended ? undefined : decodeLogprobs(part.logprobs)
  if (!logprobs) return
  piece.hasLogprobs = true
  out.push({ type: "block-delta", at: piece.at, delta: { type: "text", text: "", logprobs } })
}

function finishReasoning(item: ItemState, source: JsonObject, piece: Piece, context: ItemContext, out: StreamEvent[]): void {
  const restate = (json: Json | undefined, mark: string): void => {
    for (const [place, part] of (asArray(json) ?? []).entries())
      restatePart(item, piece, `${mark}${place}`, asString(asObject(part)?.text) ?? "", out)
  }
  restate(source.summary, "s")
  restate(source.content, "c")
  const seal = readSeal(source, sealKind, context)
  if (seal) out.push({ type: "block-set", at: piece.at, set: { seal } })
}

/** Empty arguments are an empty object. */
function finishCall(item: ItemState, source: JsonObject, piece: Piece, context: ItemContext, out: StreamEvent[]): void {
  const free = item.type === "custom_tool_call"
  restatePiece(piece, inputText(free ? source.input : source.arguments), out)
  if (piece.text === "" && !free) appendPiece(piece, "{}", out)
  const { id, name } = readCall(source, free, context)
  if ((name !== "" && name !== item.call?.name) || (id !== "" && id !== item.call?.id))
    out.push({ type: "block-set", at: piece.at, set: { id, name } })
}
