import { Database } from "bun:sqlite"
import { afterEach, beforeEach, describe, expect, test } from "bun:test"
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import type { LogHealth, LogPage, LogStore } from "../../../src/core/record.ts"
import { sqliteLogStore } from "../../../src/store/sqlite/log-store.ts"
import { sampleEntry, samplePayload } from "../sample.ts"
import { settled, walk } from "../suite.ts"
import { type Folder, temporaryLog } from "./folder.ts"

let folder: Folder
beforeEach(() => {
  folder = temporaryLog()
})
afterEach(() => folder.close())

async function until(store: LogStore, accept: (health: LogHealth) => boolean): Promise<LogHealth> {
  while (!accept(store.health())) await new Promise((resume) => setTimeout(resume, 5))
  return store.health()
}

const today = (name: string) => join(folder.path, `2026-11-22${name}`)
const noise = () => Buffer.from(crypto.getRandomValues(new Uint8Array(60_000))).toString("base64")

describe("a database that another process has locked", () => {
  test("degrades the log, keeps what fits, and is caught up with", async () => {
    const store = folder.open({ queueEntries: 50 })
    store.write(sampleEntry({ id: "before" }))
    await settled(store)
    await store.stop(5_000)
    const holder = Bun.spawn(["bun", join(import.meta.dir, "lock-holder.ts"), today(".db")], { stdin: "pipe", stdout: "pipe" })
    await holder.stdout.getReader().read()
    const locked = folder.open({ queueEntries: 50 })
    for (let index = 0; index < 80; index++) locked.write(sampleEntry({ id: `during-${index}` }))
    const health = await until(locked, ({ state }) => state === "degraded")
    expect(health).toMatchObject({ queued: 50, dropped: 30, written: 0 })
    expect(health.lastError).toContain("locked")
    await expect(locked.list({})).rejects.toMatchObject({ error: { kind: "overloaded", blame: "gateway" } })
    holder.stdin.end()
    await holder.exited
    await until(locked, ({ queued }) => queued === 0)
    expect(locked.health()).toMatchObject({ state: "ok", queued: 0, dropped: 30, written: 50 })
    expect(await walk(locked, {})).toHaveLength(51)
  }, 30_000)

  test("does not hold up a stop past its deadline; what was queued counts as dropped", async () => {
    const store = folder.open()
    store.write(sampleEntry())
    await store.stop(5_000)
    const holder = Bun.spawn(["bun", join(import.meta.dir, "lock-holder.ts"), today(".db")], { stdin: "pipe", stdout: "pipe" })
    await holder.stdout.getReader().read()
    const locked = folder.open()
    for (let index = 0; index < 3; index++) locked.write(sampleEntry())
    await locked.stop(200)
    expect(locked.health()).toMatchObject({ queued: 0, dropped: 3 })
    holder.stdin.end()
    await holder.exited
  }, 30_000)
})

