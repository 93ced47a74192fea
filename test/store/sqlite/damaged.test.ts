import { Database } from "bun:sqlite"
import { afterEach, beforeEach, describe, expect, test } from "bun:test"
import { mkdirSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import type { LogPage } from "../../../src/core/record.ts"
import { sampleEntry, samplePayload } from "../sample.ts"
import { settled, walk } from "../suite.ts"
import { type Folder, noise, temporaryLog, until } from "./folder.ts"

let folder: Folder
beforeEach(() => {
  folder = temporaryLog()
})
afterEach(() => folder.close())

const today = (name: string) => join(folder.path, `2026-11-22${name}`)

describe("files that cannot be used", () => {
  test("a folder that cannot be made degrades the log until it can", async () => {
    writeFileSync(folder.path, "in the way")
    const store = folder.open()
    store.write(sampleEntry({ id: "patient" }))
    await until(store, ({ state }) => state === "degraded")
    rmSync(folder.path)
    await until(store, ({ queued }) => queued === 0)
    expect(store.health().state).toBe("ok")
    expect((await store.list({})).records).toHaveLength(1)
  }, 30_000)

  test.each([".db", ".payloads.db"])(
    "a damaged %s is set aside",
    async (name) => {
      mkdirSync(folder.path)
      writeFileSync(today(name), "this was a database once ".repeat(400))
      const store = folder.open()
      const missed = name === ".db" ? { complete: false, unreadable: ["2026-11-22"] } : { complete: true }
      expect(await store.list({})).toEqual({ records: [], ...missed })
      const entry = sampleEntry({ id: "new" }, [samplePayload("client-request", "{}")])
      store.write(entry)
      await settled(store)
      expect(await store.get("new")).toEqual(entry)
      expect(await store.list({})).toEqual({ records: [entry.record], ...missed })
      expect(store.health()).toMatchObject({ state: "ok", written: 1, dropped: 0 })
      expect(store.health().lastError).toBeDefined()
      expect(readdirSync(folder.path).some((file) => file.startsWith(`2026-11-22${name}.unusable-`))).toBe(true)
    },
    30_000,
  )

  test("a file with other tables is set aside", async () => {
    mkdirSync(folder.path)
    const strange = new Database(today(".db"), { create: true })
    strange.run("CREATE TABLE details (something TEXT); PRAGMA user_version = 1")
    strange.close()
    const store = folder.open()
    store.write(sampleEntry({ id: "new" }))
    await settled(store)
    expect((await store.get("new"))?.record.id).toBe("new")
    expect(readdirSync(folder.path).some((file) => file.startsWith("2026-11-22.db.unusable-"))).toBe(true)
  }, 30_000)

  test("a file that loses its second half is replaced, and the log goes on", async () => {
    const store = folder.open()
    for (let index = 0; index < 200; index++) store.write(sampleEntry())
    await store.stop(5_000)
    truncateSync(today(".db"), 8_192)
    const again = folder.open()
    for (let index = 0; index < 200; index++) again.write(sampleEntry({ id: `new-${index}` }))
    await settled(again)
    expect(again.health()).toMatchObject({ written: 200, dropped: 0 })
    expect((await again.get("new-7"))?.record.id).toBe("new-7")
  }, 30_000)

  describe("a damaged day does not hide the others, and is named:", () => {
    const days = ["2026-11-20", "2026-11-21", "2026-11-22"]
    const damaged = () => join(folder.path, "2026-11-21.db")
    async function write() {
      const store = folder.open()
      for (const day of days)
        for (let index = 0; index < 30; index++)
          store.write(sampleEntry({ id: `${day} ${index}`, at: Date.parse(`${day}T12:00:00Z`), path: noise().slice(0, 500) }))
      await store.stop(5_000)
    }
    /** A page is complete just when it names no day. */
    async function collect({ complete, unreadable = [] }: LogPage, days: Set<string>) {
      expect(complete).toBe(unreadable.length === 0)
      for (const day of unreadable) days.add(day)
    }
    async function readable() {
      const store = folder.open()
      const unreadable = new Set<string>()
      const listed = (await walk(store, { limit: 25 }, (page) => collect(page, unreadable))).map(({ id }) => id)
      expect([...unreadable]).toEqual(["2026-11-21"])
      const from = Date.parse("2026-11-22T00:00:00Z")
      expect(await store.list({ from })).toMatchObject({ complete: true })
      for (const day of ["2026-11-20", "2026-11-22"]) {
        expect(listed.filter((id) => id.startsWith(day))).toHaveLength(30)
        expect((await store.get(`${day} 7`))?.record.id).toBe(`${day} 7`)
      }
      expect(await store.get("nobody's")).toBeUndefined()
    }

    test("one that is no database", async () => {
      await write()
      writeFileSync(damaged(), "this was a database once ".repeat(400))
      await readable()
    })

    test("one whose pages are noise after the first", async () => {
      await write()
      const bytes = readFileSync(damaged())
      writeFileSync(damaged(), Buffer.concat([bytes.subarray(0, 4_096), Buffer.alloc(bytes.length - 4_096, 0xa5)]))
      await readable()
    })

    const spoil = (data: Buffer) => {
      const file = new Database(damaged())
      file.run("UPDATE blocks SET data = ?", [data])
      file.close()
    }

    test("one whose records cannot be unpacked", async () => {
      await write()
      spoil(Buffer.from("28b52ffda5a5a5a5", "hex"))
      await readable()
    })

    test.each([
      ["are no JSON", '{"id":\n'],
      ["are not there", ""],
    ])("one whose records %s", async (_, line) => {
      await write()
      spoil(Bun.zstdCompressSync(Buffer.from(line.repeat(60))))
      await readable()
      const store = folder.open()
      expect((await store.list({ search: ["2026-11-20"] })).records).toHaveLength(30)
      expect(await store.get("2026-11-21 7")).toBeUndefined()
    })
  })

  test("a call whose payloads are damaged is shown without them, and says so", async () => {
    const store = folder.open()
    const one = sampleEntry({ id: "one" }, [samplePayload("client-request", "{}")])
    const other = sampleEntry({ id: "other" }, [samplePayload("client-request", "")])
    for (const entry of [one, other]) store.write(entry)
    await settled(store)
    expect(await store.get("one")).toEqual(one)
    const payloads = new Database(today(".payloads.db"))
    for (const data of [Buffer.from("28b52ffda5a5a5a5", "hex"), Bun.zstdCompressSync(Buffer.from("{"))]) {
      payloads.run("UPDATE blocks SET data = ?", [data])
      expect(await store.get("one")).toEqual({ record: one.record, payloads: [], payloadsLost: true })
      expect(await store.get("other")).toEqual(other)
    }
    payloads.close()
    const records = new Database(today(".db"))
    const text = [JSON.stringify(one.record), "not a list", JSON.stringify(other.record), "[]", ""].join("\n")
    records.run("UPDATE blocks SET data = ?", [Bun.zstdCompressSync(Buffer.from(text))])
    records.close()
    expect(await store.get("other")).toEqual({ record: other.record, payloads: [], payloadsLost: true })
  }, 30_000)

  test("a folder deleted under the running log is made anew", async () => {
    const store = folder.open()
    store.write(sampleEntry())
    await settled(store)
    rmSync(folder.path, { recursive: true })
    store.write(sampleEntry({ id: "after" }))
    await settled(store)
    expect((await store.list({})).records.map((record) => record.id)).toEqual(["after"])
  })
})
