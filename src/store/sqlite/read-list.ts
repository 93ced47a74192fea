import { and, desc, gte, lte, type SQL, sql } from "drizzle-orm"
import type { LogQuery } from "../../core/record.ts"
import type { Position } from "./cursor.ts"
import { isUnreadable, type Opened, openForReading } from "./database.ts"
import { type Day, daysIn, endOf, recordFile, startOf } from "./day-files.ts"
import { conditionOf } from "./filter.ts"
import type { ListAnswer } from "./messages.ts"
import { daysUnread, ownFile } from "./own-file.ts"
import { textBlock } from "./read-block.ts"
import { calls } from "./schema.ts"
import { type WordSearch, wordSearch } from "./search.ts"

export const defaultLimit = 50
export const maxLimit = 1_000

/** A page that has come to so many characters of JSON is full, whatever its limit. */
const pageLength = 4 * 1024 * 1024

/** Rows looked at between two glances at the clock; fewer where records are taken apart. */
const windowRows = 5_000
const searchRows = 1_000

interface Row extends Position {
  readonly block: number
  readonly slot: number
}

/** What is still to be looked through: everything before `after`, newest first. */
interface Scan {
  readonly query: LogQuery
  readonly limit: number
  readonly found: string[]
  /** Characters of what was found. */
  length: number
  /** Days that were passed over, in whole or in part. */
  readonly unreadable: Set<Day>
  day: Day
  after: Position | undefined
}

/**
 * One page, newest first; a damaged day does not hide the others. Yields between slices of work, so that a cancelled
 * or late query stops soon: then `next` tells how far it came and `complete` is false.
 */
export function* readList(
  directory: string,
  query: LogQuery,
  after: Position | undefined,
  late: () => boolean,
): Generator<undefined, ListAnswer> {
  const limit = Math.min(maxLimit, Math.max(1, Math.trunc(query.limit ?? defaultLimit)))
  const scan: Scan = { query, limit, found: [], length: 0, unreadable: new Set(), day: "", after }
  const unread = daysUnread(directory)
  for (const day of daysIn(directory)) {
    if (!reaches(day, scan)) continue
    scan.day = day
    if (unread.has(day)) scan.unreadable.add(day)
    let file: Opened | undefined
    try {
      file = openForReading(ownFile(recordFile(directory, day), "records"), "records")
      if (!file) continue
      while (!scanWindow(file, scan)) {
        if (isFull(scan)) return answer(scan, scan.after, true)
        if (late()) return answer(scan, scan.after, false)
        yield undefined
      }
    } catch (problem) {
      if (!isUnreadable(problem)) throw problem
      scan.unreadable.add(day)
    } finally {
      file?.close()
    }
    scan.after = { at: startOf(day), id: "" }
    if (late()) return answer(scan, scan.after, false)
    yield undefined
  }
  return answer(scan, undefined, true)
}

const isFull = ({ found, limit, length }: Scan): boolean => found.length >= limit || length >= pageLength

const answer = ({ found, unreadable }: Scan, next: Position | undefined, inTime: boolean): ListAnswer => ({
  records: `[${found.join(",")}]`,
  complete: inTime && unreadable.size === 0,
  ...(unreadable.size === 0 ? {} : { unreadable: [...unreadable] }),
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
  const selective = filter !== undefined || query.search !== undefined
  const size = query.search ? searchRows : selective ? windowRows : wanted
  const rows = matching(file, rangeOf(scan), filter, size, query.search ? size : wanted)
  const last = take(file, scan, rows)
  const filled = isFull(scan) || (!query.search && rows.length === wanted)
  if (last && filled) {
    scan.after = { at: last.at, id: last.id }
    return false
  }
  if (!selective) return true
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

/** Takes records that the search wants until the page is full; gives the row of the last one looked at. */
function take(file: Opened, scan: Scan, rows: readonly Row[]): Row | undefined {
  const records = recordsOf(file, scan, rows)
  let last: Row | undefined
  for (const row of rows) {
    if (isFull(scan)) break
    last = row
    const record = records.get(row)
    if (record === undefined) continue
    scan.found.push(record)
    scan.length += record.length
  }
  return last
}

/** Opens each block once: calls that began together may have ended far apart. */
function recordsOf(file: Opened, { query, unreadable, day }: Scan, rows: readonly Row[]): Map<Row, string> {
  const search = query.search ? wordSearch(query.search) : undefined
  const records = new Map<Row, string>()
  for (const [block, inBlock] of Map.groupBy(rows, (row) => row.block)) {
    const { lost, text, record } = textBlock(file, block)
    if (lost) unreadable.add(day)
    if (search && !search.among(text())) continue
    for (const row of inBlock) {
      const json = record(row.slot)
      const wanted = json !== undefined && isWanted(json, search)
      if (wanted) records.set(row, json)
      else if (wanted === undefined || json === undefined) unreadable.add(day)
    }
  }
  return records
}

/** Undefined for a record that is damaged. */
function isWanted(json: string, search: WordSearch | undefined): boolean | undefined {
  try {
    return search ? search.in(json) : JSON.parse(json) !== undefined
  } catch {
    return undefined
  }
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
    .select({ at: window.at, id: window.id, block: window.block, slot: window.slot })
    .from(window)
    .where(filter)
    .orderBy(desc(window.at), desc(window.id))
    .limit(wanted)
    .all()
}
