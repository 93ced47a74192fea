import type { Frame } from "../../core/event.ts"
import { type Json, type JsonObject, stringifyJson } from "../../lib/json.ts"

/** The frame of an event; the official SDKs read the name from the `event` line. */
export const frameOf = (event: JsonObject & { readonly type: string }): Frame => ({
  event: event.type,
  data: stringifyJson(event),
})

export const blockStart = (index: number, block: Json): Frame =>
  frameOf({ type: "content_block_start", index, content_block: block })
export const blockDelta = (index: number, delta: JsonObject): Frame => frameOf({ type: "content_block_delta", index, delta })
export const blockStop = (index: number): Frame => frameOf({ type: "content_block_stop", index })
