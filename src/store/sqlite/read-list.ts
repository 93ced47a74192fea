import type { LogQuery } from "../../core/record.ts"
import type { Position } from "./cursor.ts"
import { isUnreadable, type Opened, openForReading } from "./database.ts"
import { type Day, daysIn, endOf, recordFile, startOf } from "./day-files.ts"
import type { ListAnswer } from "./messages.ts"
import { daysUnread, ownFile } from "./own-file.ts"
import { textBlock } from "./read-block.ts"
import { type Row, type RowSource, rowsOf } from "./rows.ts"
import { type WordSearch, wordSearch } from "./search.ts"

export const defaultLimit = 50
export const maxLimit = 1_000

/** A page that has come to so many characters of JSON is full, whatever its limit. */
const pageLength = 4 * 1024 * 1024

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
      const source = rowsOf(file, query)
      while (!scanSlice(file, source, scan)) {
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
function scanSlice(file: Opened, source: RowSource, scan: Scan): boolean {
  const wanted = scan.limit - scan.found.length
  const { rows, edge } = source(scan.after, wanted)
  const last = take(file, scan, rows)
  const filled = isFull(scan) || (!scan.query.search && rows.length === wanted)
  const reached = last && filled ? { at: last.at, id: last.id } : edge
  if (!reached) return true
  scan.after = reached
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
