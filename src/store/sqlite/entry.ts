import type { CallRecord } from "../../core/record.ts"
import { totals } from "../../core/usage.ts"
import type { BatchMessage, PayloadNote } from "./messages.ts"
import type { calls } from "./schema.ts"

/** One call as it came over from the main thread. */
export interface Entry {
  readonly record: CallRecord
  readonly json: string
  readonly payloads: readonly { readonly note: PayloadNote; readonly bytes: Uint8Array }[]
}

/** Opens a batch. Lines that do not read as a record are left out. */
export function entriesOf(batch: BatchMessage): readonly Entry[] {
  const bytes = new Uint8Array(batch.bytes ?? new ArrayBuffer(0))
  const lines = batch.lines.split("\n")
  const entries: Entry[] = []
  let start = 0
  for (let index = 0; index + 1 < lines.length; index += 2) {
    const json = lines[index] ?? ""
    const notes = lines[index + 1] ? (JSON.parse(lines[index + 1] ?? "[]") as readonly PayloadNote[]) : []
    const payloads = notes.map((note) => {
      const from = start
      start += note.length
      return { note, bytes: bytes.subarray(from, start) }
    })
    entries.push({ record: JSON.parse(json) as CallRecord, json, payloads })
  }
  return entries
}

export const succeeded = (record: CallRecord): boolean => record.end === "complete" && record.status < 400

/** The columns that lists filter by. */
export function columnsOf(record: CallRecord): Omit<typeof calls.$inferInsert, "seq"> {
  return {
    at: Math.trunc(record.at),
    id: record.id,
    ok: succeeded(record),
    status: record.status,
    provider: record.provider ?? null,
    model: record.model ?? record.requestedModel,
    keyId: record.keyId ?? null,
    dialect: record.dialect,
    errorKind: record.error?.kind ?? null,
    stop: record.stop?.reason ?? null,
    sessionId: record.sessionId ?? null,
    stream: record.stream,
    durationMs: record.durationMs,
    tokens: record.usage ? totals(record.usage).total : null,
    cost: record.cost ?? null,
  }
}
