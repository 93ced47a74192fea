import type { LogEntry } from "../../core/record.ts"
import type { BatchMessage } from "./messages.ts"

/** Entries gathered for one message to the writer. */
export interface Batch {
  readonly entries: number
  /** Bytes of payloads, and characters of records. */
  readonly weight: number
  add(json: string, entry: LogEntry): void
  /** The message, whose buffer is meant to be transferred. The batch is of no use after it. */
  seal(): BatchMessage
}

/** What an entry will weigh in the queue. */
export function weightOf(json: string, entry: LogEntry): number {
  let weight = json.length
  for (const payload of entry.payloads) weight += payload.bytes.length
  return weight
}

export function openBatch(): Batch {
  const lines: string[] = []
  const parts: Uint8Array[] = []
  let payloadBytes = 0
  let weight = 0
  return {
    get entries() {
      return lines.length / 2
    },
    get weight() {
      return weight
    },
    add(json, entry) {
      lines.push(json, notesOf(entry))
      for (const { bytes } of entry.payloads) {
        parts.push(bytes)
        payloadBytes += bytes.length
      }
      weight += weightOf(json, entry)
    },
    seal() {
      const message = { type: "batch", entries: lines.length / 2, weight, lines: lines.join("\n") } as const
      return parts.length === 0 ? message : { ...message, bytes: joined(parts, payloadBytes) }
    },
  }
}

function notesOf({ payloads }: LogEntry): string {
  if (payloads.length === 0) return ""
  return JSON.stringify(
    payloads.map(({ side, wire, contentType, size, bytes }) => ({ side, wire, contentType, size, length: bytes.length })),
  )
}

function joined(parts: readonly Uint8Array[], length: number): ArrayBuffer {
  const all = new Uint8Array(length)
  let start = 0
  for (const part of parts) {
    all.set(part, start)
    start += part.length
  }
  return all.buffer
}
