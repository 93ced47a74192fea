import { afterEach, beforeEach, describe, expect, test } from "bun:test"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { sqliteLogStore } from "../../../src/store/sqlite/log-store.ts"
import { sampleEntry, samplePayload } from "../sample.ts"
import { settled, walk } from "../suite.ts"
import { type Folder, noise, temporaryLog, until } from "./folder.ts"

let folder: Folder
beforeEach(() => {
  folder = temporaryLog()
})
afterEach(() => folder.close())

const today = (name: string) => join(folder.path, `2026-11-22${name}`)

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
    expect(health.lastError).toBe(`database is locked (${today(".db")})`)
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
    const told: string[] = []
    const locked = folder.open({ tell: (_, message) => void told.push(message) })
    for (let index = 0; index < 3; index++) locked.write(sampleEntry())
    await locked.stop(200)
    expect(locked.health()).toMatchObject({ queued: 0, dropped: 3 })
    expect(told.at(-1)).toBe("log: 3 calls could not be written before the end")
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

test("a queue that is full by bytes keeps no more payloads, then drops and counts, and says each once", async () => {
  const told: string[] = []
  const store = folder.open({ queueBytes: 100_000, flushMs: 60_000, tell: (_, message) => void told.push(message) })
  const payload = samplePayload("client-request", "x".repeat(30_000))
  for (let index = 0; index < 5; index++) store.write(sampleEntry({ id: `large-${index}` }, [payload]))
  expect(store.health()).toMatchObject({ queued: 5, dropped: 0 })
  const crowded = "log: payloads not kept: there is no room for them in the queue"
  expect(told).toEqual([crowded])
  for (let index = 0; index < 100; index++) store.write(sampleEntry())
  const { queued, dropped } = store.health()
  expect(queued + dropped).toBe(105)
  expect(dropped).toBeGreaterThan(80)
  expect(told).toEqual([crowded, "log: more calls end than are written; some are not kept"])
  await store.list({})
  await settled(store)
  expect((await store.get("large-2"))?.payloads).toEqual([payload])
  expect((await store.get("large-3"))?.payloads).toEqual([{ ...payload, bytes: new Uint8Array(0) }])
  expect(store.health()).toMatchObject({ state: "ok", written: queued, dropped })
})
