import { and, asc, desc, eq, gte, lte, type SQL, sql } from "drizzle-orm"
import { isJsonText } from "../../lib/json.ts"
import { isUnreadable, type Opened, openForReading } from "./database.ts"
import { daysIn, payloadFile, recordFile, rollupFile } from "./day-files.ts"
import { idToleranceMs, timeIn } from "./entry.ts"
import type { GetAnswer, PayloadNote, Rollup } from "./messages.ts"
import { ownFile } from "./own-file.ts"
import { blockData, type TextBlock, textBlock } from "./read-block.ts"
import { calls, type FileKind, rollups } from "./schema.ts"

const rollupRows = 50_000

/** One call with its payloads; of several with one id, the newest. */
export function readOne(directory: string, id: string): GetAnswer | undefined {
  for (const day of daysIn(directory)) {
    const found = using(recordFile(directory, day), "records", (file) => textOf(file, id))
    if (!found) continue
    const { record, place } = found
    const payloads =
      place && payloadsAt(place, () => using(payloadFile(directory, day), "payloads", (file) => blockData(file, found.block)))
    return payloads ? { record, payloads } : { record, payloads: [], lost: true }
  }
  return undefined
}

interface Found {
  readonly block: number
  /** As JSON. */
  readonly record: string
  /** Undefined when what tells it is damaged. */
  readonly place: Place | undefined
}

interface Place {
  readonly notes: readonly PayloadNote[]
  /** Where the payloads begin in those of the block. */
  readonly start: number
}

function textOf(file: Opened, id: string): Found | undefined {
  const own = timeIn(id)
  const near = own === undefined ? undefined : and(gte(calls.at, own - idToleranceMs), lte(calls.at, own + idToleranceMs))
  const newest = [known(file, and(eq(calls.id, id), sql`${calls.given} = 1`)), near && known(file, and(near, eq(calls.id, id)))]
  const [call] = newest.filter((one) => one !== undefined).sort((left, right) => right.at - left.at)
  if (!call) return undefined
  const texts = textBlock(file, call.block)
  const record = texts.record(call.slot)
  if (record === undefined || !isJsonText(record)) return undefined
  return { block: call.block, record, place: placeIn(texts, call.slot) }
}

function placeIn({ notes }: TextBlock, call: number): Place | undefined {
  try {
    let start = 0
    for (let slot = 0; slot < call; slot++) start += lengthOf(notes(slot))
    return { notes: notes(call), start }
  } catch {
    return undefined
  }
}

const known = ({ drizzle }: Opened, where: SQL | undefined) =>
  drizzle
    .select({ at: calls.at, block: calls.block, slot: calls.slot })
    .from(calls)
    .where(where)
    .orderBy(desc(calls.at))
    .limit(1)
    .get()

const lengthOf = (notes: readonly PayloadNote[]): number => notes.reduce((sum, [, , , , length]) => sum + length, 0)

/** Undefined when the block is not there, or not whole. */
function payloadsAt({ notes, start }: Place, block: () => Uint8Array | undefined): GetAnswer["payloads"] | undefined {
  const length = lengthOf(notes)
  const all = length === 0 ? new Uint8Array(0) : block()
  let from = length === 0 ? 0 : start
  if (!all || all.length < from + length) return undefined
  return notes.map(([side, wire, contentType, size, length]) => {
    const bytes = new Uint8Array(all.subarray(from, from + length))
    from += length
    return { side, wire, contentType, size, bytes }
  })
}

/** The sums of the hours from `from` to `to`, oldest first. */
export function readRollups(directory: string, from: number, to: number): readonly Rollup[] {
  const rows = using(rollupFile(directory), "rollups", ({ drizzle }) =>
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

/** Undefined too for a file that cannot be read: it does not hide the others. */
function using<T>(path: string, kind: FileKind, read: (file: Opened) => T): T | undefined {
  let file: Opened | undefined
  try {
    file = openForReading(ownFile(path, kind), kind)
    return file && read(file)
  } catch (problem) {
    if (isUnreadable(problem)) return undefined
    throw problem
  } finally {
    file?.close()
  }
}
