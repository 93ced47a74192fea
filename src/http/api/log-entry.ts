import type { CallRecord, LogEntry, Payload } from "../../core/record.ts"
import { type Json, type JsonObject, RawJson, stringifyJson } from "../../lib/json.ts"
import type { ByteMask } from "../../lib/mask-bytes.ts"
import { validUtf8 } from "../../lib/utf8.ts"

/** Answer of `GET /api/logs/:id`. */
export interface LogEntryView {
  readonly record: CallRecord
  readonly payloads: readonly PayloadView[]
  /** There were payloads, but the log had no room for them, or they are damaged. */
  readonly payloads_lost?: true
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
  /** Overwrites them where they are not in one piece, or in base64. */
  readonly mask: ByteMask
}

/** The answer for one call: a `LogEntryView` as JSON. */
export function entryJson({ record, payloads, payloadsLost }: LogEntry, reading: EntryReading): string {
  const rest = { record, ...(payloadsLost ? { payloads_lost: payloadsLost } : {}) }
  const shown = payloads.map((payload) => {
    const { decoded, ...told } = payloadView(payload, reading)
    const text = JSON.stringify(told)
    return decoded === undefined ? text : `${text.slice(0, -1)},"decoded":${stringifyJson(decoded)}}`
  })
  return `${JSON.stringify(rest).slice(0, -1)},"payloads":[${shown.join(",")}]}`
}

function payloadView(payload: Payload, reading: EntryReading): PayloadView {
  const { side, wire, contentType, size } = payload
  const cut = payload.bytes.length < size
  const { isText, bytes } = shown(payload, cut, reading)
  const decoded = readable({ ...payload, bytes }, reading)
  return {
    side,
    wire,
    contentType,
    size,
    ...(cut ? { cut } : {}),
    ...(isText ? { text: bytes.toString() } : { base64: bytes.toString("base64") }),
    ...(decoded === undefined ? {} : { decoded }),
  }
}

/** A payload's bytes without secrets; of text that was cut, whole characters. */
function shown({ bytes, contentType }: Payload, cut: boolean, { redact, mask }: EntryReading) {
  const held = Buffer.from(bytes)
  if (cut) mask.end(held)
  const whole = cut ? wholeCharacters(held) : held
  const isText = validUtf8(whole)
  const clean = isText ? redacted(whole, "utf8", redact) : redacted(held, "latin1", redact)
  mask.whole(clean)
  if (contentType.startsWith("text/event-stream")) mask.spread(clean, cut)
  return { isText, bytes: clean }
}

/** One byte is one character in latin1, so bytes of any kind come back as they were. */
function redacted(bytes: Buffer, encoding: "utf8" | "latin1", redact: (text: string) => string): Buffer {
  const text = bytes.toString(encoding)
  const clean = redact(text)
  return clean === text ? bytes : Buffer.from(clean, encoding)
}

/** A cut may fall inside a character of up to four bytes. */
function wholeCharacters(bytes: Buffer): Buffer {
  for (let cut = 0; cut < 4 && cut < bytes.length; cut++) {
    const rest = bytes.subarray(0, bytes.length - cut)
    if (validUtf8(rest)) return rest
  }
  return bytes
}

/** What was said in several places of the bytes may be in one piece now. */
function readable(payload: Payload, { decode, redact }: EntryReading): Json | undefined {
  try {
    const decoded = decode(payload)
    return decoded === undefined ? undefined : withTexts(decoded, redact)
  } catch {
    return undefined
  }
}

/** The same with each text in it changed. */
function withTexts(json: Json, change: (text: string) => string): Json {
  if (typeof json === "string") return change(json)
  if (typeof json !== "object" || json === null || json instanceof RawJson) return json
  if (Array.isArray(json)) return json.map((item: Json) => withTexts(item, change))
  const members = Object.entries(json as JsonObject).map(([name, value]) => [name, withTexts(value, change)] as const)
  return Object.fromEntries(members)
}
