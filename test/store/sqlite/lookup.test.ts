import { afterEach, beforeEach, describe, expect, test } from "bun:test"
import { rmSync } from "node:fs"
import { join } from "node:path"
import type { SqliteLogStore } from "../../../src/store/sqlite/log-store.ts"
import { sampleEntry, samplePayload } from "../sample.ts"
import { settled, walk } from "../suite.ts"
import { type Folder, temporaryLog } from "./folder.ts"

const noon = Date.UTC(2026, 10, 22, 12)
const dayMs = 86_400_000
let folder: Folder
let store: SqliteLogStore
beforeEach(() => {
  folder = temporaryLog()
  store = folder.open()
})
afterEach(() => folder.close())

const entryAt = (id: string, at: number, body = "{}") => sampleEntry({ id, at }, [samplePayload("client-request", body)])

describe("a call is found by an id", () => {
  test.each([
    ["that tells the call's time", 0],
    ["that tells nearly that", 20],
    ["that tells another time, as one from the caller may", 21],
    ["that tells a time of another day", 3 * dayMs],
    ["that tells a time to come", -3 * dayMs],
  ])("%s", async (_, behind) => {
    const entry = entryAt(Bun.randomUUIDv7("hex", noon), noon + behind)
    store.write(sampleEntry({ at: noon + behind }))
    store.write(entry)
    await settled(store)
    expect(await store.get(entry.record.id)).toEqual(entry)
  })

  test.each(["", "7", "------------------------------------", "zzzzzzzz-zzzz-7zzz-zzzz-zzzzzzzzzzzz", "a\nb", "ä"])(
    "such as %p",
    async (id) => {
      const entry = entryAt(id, noon)
      store.write(entry)
      await settled(store)
      expect(await store.get(id)).toEqual(entry)
    },
  )

  test("that is used twice, the newest", async () => {
    const id = Bun.randomUUIDv7("hex", noon)
    const [later, own] = [entryAt(id, noon + 5_000, "later"), entryAt(id, noon, "own")]
    for (const entry of [later, own]) store.write(entry)
    await settled(store)
    expect(await store.get(id)).toEqual(later)
  })
})

test("a call is taken out of the middle of what was written with it", async () => {
  const entries = Array.from({ length: 300 }, (_, index) => entryAt(`call-${index}`, noon + index, `body ${index}`))
  for (const entry of entries) store.write(entry)
  await settled(store)
  for (const index of [0, 1, 150, 255, 256, 299]) expect(await store.get(`call-${index}`)).toEqual(entries[index])
})

test("payloads that are gone are never another call's", async () => {
  store.write(entryAt("before", noon, "of before"))
  await settled(store)
  await store.stop(5_000)
  for (const beside of ["", "-wal", "-shm"]) rmSync(join(folder.path, `2026-11-22.payloads.db${beside}`), { force: true })
  const again = folder.open()
  again.write(entryAt("after", noon + 1, "of after"))
  await settled(again)
  expect((await again.get("before"))?.payloads).toEqual([])
  expect((await again.get("after"))?.payloads).toHaveLength(1)
})

test("a page and a search go over calls in the order of their starts, however far apart they ended", async () => {
  const order = Array.from({ length: 400 }, (_, index) => (index * 157) % 400)
  for (const [count, index] of order.entries()) {
    store.write(
      sampleEntry({ id: `call-${String(index).padStart(3, "0")}`, at: noon + index, keyName: index % 7 ? "odd" : "seventh" }),
    )
    if (count % 40 === 39) await settled(store)
  }
  await settled(store)
  const all = (await walk(store, { limit: 33 })).map(({ at }) => at - noon)
  expect(all).toEqual(Array.from({ length: 400 }, (_, index) => 399 - index))
  const found = (await walk(store, { limit: 10, search: ["SEVENTH"] })).map(({ at }) => at - noon)
  expect(found).toEqual(all.filter((index) => index % 7 === 0))
})
