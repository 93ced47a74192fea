import type { LogEntry, Payload } from "../../core/record.ts"
import { type Row, rowOf } from "./entry.ts"
import type { BatchMessage } from "./messages.ts"

/** Entries gathered for one message to the writer. */
export interface Batch {
  readonly entries: number
  /** Bytes of records and payloads. */
  readonly weight: number
  /** Copies the entry's bytes at once, so that nothing of a call is held until the batch goes. What throws leaves nothing behind. */
  add(json: string, entry: LogEntry): void
  /**
   * The message, whose buffers are meant to be transferred. The batch is of no use after it. One that has to wait for others goes in buffers
   * that are not much larger than what is in them, which costs a copy.
   */
  seal(waits: boolean): BatchMessage
}

/** Buffers that came back from the writer, for the next batches. */
export interface Buffers {
  /** Texts take the smallest there is, and bodies the largest: each then finds one that it need not outgrow. */
  take(use: "texts" | "bodies"): ArrayBuffer
  giveBack(buffer: ArrayBuffer): void
}

const firstBytes = 64 * 1024
const spares = 6
const spareBytes = 4 * 1024 * 1024

/** At most 6 buffers of up to 4 MiB each are held for later, the largest there were; the others' memory is free at once. */
export function buffers(): Buffers {
  /** By rising sizes. */
  const held: ArrayBuffer[] = []
  return {
    take: (use) => (use === "bodies" ? held.pop() : held.shift()) ?? new ArrayBuffer(firstBytes),
    giveBack(buffer) {
      const { byteLength } = buffer
      if (byteLength < firstBytes || byteLength > spareBytes) return void buffer.transfer(0)
      const place = held.findIndex((other) => other.byteLength > byteLength)
      held.splice(place < 0 ? held.length : place, 0, buffer)
      if (held.length > spares) held.shift()?.transfer(0)
    },
  }
}

/** What an entry will weigh in the queue, nearly. */
export function weightOf(json: string, entry: LogEntry): number {
  let weight = json.length
  for (const payload of entry.payloads) weight += lengthOf(payload)
  return weight
}

/** An empty batch; its buffers are of the pool, and become larger ones as it fills. */
export function openBatch(pool: Buffers): Batch {
  const rows: Row[] = []
  const texts = region(pool, "texts")
  const bodies = region(pool, "bodies")
  const cut: number[] = []
  const streams: number[] = []
  const runs: number[] = []
  /** Bytes of all payloads, with the packed ones open. */
  let length = 0
  const append = (payload: Payload) => {
    const { size, contentType, packed } = payload
    const start = length
    length += lengthOf(payload)
    if (packed) for (const [index, value] of packed.runs.entries()) runs.push(index % 3 < 2 ? bodies.used() + value : value)
    bodies.append(packed ? packed.bytes : payload.bytes)
    if (length - start < size) cut.push(start, length)
    if (contentType.startsWith(eventStream)) streams.push(start, length)
  }
  return {
    get entries() {
      return rows.length
    },
    get weight() {
      return texts.used() + length
    },
    add(json, { record, payloads }) {
      const text = texts.used()
      const body = bodies.used()
      const before = length
      const spans = [cut.length, streams.length, runs.length] as const
      try {
        texts.write(json)
        texts.write(payloads.length === 0 ? "\n\n" : `\n${notesOf(payloads)}\n`)
        for (const payload of payloads) append(payload)
        rows.push(rowOf(record, texts.used() - text, length - before))
      } catch (problem) {
        texts.cut(text)
        bodies.cut(body)
        length = before
        ;[cut.length, streams.length, runs.length] = spans
        throw problem
      }
    },
    seal(waits) {
      const textBytes = texts.used()
      return {
        type: "batch",
        entries: rows.length,
        weight: textBytes + length,
        rows: JSON.stringify(rows),
        textBytes,
        payloadBytes: length,
        keptBytes: bodies.used(),
        runs,
        texts: texts.take(waits),
        payloads: bodies.take(waits),
        cut,
        streams,
      }
    },
  }
}

const eventStream = "text/event-stream"

const lengthOf = (payload: Payload): number => (payload.packed ?? payload.bytes).length

/** A JSON array of one `PayloadNote` each. */
function notesOf(payloads: LogEntry["payloads"]): string {
  let notes = ""
  for (const one of payloads) {
    const { side, wire, contentType } = one
    if (notes !== "") notes += ","
    notes += `["${side}",${quoted(wire)},${quoted(contentType)},${one.size},${lengthOf(one)}]`
  }
  return `[${notes}]`
}

const quotes = new Map<string, string>()
const mostQuotes = 64

/** As JSON. There are few wires and content types, and they come with each call. */
function quoted(text: string): string {
  const known = quotes.get(text)
  if (known !== undefined) return known
  if (quotes.size >= mostQuotes) quotes.clear()
  const made = JSON.stringify(text)
  quotes.set(text, made)
  return made
}

interface Region {
  used(): number
  write(text: string): void
  append(bytes: Uint8Array): void
  /** Forgets what was written after the first `length` bytes. */
  cut(length: number): void
  /** The buffer; of one that waits and is hardly used, a copy of what is used. */
  take(waits: boolean): ArrayBuffer
}

/** Most bytes of UTF-8 that a unit of a string becomes. */
const bytesPerUnit = 3

function region(pool: Buffers, use: "texts" | "bodies"): Region {
  let bytes: Buffer<ArrayBuffer> | undefined
  let used = 0
  const room = (more: number): Buffer<ArrayBuffer> => {
    bytes ??= Buffer.from(pool.take(use))
    if (used + more <= bytes.length) return bytes
    // Moved, not copied: what a burst of calls has outgrown would wait for a collection.
    bytes = Buffer.from(bytes.buffer.transfer(Math.max(bytes.length * 2, used + more)))
    return bytes
  }
  return {
    used: () => used,
    write(text) {
      used += room(text.length * bytesPerUnit).write(text, used)
    },
    append(more) {
      room(more.length).set(more, used)
      used += more.length
    },
    cut(length) {
      used = length
    },
    take(waits) {
      if (!bytes) return new ArrayBuffer(0)
      const { buffer } = bytes
      if (!waits || used * 4 > buffer.byteLength) return buffer
      const little = buffer.slice(0, used)
      pool.giveBack(buffer)
      return little
    },
  }
}
