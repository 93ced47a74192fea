import type { Exchange } from "../../core/exchange.ts"
import type { LensContext } from "../../core/lens.ts"
import { attach, type Issuer, type Node, nothing, type Place, type WireId } from "../../core/node.ts"
import type { Note } from "../../core/notice.ts"
import type { Json, JsonObject } from "../../lib/json.ts"
import { restIn, type Shape } from "./shape.ts"

/** The Messages API, https://platform.claude.com/docs/en/api/messages. */
export const wireId: WireId = "anthropic-messages"

/** Who issued what arrives here without an envelope. */
export const home: Issuer = "anthropic"

/** What decoding a node needs to know. */
export interface DecodeContext {
  readonly place: Place
  readonly note: Note
  /** Who issued a seal that comes bare. */
  readonly issuer: Issuer
  /** Present for an answer: undoes what the request encoder did to names, ids and tools. */
  readonly exchange?: Exchange
  /** The caller speaks another format, which has no room for all that the vendor's own tools say. */
  readonly sealsHosted?: true
  /** The id of a call that came without one. */
  missingId(name: string, input: string): string
}

/** What encoding a node needs to know; `path` is where the node sits in the hub value. */
export interface EncodeContext extends LensContext {
  readonly exchange: Exchange
}

export const inside = (context: EncodeContext, path: string): EncodeContext => ({
  wire: context.wire,
  place: context.place,
  side: context.side,
  note: context.note,
  exchange: context.exchange,
  path,
})

/** Puts the ride-along on a node of this wire; without `json` for what has no value of its own. */
export function ride<N extends Node>(node: N, context: DecodeContext, json?: JsonObject, shape?: Shape): N {
  const { place } = context
  if (json === undefined) return attach(node, { wire: wireId, place })
  return attach(node, { wire: wireId, place, json, rest: shape === undefined ? nothing : restIn(json, shape) })
}

/** The object without its absent members, so that a key is there only if it says something. */
export function present(members: Readonly<Record<string, Json | undefined>>): JsonObject {
  const result: Record<string, Json> = {}
  for (const key in members) {
    const value = members[key]
    if (value !== undefined) result[key] = value
  }
  return result
}
