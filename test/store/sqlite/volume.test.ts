import { afterAll, beforeAll, expect, test } from "bun:test"
import { existsSync } from "node:fs"
import { join } from "node:path"
import type { SqliteLogStore } from "../../../src/store/sqlite/log-store.ts"
import { sampleEntry } from "../sample.ts"
import { settled, walk } from "../suite.ts"
import { type Folder, temporaryLog } from "./folder.ts"

const noon = Date.UTC(2026, 10, 22, 12)
const rows = 50_000
const rare = new Set([3, 11_111, 24_999, 25_000, 49_998])
let folder: Folder
let store: SqliteLogStore

beforeAll(async () => {
  folder = temporaryLog()
  store = folder.open({ queueEntries: rows })
  const day = (index: number) => (index < rows / 2 ? noon - 86_400_000 : noon)
  for (let index = 0; index < rows; index++) {
    const provider = rare.has(index) ? "rare" : "north"
    store.write(sampleEntry({ id: `row-${index}`, at: day(index) + index, provider }))
  }
  await settled(store)
}, 60_000)
afterAll(() => folder.close())

test("everything written is there", () => {
  expect(store.health()).toMatchObject({ state: "ok", written: rows, dropped: 0 })
})

test("a list among many rows is one page, the newest first", async () => {
  const page = await store.list({ limit: 50 })
  expect(page.records.map((record) => record.id)).toEqual(Array.from({ length: 50 }, (_, index) => `row-${rows - 1 - index}`))
  expect(page).toMatchObject({ complete: true, cursor: expect.any(String) })
})

test("a rare row is found in one list", async () => {
  const page = await store.list({ providers: ["rare"] })
  expect(page.records.map((record) => record.id)).toEqual(["row-49998", "row-25000", "row-24999", "row-11111", "row-3"])
  expect(page.complete).toBe(true)
  expect(page.cursor).toBeUndefined()
})

test("a list that has no time says so, gets further with each cursor, and finds all in the end", async () => {
  const hurried = folder.open({ listMs: -1 })
  const first = await hurried.list({ providers: ["rare"] })
  expect(first.complete).toBe(false)
  expect(first.records.length).toBeLessThan(5)
  const all = await walk(hurried, { providers: ["rare"] })
  expect(all.map((record) => record.id)).toEqual(["row-49998", "row-25000", "row-24999", "row-11111", "row-3"])
})

test("a call is listed by its id without a look at others", async () => {
  const own = Bun.randomUUIDv7("hex", noon + 100)
  store.write(sampleEntry({ id: own, at: noon + 101 }))
  await settled(store)
  const hurried = folder.open({ listMs: -1 })
  for (const id of ["row-25001", own]) {
    const requestId = { requestId: id }
    const listed = async (query: object) => (await hurried.list({ ...requestId, ...query })).records.map((record) => record.id)
    expect(await listed({})).toEqual([id])
    expect(await listed({ providers: ["north"], from: noon, search: [id] })).toEqual([id])
    expect(await listed({ providers: ["south"] })).toEqual([])
    expect(await listed({ to: noon + 50 })).toEqual([])
  }
})

test("a search among many rows finds what is rare, in one list or with cursors", async () => {
  const found = ["row-49998", "row-25000", "row-24999", "row-11111", "row-3"]
  expect((await walk(store, { search: ["RARE"] })).map((record) => record.id)).toEqual(found)
  const hurried = folder.open({ listMs: -1 })
  expect((await hurried.list({ search: ["rare"] })).complete).toBe(false)
  expect((await walk(hurried, { search: ["rare"], limit: 2 })).map((record) => record.id)).toEqual(found)
})

test("a list given up on the way rejects, and the next one is answered", async () => {
  const stop = new AbortController()
  const given = store.list({ providers: ["nobody"] }, stop.signal)
  stop.abort()
  await expect(given).rejects.toMatchObject({ error: { kind: "cancelled" } })
  expect((await store.list({ limit: 1 })).records).toHaveLength(1)
})

test("too many waiting lists are refused", async () => {
  const asked = await Promise.allSettled(Array.from({ length: 50 }, () => store.list({ limit: 1 })))
  const refused = asked.filter((one) => one.status === "rejected")
  expect(refused).toHaveLength(50 - 32)
})

test("sums of an hour by provider, model and status", async () => {
  const hours = await store.rollups(noon - 86_400_000, noon)
  const north = hours.filter((sum) => sum.provider === "north")
  expect(north.reduce((sum, hour) => sum + hour.calls, 0)).toBe(rows - rare.size + 1)
  expect(hours.at(-1)).toMatchObject({ hour: noon, status: "success", unpricedCalls: 0 })
  const rareSums = hours.filter((sum) => sum.provider === "rare")
  expect(rareSums).toMatchObject([
    { calls: 3, inputTokens: 360, outputTokens: 90, model: "model-a" },
    { calls: 2, inputTokens: 240, outputTokens: 60, model: "model-a" },
  ])
})

test("calls that differ from the one before in one thing only are summed apart", async () => {
  const from = noon - 5 * 86_400_000
  const hour = 3_600_000
  const base = { at: from, provider: "north", model: "model-a", status: 200 }
  const unlike = [{ at: from + hour }, { provider: "south" }, { model: "model-b" }, { status: 500 }].map((one) => ({
    ...base,
    ...one,
  }))
  for (const one of unlike) for (const change of [base, one, one, base]) store.write(sampleEntry(change))
  await settled(store)
  const sums = await store.rollups(from, from + hour)
  const counts = sums.map(({ hour, provider, model, status, calls }) => [hour, provider, model, status, calls])
  expect(new Set(counts.map(String))).toEqual(
    new Set([
      `${from},north,model-a,success,8`,
      `${from + hour},north,model-a,success,2`,
      `${from},south,model-a,success,2`,
      `${from},north,model-b,success,2`,
      `${from},north,model-a,error,2`,
    ]),
  )
})

test("models past the bound of an hour are summed as one", async () => {
  const at = noon - 10 * 86_400_000
  for (let index = 0; index < 700; index++) store.write(sampleEntry({ at, model: `invented-${index}` }))
  await settled(store)
  const sums = await store.rollups(at, at)
  expect(sums).toHaveLength(501)
  expect(sums.find((sum) => sum.model === "_other")).toMatchObject({ calls: 200 })
})

test("lists never open the payload files", async () => {
  await store.list({ limit: 10 })
  expect(existsSync(join(folder.path, "2026-11-22.payloads.db"))).toBe(false)
})