describe("a full disk", () => {
  test("costs payloads first, and says so", async () => {
    const store = folder.open({ maxBytes: 1_500_000 })
    for (let index = 0; index < 38; index++)
      store.write(sampleEntry({ id: `full-${index}` }, [samplePayload("client-request", noise())]))
    await settled(store)
    expect(store.health()).toMatchObject({ state: "degraded", dropped: 0, written: 38 })
    expect(store.health().lastError).toContain("payloads not kept")
    expect(await walk(store, {})).toHaveLength(38)
  }, 30_000)

  test("stops records at the bound, and traffic does not notice", async () => {
    const store = folder.open({ maxBytes: 400_000, queueEntries: 100 })
    const path = () => `/${noise().slice(0, 2_000)}`
    for (let round = 0; round < 10; round++) {
      for (let index = 0; index < 20; index++) store.write(sampleEntry({ path: path() }))
      await Bun.sleep(25)
    }
    const health = await until(store, ({ state }) => state === "degraded")
    expect(health.lastError).toContain("full")
    expect(health.queued + health.dropped + health.written).toBe(200)
    expect(health.queued).toBeLessThanOrEqual(100)
    expect((await store.list({ limit: 1_000 })).records).toHaveLength(health.written)
  }, 30_000)

  // reason: a file system is mounted, which takes Linux and root
  test.skipIf(process.getuid?.() !== 0 || process.platform !== "linux")(
    "on a real file system ends when there is room",
    async () => {
      const disk = mkdtempSync(join(tmpdir(), "gantry-disk-"))
      const mounted = Bun.spawnSync(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", disk])
      if (mounted.exitCode !== 0) {
        console.log("not run: no right to mount a file system")
        rmSync(disk, { recursive: true })
        return
      }
      const store = sqliteLogStore({ directory: join(disk, "logs"), flushMs: 20, retentionDays: 36_500 })
      try {
        writeFileSync(join(disk, "ballast"), new Uint8Array(1_020_000))
        store.write(sampleEntry({ id: "patient" }))
        await until(store, ({ state }) => state === "degraded")
        rmSync(join(disk, "ballast"))
        await until(store, ({ queued }) => queued === 0)
        expect((await store.get("patient"))?.record.id).toBe("patient")
        expect(store.health()).toMatchObject({ state: "ok", dropped: 0, written: 1 })
      } finally {
        await store.stop(1_000)
        Bun.spawnSync(["umount", disk])
        rmSync(disk, { recursive: true })
      }
    },
    30_000,
  )
})

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

  test("a file of another version is set aside, and not read", async () => {
    mkdirSync(folder.path)
    const newer = new Database(today(".db"), { create: true })
    newer.run("CREATE TABLE calls (at INTEGER); PRAGMA user_version = 99")
    newer.close()
    const store = folder.open()
    const missed = { complete: false, unreadable: ["2026-11-22"] }
    expect(await store.list({})).toEqual({ records: [], ...missed })
    store.write(sampleEntry({ id: "new" }))
    await settled(store)
    expect(await store.list({})).toMatchObject({ records: [{ id: "new" }], ...missed })
    expect(store.health().lastError).toContain("version 99")
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

    test("one whose records cannot be unpacked", async () => {
      await write()
      const file = new Database(damaged())
      file.run("UPDATE blocks SET data = x'28b52ffda5a5a5a5'")
      file.close()
      await readable()
    })
  })

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

test("kill -9 in the middle of writing loses nothing that was written, and the log opens again", async () => {
  const child = Bun.spawn(["bun", join(import.meta.dir, "endless-writer.ts"), folder.path], { stdout: "pipe" })
  let said = ""
  let written = 0
  for await (const chunk of child.stdout) {
    said += new TextDecoder().decode(chunk)
    written = Number(said.trimEnd().split("\n").at(-1))
    if (written >= 500) break
  }
  child.kill(9)
  await child.exited
  const store = folder.open()
  const all = await walk(store, { limit: 1_000 })
  expect(all.length).toBeGreaterThanOrEqual(written)
  const numbers = all.map((record) => Number(record.id.slice(5))).sort((left, right) => left - right)
  expect(numbers).toEqual(Array.from({ length: all.length }, (_, index) => index))
  for (const number of [0, 250, written - 1]) {
    const entry = await store.get(`call-${number}`)
    expect(new TextDecoder().decode(entry?.payloads[0]?.bytes)).toBe(`payload ${number}`)
  }
  store.write(sampleEntry({ id: "afterwards" }))
  await settled(store)
  expect(store.health()).toMatchObject({ state: "ok", written: 1 })
}, 30_000)

test("a queue that is full by bytes drops and counts", () => {
  const store = folder.open({ queueBytes: 100_000, flushMs: 60_000 })
  const payload = samplePayload("client-request", "x".repeat(30_000))
  for (let index = 0; index < 5; index++) store.write(sampleEntry({}, [payload]))
  expect(store.health()).toMatchObject({ queued: 3, dropped: 2 })
  store.write(sampleEntry())
  expect(store.health()).toMatchObject({ queued: 4, dropped: 2 })
})
