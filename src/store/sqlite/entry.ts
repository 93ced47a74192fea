import type { CallRecord } from "../../core/record.ts"
import { sides } from "../../core/usage.ts"
import { type Day, dayOf } from "./day-files.ts"
import type { BatchMessage } from "./messages.ts"

/** What lists filter by and charts sum; null is what JSON writes fast. With it go the lengths of the call's text and payloads in its batch. */
export type Row = readonly [
  textBytes: number,
  payloadBytes: number,
  at: number,
  id: string,
  ok: 0 | 1,
  status: number,
  provider: string | null,
  model: string,
  keyId: string | null,
  dialect: string,
  errorKind: string | null,
  stop: string | null,
  sessionId: string | null,
  stream: 0 | 1,
  durationMs: number,
  input: number | null,
  output: number | null,
  cost: number | null,
  alias: string | null,
]

/** The calls of one day in a batch. */
export interface DayPart {
  readonly day: Day
  /** Names the part in both files of its day; it grows with time. Another is taken where a file has one of the name. */
  block: number
  readonly rows: readonly Row[]
  /** Two lines a call: the record, then the list of its payload notes. */
  readonly text: Uint8Array
  /** All payloads end to end, in the order of their notes. */
  readonly payloads: Uint8Array
}

/** `textBytes` and `payloadBytes`: what the call takes up in the two buffers of its batch. */
export function rowOf(record: CallRecord, textBytes: number, payloadBytes: number): Row {
  const { usage, error, stop } = record
  const used = usage && sides(usage)
  return [
    textBytes,
    payloadBytes,
    Math.trunc(record.at),
    record.id,
    record.end === "complete" && record.status < 400 ? 1 : 0,
    record.status,
    record.provider ?? null,
    record.model ?? record.requestedModel,
    record.keyId ?? null,
    record.dialect,
    error?.kind ?? null,
    stop?.reason ?? null,
    record.sessionId ?? null,
    record.stream ? 1 : 0,
    record.durationMs,
    used?.input ?? null,
    used?.output ?? null,
    record.cost ?? null,
    aliasOf(record),
  ]
}

/** What the caller called the model where that is another name, without the provider that answered before it. */
function aliasOf({ requestedModel, provider, model = requestedModel }: CallRecord): string | null {
  if (requestedModel === model) return null
  const slash = provider?.length ?? requestedModel.length
  const named = requestedModel[slash] === "/" && requestedModel.slice(0, slash).toLowerCase() === provider
  const own = named ? requestedModel.slice(slash + 1) : requestedModel
  return own === model || own === "" ? null : own
}

/** Opens a batch, taken apart by days. */
export function partsOf(batch: BatchMessage): readonly DayPart[] {
  const rows = JSON.parse(batch.rows) as readonly Row[]
  const text = new Uint8Array(batch.texts, 0, batch.textBytes)
  const payloads = new Uint8Array(batch.payloads, 0, batch.payloadBytes)
  const days = new Set<Day>()
  for (let hour = Number.NaN, index = 0; index < rows.length; index++) {
    const at = rows[index]?.[2] ?? 0
    if (Math.floor(at / hourMs) === hour) continue
    hour = Math.floor(at / hourMs)
    days.add(dayOf(at))
  }
  const [only] = days
  if (days.size === 1 && only !== undefined) return [{ day: only, block: nextBlock(), rows, text, payloads }]
  return [...days].map((day) => partOf(day, rows, text, payloads))
}

const hourMs = 3_600_000

function partOf(day: Day, all: readonly Row[], text: Uint8Array, payloads: Uint8Array): DayPart {
  const rows: Row[] = []
  const texts: Uint8Array[] = []
  const bodies: Uint8Array[] = []
  let textStart = 0
  let bodyStart = 0
  for (const row of all) {
    const [textBytes, payloadBytes, at] = row
    if (dayOf(at) === day) {
      rows.push(row)
      texts.push(text.subarray(textStart, textStart + textBytes))
      bodies.push(payloads.subarray(bodyStart, bodyStart + payloadBytes))
    }
    textStart += textBytes
    bodyStart += payloadBytes
  }
  return { day, block: nextBlock(), rows, text: Buffer.concat(texts), payloads: Buffer.concat(bodies) }
}

let lastBlock = 0

/** Never one that a file had before it was deleted: payloads are never shown with another call. */
export function nextBlock(): number {
  lastBlock = Math.max(lastBlock + 1, Date.now() * 1_000 + Math.trunc(Math.random() * 1_000))
  return lastBlock
}

/** How far an id's own time may lie from its call's. */
export const idToleranceMs = 20

/** The time in an id of ours, in milliseconds; undefined for other ids. */
export function timeIn(id: string): number | undefined {
  if (id.length !== 36 || id[14] !== "7") return undefined
  const time = Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16)
  return Number.isNaN(time) ? undefined : time
}
