import type { Block, Citation, ToolCallBlock } from "../../core/block.ts"
import type { At, StreamEvent } from "../../core/event.ts"
import type { Message } from "../../core/message.ts"
import { asString, type JsonObject } from "../../lib/json.ts"
import { decodePhase } from "./decode-items.ts"

/** One block of an item in the making. What its frames repeat is compared with what was said before. */
export interface Piece {
  readonly at: At
  readonly type: "text" | "refusal" | "call" | "reasoning" | "whole"
  /** The block of one that comes in one piece. */
  readonly whole?: Block
  /** Text or input so far. */
  text: string
  ended: boolean
  /** A seal that came apart from it has been put on it. */
  sealed: boolean
  citations: readonly Citation[]
  hasLogprobs: boolean
}

/** An item as its frames tell it: by output index, since one vendor gives it a new id in every frame. */
export interface ItemState {
  readonly message: number
  readonly type: string
  /** The item as it was announced. */
  readonly source: JsonObject
  /** The call as it began. */
  call: ToolCallBlock | undefined
  phase: string | undefined
  ended: boolean
  /** By content index; calls and reasoning have one, at 0. */
  readonly pieces: Map<number, Piece>
  /** Parts of reasoning by `s0` or `c0`, in order of appearance. */
  readonly parts: Map<string, { readonly index: number; text: string }>
  /** How many blocks have begun. */
  blocks: number
}

export const itemState = (message: number, source: JsonObject): ItemState => ({
  message,
  type: asString(source.type) ?? "message",
  source,
  call: undefined,
  phase: decodePhase(source.phase),
  ended: false,
  pieces: new Map(),
  parts: new Map(),
  blocks: 0,
})

export function startPiece(item: ItemState, key: number, type: Piece["type"], block: Block, out: StreamEvent[]): Piece {
  const at: At = { candidate: 0, message: item.message, block: item.blocks++ }
  const state = { text: "", ended: false, sealed: false, citations: [], hasLogprobs: false }
  const piece: Piece = { at, type, ...state, ...(type === "whole" ? { whole: block } : {}) }
  item.pieces.set(key, piece)
  out.push({ type: "block-start", at, block })
  return piece
}

export function endPiece(piece: Piece, out: StreamEvent[]): void {
  if (piece.ended) return
  piece.ended = true
  out.push({ type: "block-end", at: piece.at })
}

/** Appends while the block is open; after its end it can only be replaced. */
export function appendPiece(piece: Piece, text: string, out: StreamEvent[]): void {
  if (text === "") return
  piece.text += text
  const { at } = piece
  if (piece.ended) out.push({ type: "block-set", at, set: piece.type === "call" ? { input: piece.text } : { text: piece.text } })
  else out.push({ type: "block-delta", at, delta: { type: piece.type === "call" ? "input" : "text", text } })
}

/** What a frame repeats in full wins over what was said piece by piece, unless it is empty. */
export function restatePiece(piece: Piece, whole: string, out: StreamEvent[]): void {
  if (whole === "" || whole === piece.text) return
  if (whole.startsWith(piece.text)) {
    appendPiece(piece, whole.slice(piece.text.length), out)
    return
  }
  piece.text = whole
  out.push({ type: "block-set", at: piece.at, set: piece.type === "call" ? { input: whole } : { text: whole } })
}

export function cite(piece: Piece, citations: readonly Citation[], out: StreamEvent[]): void {
  piece.citations = citations
  out.push({ type: "block-set", at: piece.at, set: { citations } })
}

/** Adds to a part of the reasoning, making it if it is new; a part may be empty. */
export function appendPart(item: ItemState, piece: Piece, key: string, text: string, out: StreamEvent[]): void {
  const known = item.parts.get(key)
  const part = known ?? { index: item.parts.size, text: "" }
  if (known && text === "") return
  item.parts.set(key, part)
  part.text += text
  if (piece.ended) return
  const summary = key.startsWith("s") ? { summary: true as const } : {}
  out.push({ type: "block-delta", at: piece.at, delta: { type: "part", index: part.index, text, ...summary } })
}

/** A part that disagrees with its deltas keeps what the deltas said. */
export function restatePart(item: ItemState, piece: Piece, key: string, whole: string, out: StreamEvent[]): void {
  const said = item.parts.get(key)?.text
  if (said === undefined) appendPart(item, piece, key, whole, out)
  else if (whole.startsWith(said)) appendPart(item, piece, key, whole.slice(said.length), out)
}

export function endItem(item: ItemState, status: Message["status"], out: StreamEvent[]): void {
  for (const piece of item.pieces.values()) endPiece(piece, out)
  item.ended = true
  const end: StreamEvent = { type: "message-end", candidate: 0, message: item.message }
  out.push(status === undefined ? end : { ...end, status })
}
