import { fault } from "../../core/error.ts"
import type { CallRecord, LogEntry, LogQuery, LogStore, Payload } from "../../core/record.ts"
import { buffers, openBatch, weightOf } from "./batch.ts"
import { cursorOf, type Position, positionOf } from "./cursor.ts"
import type { GetAnswer, ListAnswer, Rollup } from "./messages.ts"
import { readerLink } from "./reader-link.ts"
import { type TellTrouble, troubleLines } from "./trouble-lines.ts"
import { writerLink } from "./writer-link.ts"

export interface SqliteLogOptions {
  /** Where the day files live; made if need be. Nothing else may be in it. */
  readonly directory: string
  /** Days of UTC kept beside today. Default 30. */
  readonly retentionDays?: number
  /** All files together, in bytes. Default 10 GiB. */
  readonly maxBytes?: number
  /** Texts that no payload on disk is to hold; asked now and then, the same array while nothing has changed. Default none. */
  readonly secrets?: () => readonly string[]
  /** Told in words of trouble with the files, and of its end. Default nobody. */
  readonly tell?: TellTrouble
  /** How long an entry may wait for others, in milliseconds. Default 250. */
  readonly flushMs?: number
  /** Entries held in memory before further ones are dropped. Default 20,000. */
  readonly queueEntries?: number
  /** The same in bytes; records for whose payloads there is no room are kept without. Default 64 MiB. */
  readonly queueBytes?: number
  /** After so many milliseconds a list answers with what it has. Default 2,000. */
  readonly listMs?: number
}

/** A LogStore with the sums per hour that charts read. */
export interface SqliteLogStore extends LogStore {
  rollups(from: number, to: number): Promise<readonly Rollup[]>
}

const noSecrets: readonly string[] = []
const none = () => noSecrets
const nobody: TellTrouble = () => {}
const catchUpMs = 250
const crowded = { state: "degraded", lastError: "payloads not kept: there is no room for them in the queue" } as const
const overrun = { state: "degraded", lastError: "more calls end than are written; some are not kept" } as const
const batchEntries = 256
const batchBytes = 1024 * 1024

/** The embedded log: SQLite files of one day each, written and read by two Workers; this thread never opens them. */
export function sqliteLogStore(options: SqliteLogOptions): SqliteLogStore {
  const { directory, retentionDays = 30, maxBytes = 10 * 1024 ** 3, flushMs = 250, listMs = 2_000 } = options
  const { queueEntries = 20_000, queueBytes = 64 * 1024 ** 2, secrets = none, tell = nobody } = options
  const pool = buffers()
  const limits = { retentionDays, maxBytes }
  const changed = troubleLines(tell)
  const writer = writerLink({ directory, limits, secrets, spare: pool.giveBack, changed })
  const reader = readerLink()
  let batch = openBatch(pool)
  let timer: Timer | undefined
  let dropped = 0
  let stopped = false

  const flush = () => {
    clearTimeout(timer)
    timer = undefined
    if (batch.entries === 0) return
    const full = batch
    batch = openBatch(pool)
    writer.send(full.seal(writer.entries > 0))
  }

  /** Who asks for calls wants those of a moment ago too; a writer that is busy or in trouble is not waited for. */
  const writtenSoFar = () => {
    flush()
    return writer.caughtUp(catchUpMs)
  }

  return {
    write(entry) {
      try {
        const json = JSON.stringify(entry.record)
        const room = queueBytes - writer.weight - batch.weight
        if (stopped || json.length > room || writer.entries + batch.entries >= queueEntries) {
          dropped += 1
          if (!stopped) changed(overrun)
          return
        }
        const fits = weightOf(json, entry) <= room
        if (!fits) changed(crowded)
        batch.add(json, fits ? entry : withoutBodies(entry))
        if (batch.entries >= batchEntries || batch.weight >= batchBytes) flush()
        else timer ??= setTimeout(flush, flushMs)
      } catch {
        dropped += 1
      } finally {
        for (const { release } of entry.payloads) release?.()
      }
    },
    async list(query, signal) {
      await writtenSoFar()
      const ask = { type: "list", directory, query, withinMs: listMs, ...startOf(query) } as const
      const { records, next, ...rest } = (await reader.ask(ask, { signal })) as ListAnswer
      return { records: JSON.parse(records) as CallRecord[], ...rest, ...(next ? { cursor: cursorOf(next) } : {}) }
    },
    async get(id) {
      await writtenSoFar()
      const found = (await reader.ask({ type: "get", directory, id })) as GetAnswer | undefined
      if (!found) return undefined
      const { record, payloads, lost } = found
      return {
        record: JSON.parse(record) as CallRecord,
        payloads: payloads as readonly Payload[],
        ...(lost ? { payloadsLost: lost } : {}),
      }
    },
    rollups: async (from, to) => (await reader.ask({ type: "rollups", directory, from, to })) as readonly Rollup[],
    health() {
      const health = writer.health()
      return { ...health, queued: writer.entries + batch.entries, dropped: health.dropped + dropped }
    },
    async stop(deadlineMs) {
      stopped = true
      flush()
      reader.stop()
      await writer.stop(deadlineMs)
    },
  }
}

const nothing = new Uint8Array(0)

/** Payloads of which nothing is kept but what they were. */
const withoutBodies = ({ record, payloads }: LogEntry): LogEntry => ({
  record,
  payloads: payloads.map(({ side, wire, contentType, size }) => ({ side, wire, contentType, size, bytes: nothing })),
})

function startOf({ cursor }: LogQuery): { readonly after?: Position } {
  if (cursor === undefined) return {}
  const after = positionOf(cursor)
  if (!after) throw fault("invalid-request", "the cursor is not one of ours", { param: "cursor" })
  return { after }
}
