import { readdirSync, rmSync, statSync } from "node:fs"
import { join } from "node:path"

/** A day of UTC as in file names, such as `2026-11-22`. */
export type Day = string

const dayMs = 86_400_000
const named = /^(\d{4}-\d\d-\d\d)(\.payloads)?\.db/
const sumsAside = /^rollups\.db\.unusable-(\d{1,15})$/

/** `at` in milliseconds since 1970. */
export const dayOf = (at: number): Day => new Date(at).toISOString().slice(0, 10)
/** The first millisecond of a day, since 1970. */
export const startOf = (day: Day): number => Date.parse(`${day}T00:00:00Z`)
/** Its last one. */
export const endOf = (day: Day): number => startOf(day) + dayMs - 1

/** Where the records of a day are. */
export const recordFile = (directory: string, day: Day): string => join(directory, `${day}.db`)
/** Where the payloads of a day are. */
export const payloadFile = (directory: string, day: Day): string => join(directory, `${day}.payloads.db`)
/** Where the sums of all days are. */
export const rollupFile = (directory: string): string => join(directory, "rollups.db")

/** Days that have a file of records, be it one that cannot be read, newest first. */
export const daysIn = (directory: string): readonly Day[] =>
  [...new Set(recordFilesIn(directory).map(([day]) => day))].sort().reverse()

/** The names of all files with records, each with its day: those of other versions beside a day's own, and those that were set aside, too. */
export function recordFilesIn(directory: string): readonly (readonly [day: Day, name: string])[] {
  return listed(directory).flatMap((name) => {
    const day = /^(\d{4}-\d\d-\d\d)\.db(\.v\d+|\.unusable-\d+)?$/.exec(name)?.[1]
    return day === undefined || Number.isNaN(startOf(day)) ? [] : [[day, name] as const]
  })
}

/** One database with the files SQLite keeps beside it, and copies set aside. */
interface Part {
  readonly day: Day
  readonly payloads: boolean
  readonly files: string[]
  bytes: number
}

function partsIn(directory: string): Part[] {
  const parts = new Map<string, Part>()
  for (const name of listed(directory)) {
    const match = named.exec(name)
    const day = match?.[1] ?? dayAside(name)
    if (day === undefined) continue
    const payloads = match?.[2] !== undefined
    const key = `${day}${payloads ? 0 : 1}`
    const part = parts.get(key) ?? { day, payloads, files: [], bytes: 0 }
    const path = join(directory, name)
    part.files.push(path)
    part.bytes += sizeOf(path)
    parts.set(key, part)
  }
  return [...parts].sort(([left], [right]) => (left < right ? -1 : 1)).map(([, part]) => part)
}

/** The day when sums of all days were set aside. */
function dayAside(name: string): Day | undefined {
  const at = sumsAside.exec(name)?.[1]
  return at === undefined ? undefined : dayOf(Number(at))
}

/** Deletes whole days past their retention, then the oldest payloads and records until all together fit. Today's files stay. */
export function sweep(directory: string, limits: { retentionDays: number; maxBytes: number }, now: number): readonly string[] {
  const today = dayOf(now)
  const oldest = dayOf(now - limits.retentionDays * dayMs)
  const parts = partsIn(directory)
  let total = parts.reduce((sum, part) => sum + part.bytes, 0)
  const removed: string[] = []
  for (const part of parts) {
    if (part.day >= today) break
    if (part.day >= oldest && total <= limits.maxBytes) break
    // What SQLite keeps beside a database goes before it: it would belong to the next of that name.
    for (const file of part.files.sort().reverse()) if (remove(file)) removed.push(file)
    total -= part.bytes
  }
  return removed
}

function listed(directory: string): string[] {
  try {
    return readdirSync(directory)
  } catch {
    return []
  }
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0
}

function remove(path: string): boolean {
  try {
    rmSync(path, { force: true })
    return true
  } catch {
    return false
  }
}
