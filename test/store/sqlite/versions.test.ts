import { Database } from "bun:sqlite"
import { afterEach, beforeEach, describe, expect, test } from "bun:test"
import { mkdirSync, readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { dayOf } from "../../../src/store/sqlite/day-files.ts"
import { shapes } from "../../../src/store/sqlite/schema.ts"
import { sampleEntry, samplePayload } from "../sample.ts"
import { settled, walk } from "../suite.ts"
import { type Folder, temporaryLog } from "./folder.ts"
import { writeVersion3 } from "./version-3.ts"

let folder: Folder
beforeEach(() => {
  folder = temporaryLog()
})
afterEach(() => folder.close())

const today = "2026-11-22"
const noon = (day: string) => Date.parse(`${day}T12:00:00Z`)
const pathOf = (name: string) => join(folder.path, name)
const call = (id: string, day = today, change = {}) =>
  sampleEntry({ id, at: noon(day), ...change }, [samplePayload("client-request", `{"of":"${id}"}`)])

function versionOf(name: string): unknown {
  const file = new Database(pathOf(name))
  const [[version] = []] = file.query("PRAGMA user_version").values()
  file.close()
  return version
}

describe("files of version 3", () => {
  test("of older days are read as they are", async () => {
    const old = [call("one", "2026-11-20"), call("other", "2026-11-20", { provider: "south", at: noon("2026-11-20") + 1 })]
    writeVersion3(folder.path, "2026-11-20", old)
    const store = folder.open()
    expect(await walk(store, { limit: 1 })).toEqual([...old].reverse().map(({ record }) => record))
    for (const entry of old) expect(await store.get(entry.record.id)).toEqual(entry)
    const idsOf = async (query: object) => (await store.list(query)).records.map(({ id }) => id)
    expect(await idsOf({ providers: ["south"] })).toEqual(["other"])
    expect(await idsOf({ models: ["model-a"], search: ["one"] })).toEqual(["one"])
    expect(await idsOf({ models: ["alias"] })).toEqual([])
    expect(await store.list({})).toMatchObject({ complete: true })
    expect(versionOf("2026-11-20.db")).toBe(3)
  })

  test("of today are written on", async () => {
    const old = call("old")
    writeVersion3(folder.path, today, [old])
    const told: string[] = []
    const store = folder.open({ tell: (_, message) => void told.push(message) })
    expect(await store.get("old")).toEqual(old)
    const added = call("new", today, { requestedModel: "north/fast", at: noon(today) + 1 })
    store.write(added)
    await settled(store)
    expect(store.health()).toEqual({ state: "ok", queued: 0, dropped: 0, written: 1 })
    expect(told).toEqual([])
    expect(await store.list({})).toEqual({ records: [added.record, old.record], complete: true })
    expect((await store.list({ models: ["fast"] })).records).toEqual([added.record])
    for (const entry of [old, added]) expect(await store.get(entry.record.id)).toEqual(entry)
    const calls = (await store.rollups(noon(today), noon(today))).map((sum) => sum.calls)
    expect(calls).toEqual([2])
    await store.stop(5_000)
    for (const [name, kind] of [
      [`${today}.db`, "records"],
      [`${today}.payloads.db`, "payloads"],
      ["rollups.db", "rollups"],
    ] as const)
      expect(versionOf(name)).toBe(shapes[kind].version)
  })

  test("are brought up to date once where two open them", async () => {
    writeVersion3(folder.path, today, [call("old")])
    const stores = [folder.open(), folder.open(), folder.open()]
    for (const [index, store] of stores.entries()) store.write(call(`new-${index}`))
    for (const store of stores) {
      await settled(store)
      expect(store.health()).toMatchObject({ state: "ok", written: 1, dropped: 0 })
    }
    expect(await walk(folder.open(), {})).toHaveLength(4)
  })
})

test("files of a version that is too old are set aside", async () => {
  mkdirSync(folder.path)
  const old = new Database(pathOf(`${today}.db`), { create: true })
  old.run("CREATE TABLE calls (at INTEGER); PRAGMA user_version = 2")
  old.close()
  const told: string[] = []
  const store = folder.open({ tell: (level, message) => void told.push(`${level}: ${message}`) })
  const missed = { complete: false, unreadable: [today] }
  expect(await store.list({})).toEqual({ records: [], ...missed })
  store.write(call("new"))
  await settled(store)
  expect(await store.list({})).toMatchObject({ records: [{ id: "new" }], ...missed })
  const aside = readdirSync(folder.path).find((file) => file.includes(".unusable-"))
  expect(told).toEqual([
    `warn: log: ${pathOf(`${today}.db`)} was written by an older version of the gateway (as version 2, not ${shapes.records.version}); it is kept as ${aside}, and a new one is begun`,
    "info: log: calls are written again",
  ])
})

describe("files of a newer version", () => {
  function writeNewer(name: string) {
    mkdirSync(folder.path, { recursive: true })
    const file = new Database(pathOf(name), { create: true })
    file.run("CREATE TABLE calls (something TEXT); CREATE TABLE rollups (something TEXT); PRAGMA user_version = 99")
    file.close()
  }
  const besideOf = (name: string, kind: keyof typeof shapes) => `${name}.v${shapes[kind].version}`
  const names = [
    [`${today}.db`, "records"],
    [`${today}.payloads.db`, "payloads"],
    ["rollups.db", "rollups"],
  ] as const

  test("are left as they are and told once, and calls are kept beside them", async () => {
    for (const [name] of names) writeNewer(name)
    const bytes = () => names.map(([name]) => Bun.hash(readFileSync(pathOf(name))))
    const before = bytes()
    const told: string[] = []
    const store = folder.open({ tell: (level, message) => void (level === "warn" && told.push(message)) })
    const missed = { complete: false, unreadable: [today] }
    expect(await store.list({})).toEqual({ records: [], ...missed })
    const calls = [call("first"), call("second", today, { at: noon(today) + 1 })]
    for (const entry of calls) {
      store.write(entry)
      await settled(store)
    }
    expect(store.health()).toMatchObject({ state: "ok", written: 2, dropped: 0 })
    expect(await store.list({})).toEqual({ records: [...calls].reverse().map(({ record }) => record), ...missed })
    for (const entry of calls) expect(await store.get(entry.record.id)).toEqual(entry)
    expect((await store.rollups(noon(today), noon(today))).map((sum) => sum.calls)).toEqual([2])
    await store.stop(5_000)
    expect(bytes()).toEqual(before)
    expect(readdirSync(folder.path).filter((name) => name.includes("unusable"))).toEqual([])
    expect(told.sort()).toEqual(
      names
        .map(
          ([name, kind]) =>
            `log: ${pathOf(name)} was written by a newer version of the gateway (as version 99, not ${shapes[kind].version}); it is left as it is, and what this version writes goes into ${besideOf(name, kind)}`,
        )
        .sort(),
    )
    const again = folder.open({ tell: (level, message) => void (level === "warn" && told.push(message)) })
    again.write(call("third", today, { at: noon(today) + 2 }))
    await settled(again)
    expect(await again.list({ limit: 1 })).toMatchObject({ records: [{ id: "third" }], ...missed })
    expect(told).toHaveLength(names.length)
  }, 30_000)

  test("of an older day are named, and other days are listed", async () => {
    writeNewer("2026-11-20.db")
    const store = folder.open()
    store.write(call("old", "2026-11-19"))
    store.write(call("new"))
    await settled(store)
    expect(await store.list({})).toMatchObject({ records: [{ id: "new" }, { id: "old" }], unreadable: ["2026-11-20"] })
    expect(await store.list({ from: noon("2026-11-21") })).toMatchObject({ records: [{ id: "new" }], complete: true })
    expect((await store.get("old"))?.record.id).toBe("old")
  })

  test("go with their day, and so does what was kept beside them", async () => {
    const day = dayOf(Date.now() - 10 * 86_400_000)
    writeNewer(`${day}.db`)
    const first = folder.open()
    first.write(call("old", day))
    await settled(first)
    await first.stop(5_000)
    expect(readdirSync(folder.path)).toContain(besideOf(`${day}.db`, "records"))
    const second = folder.open({ retentionDays: 5 })
    second.write(call("new", dayOf(Date.now())))
    await settled(second)
    expect(readdirSync(folder.path).filter((name) => name.startsWith(day))).toEqual([])
  })
})
