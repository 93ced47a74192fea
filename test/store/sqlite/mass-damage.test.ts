import { afterEach, beforeEach, describe, expect, test } from "bun:test"
import { mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { dayOf } from "../../../src/store/sqlite/day-files.ts"
import { dayWriter, type Pending } from "../../../src/store/sqlite/day-writer.ts"
import { type DayPart, rowOf } from "../../../src/store/sqlite/entry.ts"
import { sampleEntry, samplePayload, sampleRecord } from "../sample.ts"
import { settled, walk } from "../suite.ts"
import { type Folder, noise, temporaryLog, until } from "./folder.ts"

let folder: Folder
beforeEach(() => {
  folder = temporaryLog()
})
afterEach(() => folder.close())

const days = ["2026-11-19", "2026-11-20", "2026-11-21", "2026-11-22"]
const today = "2026-11-22"
const at = (day: string) => Date.parse(`${day}T12:00:00Z`)
const call = (day: string, id = `of ${day}`) =>
  sampleEntry({ id, at: at(day) }, [samplePayload("client-request", `{"of":"${id}"}`)])
const pathOf = (name: string) => join(folder.path, name)

function damage(...names: string[]) {
  mkdirSync(folder.path, { recursive: true })
  for (const name of names) writeFileSync(pathOf(name), "this was a database once ".repeat(400))
}
/** As many copies set aside as are kept. */
function crowd(name: string) {
  mkdirSync(folder.path, { recursive: true })
  for (let copy = 1; copy <= 8; copy++) writeFileSync(pathOf(`${name}.unusable-${copy}`), "")
}

describe("many files that are damaged at once", () => {
  const names = [...days.flatMap((day) => [`${day}.db`, `${day}.payloads.db`]), "rollups.db"]

  test("are all set aside for one batch, which is written whole", async () => {
    damage(...names)
    const told: string[] = []
    const store = folder.open({ tell: (level, message) => void (level === "warn" && told.push(message)) })
    for (const day of days) store.write(call(day))
    await settled(store)
    expect(store.health()).toMatchObject({ state: "ok", written: 4, dropped: 0 })
    expect(told).toHaveLength(names.length)
    for (const day of days) expect(await store.get(`of ${day}`)).toEqual(call(day))
    expect((await store.rollups(0, at(today))).map(({ calls }) => calls)).toEqual([1, 1, 1, 1])
  }, 30_000)

  test("and damaged again and again have a bound in copies; what has no place is counted and told, and all else is written", async () => {
    crowd(`${today}.db`)
    crowd("2026-11-21.payloads.db")
    crowd("rollups.db")
    damage(...names)
    const told: string[] = []
    const store = folder.open({ tell: (level, message) => void (level === "warn" && told.push(message)) })
    for (const day of days) store.write(call(day))
    await settled(store)
    expect(store.health()).toMatchObject({ state: "degraded", written: 3, dropped: 1 })
    expect(told.at(-1)).toStartWith("log: calls not kept: ")
    const all = await walk(store, {})
    expect(all.map(({ id }) => id)).toEqual(["of 2026-11-21", "of 2026-11-20", "of 2026-11-19"])
    expect(await store.get("of 2026-11-21")).toEqual({ record: call("2026-11-21").record, payloads: [], payloadsLost: true })
    expect(await store.get("of 2026-11-20")).toEqual(call("2026-11-20"))
    const aside = readdirSync(folder.path).filter((name) => name.startsWith(`${today}.db.unusable-`))
    expect(aside).toHaveLength(8)
  }, 30_000)
})

test("records that find their file at its bound are counted and told, and do not hold up another day's", async () => {
  const store = folder.open({ maxBytes: 600_000 })
  for (let index = 0; index < 300; index++)
    store.write(sampleEntry({ id: `many-${index}`, at: at("2026-11-21"), path: noise().slice(0, 2_000) }))
  await settled(store)
  expect(store.health().lastError).toMatch(/^calls not kept: .*full/)
  expect(store.health().dropped).toBeGreaterThan(0)
  store.write(call(today))
  await until(store, ({ queued }) => queued === 0)
  expect(await store.get(`of ${today}`)).toEqual(call(today))
  expect(await walk(store, {})).toHaveLength(store.health().written)
}, 30_000)

test("a file that somebody put another in place of is let go of", async () => {
  const store = folder.open()
  store.write(call(today, "before"))
  await settled(store)
  renameSync(pathOf(`${today}.db`), pathOf("elsewhere"))
  const other = folder.open()
  other.write(call(today, "other's"))
  await settled(other)
  store.write(call(today, "after"))
  await settled(store)
  expect((await store.list({})).records.map(({ id }) => id)).toEqual(["other's", "after"])
})

describe("parts of a batch", () => {
  const limits = { retentionDays: 36_500, maxBytes: 1e9 }
  const partOf = (day: string, id: string, block: number): DayPart => {
    const record = sampleRecord({ id, at: at(day) })
    const text = Buffer.from(`${JSON.stringify(record)}\n[["client-request","wire-a","text/plain",${id.length},${id.length}]]\n`)
    return { day, block, rows: [rowOf(record, text.length, id.length)], text, payloads: Buffer.from(id) }
  }
  const pendingOf = (parts: DayPart[], waitedMs = 0): Pending => ({
    parts,
    done: new Set(),
    since: performance.now() - waitedMs,
    lost: 0,
  })

  test("that have another's name take one of their own, and keep their payloads", async () => {
    const writer = dayWriter(folder.path, limits, () => {})
    for (const id of ["one", "other"]) {
      const pending = pendingOf([partOf(today, id, 7)])
      writer.write(pending)
      expect(pending).toMatchObject({ lost: 0 })
      expect(pending.loss).toBeUndefined()
    }
    rmSync(pathOf(`${today}.payloads.db`))
    const third = pendingOf([partOf(today, "third", 7)])
    writer.write(third)
    expect(third.loss).toBeUndefined()
    writer.close()
    const store = folder.open()
    expect((await store.list({})).records).toHaveLength(3)
    const { payloads } = (await store.get("third")) ?? {}
    expect(payloads?.map(({ bytes }) => new TextDecoder().decode(bytes))).toEqual(["third"])
  })

  test("of a day that is over wait a while for a file that cannot be opened, and those of today as long as it takes", () => {
    const now = dayOf(Date.now())
    mkdirSync(pathOf(`${now}.db`), { recursive: true })
    mkdirSync(pathOf("2026-11-20.db"), { recursive: true })
    const writer = dayWriter(folder.path, limits, () => {})
    const old = pendingOf([partOf("2026-11-20", "old", 1), partOf("2026-11-21", "good", 2)])
    expect(() => writer.write(old)).toThrow("unable to open")
    const waited = pendingOf(old.parts as DayPart[], 400_000)
    writer.write(waited)
    expect(waited).toMatchObject({ lost: 1, loss: expect.stringContaining("calls not kept: unable to open") })
    expect(() => writer.write(pendingOf([partOf(now, "new", 3)], 4_000_000))).toThrow("unable to open")
    writer.close()
  })

  test("are written without payloads and sums whose files cannot be opened for a while", async () => {
    mkdirSync(pathOf(`${today}.payloads.db`), { recursive: true })
    mkdirSync(pathOf("rollups.db"), { recursive: true })
    const writer = dayWriter(folder.path, limits, () => {})
    expect(() => writer.write(pendingOf([partOf(today, "one", 1)]))).toThrow("unable to open")
    const waited = pendingOf([partOf(today, "one", 1)], 6_000)
    writer.write(waited)
    expect(waited).toMatchObject({ lost: 0, loss: expect.stringContaining("payloads not kept") })
    writer.close()
    mkdirSync(pathOf("2026-11-20.db"))
    const store = folder.open()
    expect(await store.get("one")).toMatchObject({ payloads: [], payloadsLost: true })
    expect(await store.get("nobody's")).toBeUndefined()
    const listed = { records: [{ id: "one" }], complete: false, unreadable: ["2026-11-20"] }
    expect(await store.list({})).toMatchObject(listed)
  })
})
