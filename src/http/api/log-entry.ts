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

export interface EntryReading {
  readonly decode: DecodePayload
  /** Takes the gateway's own secrets out of a text: a vendor or a caller may have quoted one. */
  redact(text: string): string
}

export const entryView = ({ record, payloads }: LogEntry, reading: EntryReading): LogEntryView => ({
  record,
  payloads: payloads.map((payload) => payloadView(payload, reading)),
})

function payloadView(payload: Payload, { decode, redact }: EntryReading): PayloadView {
  const { side, wire, contentType, size, bytes } = payload
  const cut = bytes.length < size
  const whole = cut ? wholeCharacters(bytes) : bytes
  const isText = validUtf8(whole)
  const shown = isText ? redacted(whole, "utf8", redact) : redacted(bytes, "latin1", redact)
  const decoded = readable({ ...payload, bytes: shown }, decode)
  return {
    side,
    wire,
    contentType,
    size,
    ...(cut ? { cut } : {}),
    ...(isText ? { text: shown.toString() } : { base64: shown.toString("base64") }),
    ...(decoded === undefined ? {} : { decoded }),
  }
}

/** One byte is one character in latin1, so bytes of any kind come back as they were. */
function redacted(bytes: Uint8Array, encoding: "utf8" | "latin1", redact: (text: string) => string): Buffer<ArrayBufferLike> {
  const held = Buffer.from(bytes)
  const text = held.toString(encoding)
  const clean = redact(text)
  return clean === text ? held : Buffer.from(clean, encoding)
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
