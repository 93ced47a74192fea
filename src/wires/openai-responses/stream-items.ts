import type { TextBlock } from "../../core/block.ts"
import type { At, StreamEvent } from "../../core/event.ts"
import type { Message } from "../../core/message.ts"
import { type Envelope, sealedHash } from "../../core/seal.ts"
import { asArray, asObject, asString, type Json, type JsonObject } from "../../lib/json.ts"
import { decodeCitation, decodeCitations, decodeLogprobs } from "./citations.ts"
import { decodePart } from "./decode-blocks.ts"
import { decodeItem, decodePhase, type ItemContext, inputText, readCall, readSeal, readStatus } from "./decode-items.ts"
import { standsForCall } from "./lone-calls.ts"
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

/** What is known of the items of a streamed answer. The functions below add the events that a frame means to `out`. */
export interface Tracker {
  readonly context: ItemContext
  readonly items: Map<number, ItemState>
  /** Indices of items that only carry a seal. */
  readonly carriers: Set<number>
  /** Seals that nothing said so far is under: the block may be yet to come. */
  waiting: Envelope[]
  /** A tool of the caller's has been called. */
  called: boolean
}

export const newTracker = (context: ItemContext): Tracker => ({
  context,
  items: new Map(),
  carriers: new Set(),
  waiting: [],
  called: false,
})

/**
 * Puts a seal that came in an item of its own on the block that it is over: of equal ones the nearest to its place. False where it is over none, or
 * where its place is yet to come.
 */
function restoreSeal({ items }: Tracker, { seal, over, at }: Envelope, isLast: boolean, out: StreamEvent[]): boolean {
  const pieces = [...items.values()].flatMap((item) => [...item.pieces.values()].map((piece) => ({ item, piece })))
  if (!isLast && at >= pieces.length) return false
  let best: { readonly piece: Piece; readonly distance: number } | undefined
  for (const [ordinal, { item, piece }] of pieces.entries()) {
    const distance = Math.abs(ordinal - at)
    if (piece.sealed || (best && best.distance <= distance) || sealedHash(saidBy(item, piece)) !== over) continue
    best = { piece, distance }
  }
  if (!best) return false
  best.piece.sealed = true
  out.push({ type: "block-set", at: best.piece.at, set: { seal } })
  return true
}

function openItem({ items }: Tracker, index: number, source: JsonObject, out: StreamEvent[]): ItemState {
  const item = itemState(items.size, source)
  items.set(index, item)
  const id = asString(source.id)
  const value: Omit<Message, "blocks"> = { role: "assistant", ...(id ? { id } : {}) }
  out.push({ type: "message-start", candidate: 0, message: item.message, value })
  return item
}

const itemAt = (tracker: Tracker, index: number, type: string, out: StreamEvent[]): ItemState =>
  tracker.items.get(index) ?? openItem(tracker, index, { type }, out)

/** Undefined where the index belongs to an item of another type: its pieces are no call's. */
function callAt(tracker: Tracker, index: number, free: boolean, out: StreamEvent[]): Piece | undefined {
  const item = itemAt(tracker, index, free ? "custom_tool_call" : "function_call", out)
  return item.type === "custom_tool_call" || item.type === "function_call" ? single(tracker, item, {}, out) : undefined
}

