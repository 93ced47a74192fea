import { and, desc, eq, gte, lte, type SQL, sql } from "drizzle-orm"
import type { LogQuery } from "../../core/record.ts"
import type { Position } from "./cursor.ts"
import type { Opened } from "./database.ts"
import { idToleranceMs, timeIn } from "./entry.ts"
import { conditionOf } from "./filter.ts"
import { calls } from "./schema.ts"

/** Rows looked at between two glances at the clock; fewer where records are taken apart. */
const windowRows = 5_000
const searchRows = 1_000

/** Where one call's record is. */
export interface Row extends Position {
  readonly block: number
  readonly slot: number
}

export interface Slice {
  /** Newest first. */
  readonly rows: readonly Row[]
  /** How far was looked; absent where there is nothing beyond, unless there are as many rows as were wanted. */
  readonly edge?: Position
}

/** Gives the next rows that a query wants out of those before `after`: `wanted` of them at most, more only where their records are searched. */
export type RowSource = (after: Position | undefined, wanted: number) => Slice

/** The rows of a file; a slice is a few milliseconds' work. */
export function rowsOf(file: Opened, query: LogQuery): RowSource {
  const { requestId, search } = query
  if (requestId !== undefined) return rowsById(file, query, requestId)
  const filter = conditionOf(query, calls)
  if (filter === undefined && search === undefined) return oneScan(file, rangeOf(query))
  return windows(file, query, filter)
}

const at = sql.placeholder("at")
const id = sql.placeholder("id")
const before = sql`(${calls.at}, ${calls.id}) < (${at}, ${id})`
const newest = [desc(calls.at), desc(calls.id)]
const place = { at: calls.at, id: calls.id, block: calls.block, slot: calls.slot }
const end: Position = { at: Number.MAX_SAFE_INTEGER, id: "" }

const rangeOf = ({ from, to }: LogQuery): SQL | undefined =>
  and(from === undefined ? undefined : gte(calls.at, from), to === undefined ? undefined : lte(calls.at, to))

function oneScan({ drizzle }: Opened, where: SQL | undefined): RowSource {
  const rows = drizzle
    .select(place)
    .from(calls)
    .where(and(before, where))
    .orderBy(...newest)
    .limit(sql.placeholder("wanted"))
    .prepare()
  return (after = end, wanted) => ({ rows: rows.all({ ...after, wanted }) })
}

/** By the indexes, so that no row of another call is looked at. */
function rowsById(file: Opened, query: LogQuery, wantedId: string): RowSource {
  const where = and(rangeOf(query), conditionOf(query, calls))
  const own = timeIn(wantedId)
  const near = own === undefined ? undefined : and(gte(calls.at, own - idToleranceMs), lte(calls.at, own + idToleranceMs))
  const sources = [oneScan(file, and(where, eq(calls.id, wantedId), sql`${calls.given} = 1`))]
  if (near) sources.push(oneScan(file, and(where, near)))
  return (after, wanted) => {
    const rows = sources.flatMap((source) => source(after, wanted).rows)
    return { rows: rows.sort((left, right) => right.at - left.at).slice(0, wanted) }
  }
}

/** Each window's end is looked for first: its rows need not be gathered then, only gone through. */
function windows({ drizzle }: Opened, query: LogQuery, filter: SQL | undefined): RowSource {
  const size = query.search ? searchRows : windowRows
  const range = and(before, rangeOf(query))
  const edges = drizzle
    .select({ at: calls.at, id: calls.id })
    .from(calls)
    .where(range)
    .orderBy(...newest)
    .limit(1)
    .offset(size - 1)
    .prepare()
  const rows = drizzle
    .select(place)
    .from(calls)
    .where(and(range, sql`(${calls.at}, ${calls.id}) >= (${sql.placeholder("edgeAt")}, ${sql.placeholder("edgeId")})`, filter))
    .orderBy(...newest)
    .limit(sql.placeholder("wanted"))
    .prepare()
  return (after = end, wanted) => {
    const edge = edges.get({ ...after })
    const limits = { edgeAt: edge?.at ?? 0, edgeId: edge?.id ?? "", wanted: query.search ? size : wanted }
    return { rows: rows.all({ ...after, ...limits }), ...(edge ? { edge } : {}) }
  }
}
