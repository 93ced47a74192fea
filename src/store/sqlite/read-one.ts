import { and, asc, desc, eq, gte, inArray, lte } from "drizzle-orm"
import { type Opened, openForReading } from "./database.ts"
import { type Day, daysIn, payloadFile, recordFile, rollupFile } from "./day-files.ts"
import type { GetAnswer, Rollup } from "./messages.ts"
import { blocks, calls, details, payloads, rollups } from "./schema.ts"

const rollupRows = 50_000

/** One call with its payloads; of several with one id, the newest. */
export function readOne(directory: string, id: string): GetAnswer | undefined {
  for (const day of daysIn(directory)) {
    const found = using(recordFile(directory, day), (file) => recordIn(file, id))
    if (found) return { record: found.json, payloads: payloadsOf(directory, day, id, found.at) }
  }
  return undefined
}

function recordIn({ drizzle }: Opened, id: string): { readonly at: number; readonly json: string } | undefined {
  const newest = drizzle.select({ at: calls.at, seq: calls.seq }).from(calls).where(eq(calls.id, id)).orderBy(desc(calls.at))
  const call = newest.limit(1).get()
  const json = call && drizzle.select().from(details).where(eq(details.seq, call.seq)).get()?.json
  return call && json !== undefined ? { at: call.at, json } : undefined
}

function payloadsOf(directory: string, day: Day, id: string, at: number): GetAnswer["payloads"] {
  const found = using(payloadFile(directory, day), ({ drizzle }) => {
    const mine = and(eq(payloads.callId, id), eq(payloads.at, at))
    const rows = drizzle.select().from(payloads).where(mine).orderBy(asc(payloads.ordinal)).all()
    const ids = [...new Set(rows.map((row) => row.block))]
    const packed = drizzle.select().from(blocks).where(inArray(blocks.id, ids)).all()
    const opened = new Map(packed.map((block) => [block.id, Bun.zstdDecompressSync(block.data)]))
    return rows.map(({ side, wire, contentType, size, block, start, length }) => {
      const bytes = new Uint8Array(opened.get(block)?.subarray(start, start + length) ?? [])
      return { side, wire, contentType, size, bytes }
    })
  })
  return found ?? []
}

/** The sums of the hours from `from` to `to`, oldest first. */
export function readRollups(directory: string, from: number, to: number): readonly Rollup[] {
  const rows = using(rollupFile(directory), ({ drizzle }) =>
    drizzle
      .select()
      .from(rollups)
      .where(and(gte(rollups.hour, from), lte(rollups.hour, to)))
      .orderBy(asc(rollups.hour))
      .limit(rollupRows)
      .all(),
  )
  return (rows ?? []).map(({ ok, unpriced, ...row }) => ({ ...row, status: ok ? "success" : "error", unpricedCalls: unpriced }))
}

function using<T>(path: string, read: (file: Opened) => T): T | undefined {
  const file = openForReading(path)
  if (!file) return undefined
  try {
    return read(file)
  } finally {
    file.close()
  }
}
