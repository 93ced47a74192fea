import { afterEach, beforeEach, expect, test } from "bun:test"
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { basename, join } from "node:path"
import { dayOf, daysIn, endOf, startOf, sweep } from "../../../src/store/sqlite/day-files.ts"

const now = Date.UTC(2026, 10, 22, 12)
let folder = ""
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "gantry-days-"))
})
afterEach(() => rmSync(folder, { recursive: true }))

const fill = (...names: string[]) => {
  for (const name of names) writeFileSync(join(folder, name), "x".repeat(100))
}
const left = () => readdirSync(folder).sort()

test("a day is one of UTC, to the millisecond", () => {
  const midnight = Date.UTC(2026, 10, 22)
  expect([dayOf(midnight - 1), dayOf(midnight)]).toEqual(["2026-11-21", "2026-11-22"])
  expect([startOf("2026-11-22"), endOf("2026-11-22")]).toEqual([midnight, midnight + 86_399_999])
})

test("days with a file of records, also of another version or set aside, newest first, and nothing else", () => {
  fill("2026-11-20.db", "2026-11-22.db", "2026-11-22.db-wal", "2026-11-21.payloads.db", "rollups.db", "2026-11-19.db.unusable-7")
  fill("2026-13-45.db", "2026-11-20.db.v9", "2026-11-18.db.v9", "2026-11-17.db.v9-wal", "2026-11-16.db.unusable-7-wal")
  expect(daysIn(folder)).toEqual(["2026-11-22", "2026-11-20", "2026-11-19", "2026-11-18"])
  expect(daysIn(join(folder, "absent"))).toEqual([])
})

test("what lies beside a database is deleted before it", () => {
  fill("2026-11-19.db", "2026-11-19.db-wal", "2026-11-19.db-shm", "2026-11-19.db.v9", "2026-11-19.db.v9-wal")
  const removed = sweep(folder, { retentionDays: 2, maxBytes: 1_000_000 }, now).map((path) => basename(path))
  expect(removed).toEqual(["2026-11-19.db.v9-wal", "2026-11-19.db.v9", "2026-11-19.db-wal", "2026-11-19.db-shm", "2026-11-19.db"])
})

test("retention deletes whole days with all that lies beside them", () => {
  fill(
    "2026-11-19.db",
    "2026-11-19.db-wal",
    "2026-11-19.payloads.db",
    "2026-11-19.db.unusable-7",
    "2026-11-20.db",
    "2026-11-22.db",
    "rollups.db",
    "notes",
  )
  const removed = sweep(folder, { retentionDays: 2, maxBytes: 1_000_000 }, now)
  expect(left()).toEqual(["2026-11-20.db", "2026-11-22.db", "notes", "rollups.db"])
  expect(removed).toHaveLength(4)
})

test("sums that were set aside go with the day when they were", () => {
  const aside = (day: number) => `rollups.db.unusable-${Date.UTC(2026, 10, day, 7)}`
  fill(aside(19), aside(21), "rollups.db")
  sweep(folder, { retentionDays: 2, maxBytes: 1_000_000 }, now)
  expect(left()).toEqual(["rollups.db", aside(21)])
  sweep(folder, { retentionDays: 2, maxBytes: 50 }, now)
  expect(left()).toEqual(["rollups.db"])
})

test("the size bound deletes the oldest first, payloads before records, and never today", () => {
  fill(
    "2026-11-20.db",
    "2026-11-20.payloads.db",
    "2026-11-21.db",
    "2026-11-21.payloads.db",
    "2026-11-22.db",
    "2026-11-22.payloads.db",
  )
  sweep(folder, { retentionDays: 30, maxBytes: 500 }, now)
  expect(left()).toEqual(["2026-11-20.db", "2026-11-21.db", "2026-11-21.payloads.db", "2026-11-22.db", "2026-11-22.payloads.db"])
  sweep(folder, { retentionDays: 30, maxBytes: 50 }, now)
  expect(left()).toEqual(["2026-11-22.db", "2026-11-22.payloads.db"])
})