/** The block of a call or of reasoning. */
function single(tracker: Tracker, item: ItemState, source: JsonObject, out: StreamEvent[]): Piece {
  const known = item.pieces.get(0)
  if (known) return known
  if (item.type === "reasoning") return startPiece(item, 0, "reasoning", { type: "reasoning", parts: [] }, out)
  const call = { ...readCall(source, item.type === "custom_tool_call", tracker.context), input: "" }
  tracker.called ||= isCallersCall(call)
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

export function itemAdded(tracker: Tracker, index: number, source: JsonObject, out: StreamEvent[]): void {
  if (tracker.items.has(index) || tracker.carriers.has(index)) return
  const envelope = carriedBy(source)
  if (envelope) {
    tracker.carriers.add(index)
    if (!restoreSeal(tracker, envelope, false, out)) tracker.waiting.push(envelope)
    return
  }
  const item = openItem(tracker, index, standsForCall(source) ? { ...source, type: "call" } : source, out)
  if (streamed.has(item.type)) single(tracker, item, source, out)
}

const isText = (part: JsonObject): boolean => part.type === "refusal" || part.type === "output_text"

export function partAdded(tracker: Tracker, index: number, content: number, part: JsonObject, out: StreamEvent[]): void {
  const item = itemAt(tracker, index, part.type === "reasoning_text" ? "reasoning" : "message", out)
  if (isText(part)) textPiece(item, content, part.type === "refusal", out)
}

export function textDelta(tracker: Tracker, place: Place, frame: JsonObject, refusal: boolean, out: StreamEvent[]): void {
  const text = asString(frame.delta) ?? ""
  const logprobs = decodeLogprobs(frame.logprobs)
  if (text === "" && !logprobs) return
  const piece = textPiece(itemAt(tracker, place.index, "message", out), place.content, refusal, out)
  if (!logprobs || piece.ended) {
    appendPiece(piece, text, out)
    return
  }
  piece.text += text
  piece.hasLogprobs = true
  out.push({ type: "block-delta", at: piece.at, delta: { type: "text", text, logprobs } })
}

/** Where a part is: its item's index, and its own in the content. */
export interface Place {
  readonly index: number
  readonly content: number
}

/** A part in full; `ends` when nothing more of it will come. */
export function partDone(tracker: Tracker, place: Place, part: JsonObject, ends: boolean, out: StreamEvent[]): readonly At[] {
  const item = itemAt(tracker, place.index, "message", out)
  if (!isText(part)) return []
  const piece = textPiece(item, place.content, part.type === "refusal", out)
  restateText(piece, part, tracker.context, out)
  if (ends) endPiece(piece, out)
  return [piece.at]
}

export function annotationAdded(tracker: Tracker, place: Place, annotation: Json, out: StreamEvent[]): void {
  const piece = textPiece(itemAt(tracker, place.index, "message", out), place.content, false, out)
  cite(piece, [...piece.citations, decodeCitation(annotation, "response")], out)
}

export function thoughtDelta(tracker: Tracker, index: number, key: string, text: string, out: StreamEvent[]): void {
  const item = itemAt(tracker, index, "reasoning", out)
  if (item.type !== "reasoning") return
  const piece = single(tracker, item, {}, out)
  if (text !== "") appendPart(item, piece, key, text, out)
}

export function thoughtDone(tracker: Tracker, index: number, key: string, text: string, out: StreamEvent[]): readonly At[] {
  const item = itemAt(tracker, index, "reasoning", out)
  if (item.type !== "reasoning") return []
  const piece = single(tracker, item, {}, out)
  restatePart(item, piece, key, text, out)
  return [piece.at]
}

export function inputDelta(tracker: Tracker, index: number, text: string, free: boolean, out: StreamEvent[]): void {
  const piece = callAt(tracker, index, free, out)
  if (piece) appendPiece(piece, text, out)
}

export function inputDone(tracker: Tracker, index: number, text: string, free: boolean, out: StreamEvent[]): readonly At[] {
  const piece = callAt(tracker, index, free, out)
  if (!piece) return []
  restatePiece(piece, text, out)
  return [piece.at]
}

export function itemDone(tracker: Tracker, index: number, source: JsonObject, out: StreamEvent[]): readonly At[] {
  if (tracker.carriers.has(index)) return []
  const item = itemAt(tracker, index, asString(source.type) ?? "message", out)
  finishItem(tracker, item, source, out)
  return [...item.pieces.values()].map((piece) => piece.at)
}

/** Ends all that is open, from what the closing frame repeats where it repeats it. False: some seals belong to nothing that was said. */
export function closeItems(tracker: Tracker, whole: readonly Json[], out: StreamEvent[]): boolean {
  const output = whole.filter((item) => !carriedBy(asObject(item) ?? {}))
  const known = [...tracker.items.entries()].sort(([left], [right]) => left - right).map(([, item]) => item)
  for (const [place, item] of known.entries()) finishItem(tracker, item, likeItem(output[place], item), out)
  for (const [place, source] of output.slice(known.length).entries()) {
    const item = asObject(source)
    if (item) finishItem(tracker, openItem(tracker, -1 - place - known.length, item, out), item, out)
  }
  return tracker.waiting.filter((envelope) => !restoreSeal(tracker, envelope, true, out)).length === 0
}

function finishItem(tracker: Tracker, item: ItemState, source: JsonObject, out: StreamEvent[]): void {
  if (item.ended) return
  const { context } = tracker
  item.phase ??= decodePhase(source.phase)
  switch (item.type) {
    case "message":
      for (const [content, part] of (asArray(source.content) ?? []).entries()) finishPart(item, content, part, context, out)
      break
    case "reasoning":
      finishReasoning(item, source, single(tracker, item, source, out), context, out)
      break
    case "function_call":
    case "custom_tool_call":
      finishCall(item, source, single(tracker, item, source, out), context, out)
      break
    default:
      for (const [place, block] of decodeItem(source, context, "output").blocks.entries())
        if (!item.pieces.has(place)) startPiece(item, place, "whole", block, out)
  }
  endItem(item, readStatus(source.status), out)
}

function finishPart(item: ItemState, content: number, json: Json, context: ItemContext, out: StreamEvent[]): void {
  const part = asObject(json) ?? {}
  if (isText(part)) {
    const piece = textPiece(item, content, part.type === "refusal", out)
    restateText(piece, part, context, out)
    endPiece(piece, out)
  } else if (!item.pieces.has(content)) {
    startPiece(item, content, "whole", decodePart(json, "response", item.phase), out)
  }
}

/** What a seal over the piece would be over. */
function saidBy(item: ItemState, piece: Piece): string {
  if (piece.type === "call") return sealedText({ type: "tool-call", id: "", name: item.call?.name ?? "", input: piece.text })
  return sealedText(piece.whole ?? { type: "text", text: piece.text })
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
