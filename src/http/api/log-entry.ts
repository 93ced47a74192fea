import type { CallRecord, LogEntry, Payload } from "../../core/record.ts"
import type { Json } from "../../lib/json.ts"
import { validUtf8 } from "../../lib/utf8.ts"

/** Answer of `GET /api/logs/:id`. */
export interface LogEntryView {
  readonly record: CallRecord
  readonly payloads: readonly PayloadView[]
}

export interface PayloadView {
  readonly side: Payload["side"]
  readonly wire: string
  readonly contentType: string
  /** Bytes as they went over the wire. */
  readonly size: number
  /** The log kept only the beginning. */
  readonly cut?: true
  /** Where the bytes are UTF-8; else there is `base64`. */
  readonly text?: string
  readonly base64?: string
  /** The same in no vendor's terms, where that could be made of it. */
  readonly decoded?: Json
}

/** What a payload says in the hub's terms; undefined when nobody can read it. */
export type DecodePayload = (payload: Payload) => Json | undefined

export const entryView = ({ record, payloads }: LogEntry, decode: DecodePayload): LogEntryView => ({
  record,
  payloads: payloads.map((payload) => payloadView(payload, decode)),
})

function payloadView(payload: Payload, decode: DecodePayload): PayloadView {
  const { side, wire, contentType, size, bytes } = payload
  const cut = bytes.length < size
  const shown = cut ? wholeCharacters(bytes) : bytes
  const decoded = readable(payload, decode)
  return {
    side,
    wire,
    contentType,
    size,
    ...(cut ? { cut } : {}),
    ...(validUtf8(shown) ? { text: Buffer.from(shown).toString() } : { base64: Buffer.from(bytes).toString("base64") }),
    ...(decoded === undefined ? {} : { decoded }),
  }
}

/** A cut may fall inside a character of up to four bytes. */
function wholeCharacters(bytes: Uint8Array): Uint8Array {
  for (let cut = 0; cut < 4 && cut < bytes.length; cut++) {
    const rest = bytes.subarray(0, bytes.length - cut)
    if (validUtf8(rest)) return rest
  }
  return bytes
}

function readable(payload: Payload, decode: DecodePayload): Json | undefined {
  try {
    return decode(payload)
  } catch {
    return undefined
  }
}
