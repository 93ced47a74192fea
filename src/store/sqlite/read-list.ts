import { and, desc, gte, inArray, lte, type SQL, sql } from "drizzle-orm"
import type { LogQuery } from "../../core/record.ts"
import type { Position } from "./cursor.ts"
import { isUnusable, type Opened, openForReading } from "./database.ts"
import { daysIn, endOf, recordFile, startOf } from "./day-files.ts"
import { conditionOf } from "./filter.ts"
import type { ListAnswer } from "./messages.ts"
import { calls, details } from "./schema.ts"

export const defaultLimit = 50
export const maxLimit = 1_000

/** Rows looked at between two glances at the clock. */
const windowRows = 5_000

interface Row extends Position {
  readonly seq: number
}

/** What is still to be looked through: everything before `after`, newest first. */
interface Scan {
  readonly query: LogQuery
  readonly limit: number
  readonly found: string[]
  after: Position | undefined
}

/**
 * One page, newest first. Yields between slices of work, so that a cancelled or late query stops soon: then `next` tells how far it came
 * and `complete` is false.
 */
export function* readList(
  directory: string,
  query: LogQuery,
  after: Position | undefined,
  late: () => boolean,
): Generator<undefined, ListAnswer> {
  const limit = Math.min(maxLimit, Math.max(1, Math.trunc(query.limit ?? defaultLimit)))
  const scan: Scan = { query, limit, found: [], after }
  for (const day of daysIn(directory)) {
    if (!reaches(day, scan)) continue
    const file = openUsable(recordFile(directory, day))
    if (!file) continue
    try {
      while (!scanWindow(file, scan)) {
        if (scan.found.length >= limit) return answer(scan, scan.after, true)
        if (late()) return answer(scan, scan.after, false)
        yield undefined
      }
    } finally {
      file.close()
    }
    scan.after = { at: startOf(day), id: "" }
    if (late()) return answer(scan, scan.after, false)
    yield undefined
  }
  return answer(scan, undefined, true)
}

const answer = ({ found }: Scan, next: Position | undefined, complete: boolean): ListAnswer => ({
  records: `[${found.join(",")}]`,
  complete,
  ...(next ? { next } : {}),
})

function reaches(day: string, { query, after }: Scan): boolean {
  if (query.from !== undefined && endOf(day) < query.from) return false
  if (query.to !== undefined && startOf(day) > query.to) return false
  return after === undefined || startOf(day) < after.at || (startOf(day) === after.at && after.id !== "")
}

/** Looks through the next rows of a file; true when the file has no more. Leaves `after` at the last row looked at or taken. */
function scanWindow(file: Opened, scan: Scan): boolean {
  const { query, limit, found } = scan
  const wanted = limit - found.length
  const filter = conditionOf(query, calls)
  const size = filter ? windowRows : wanted
  const rows = matching(file, rangeOf(scan), filter, size, wanted)
  found.push(...jsonOf(file, rows))
  const last = rows.at(-1)
  if (last && rows.length === wanted) {
    scan.after = { at: last.at, id: last.id }
    return false
  }
  if (!filter) return true
  const edge = file.drizzle
    .select({ at: calls.at, id: calls.id })
    .from(calls)
    .where(rangeOf(scan))
    .orderBy(desc(calls.at), desc(calls.id))
    .limit(1)
    .offset(size - 1)
    .get()
  if (!edge) return true
  scan.after = edge
  return false
}

const rangeOf = ({ query, after }: Scan): SQL | undefined =>
  and(
    after && sql`(${calls.at}, ${calls.id}) < (${after.at}, ${after.id})`,
    query.from === undefined ? undefined : gte(calls.at, query.from),
    query.to === undefined ? undefined : lte(calls.at, query.to),
  )

function matching(file: Opened, range: SQL | undefined, filter: SQL | undefined, size: number, wanted: number): Row[] {
  const newest = [desc(calls.at), desc(calls.id)]
  const window = file.drizzle
    .select()
    .from(calls)
    .where(range)
    .orderBy(...newest)
    .limit(size)
    .as("calls")
  return file.drizzle
    .select({ at: window.at, id: window.id, seq: window.seq })
    .from(window)
    .where(filter)
    .orderBy(desc(window.at), desc(window.id))
    .limit(wanted)
    .all()
}

function jsonOf(file: Opened, rows: readonly Row[]): string[] {
  if (rows.length === 0) return []
  const found = file.drizzle
    .select()
    .from(details)
    .where(
      inArray(
        details.seq,
        rows.map((row) => row.seq),
      ),
    )
    .all()
  const bySeq = new Map(found.map((detail) => [detail.seq, detail.json]))
  return rows.flatMap((row) => bySeq.get(row.seq) ?? [])
}

/** A damaged day does not hide the others: the writer sets it aside. */
function openUsable(path: string): Opened | undefined {
  try {
    return openForReading(path)
  } catch (problem) {
    if (isUnusable(problem)) return undefined
    throw problem
  }
}
