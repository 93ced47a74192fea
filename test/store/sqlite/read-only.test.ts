import { expect, test } from "bun:test"
import { cpSync, mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { sqliteLogStore } from "../../../src/store/sqlite/log-store.ts"
import { sampleEntry, samplePayload } from "../sample.ts"
import { temporaryLog, until } from "./folder.ts"
import { writeVersion3 } from "./version-3.ts"

const day = (name: string) => Date.parse(`${name}T12:00:00Z`)
const call = (id: string, at: number) => sampleEntry({ id, at }, [samplePayload("client-request", `{"of":"${id}"}`)])

// reason: a file system is mounted, which takes Linux and root
test.skipIf(process.getuid?.() !== 0 || process.platform !== "linux")(
  "a log on a file system that cannot be written is read, and says that it is not written",
  async () => {
    const folder = temporaryLog()
    const disk = mkdtempSync(join(tmpdir(), "gantry-disk-"))
    const mount = (...words: string[]) => Bun.spawnSync(["mount", ...words, disk]).exitCode === 0
    const calls = [call("new", day("2026-11-22")), call("old", day("2026-11-20"))]
    const [recent, old] = calls
    const store = folder.open()
    if (recent) store.write(recent)
    await store.stop(5_000)
    writeVersion3(folder.path, "2026-11-20", old ? [old] : [])
    if (!mount("-t", "tmpfs", "tmpfs")) {
      console.log("not run: no right to mount a file system")
      rmSync(disk, { recursive: true })
      return await folder.close()
    }
    cpSync(folder.path, join(disk, "logs"), { recursive: true })
    const shut = mount("-o", "remount,ro")
    const closed = sqliteLogStore({ directory: join(disk, "logs"), flushMs: 20, retentionDays: 36_500 })
    try {
      expect(shut).toBe(true)
      expect(await closed.list({})).toEqual({ records: calls.map(({ record }) => record), complete: true })
      for (const entry of calls) expect(await closed.get(entry.record.id)).toEqual(entry)
      closed.write(call("another", day("2026-11-22")))
      await until(closed, ({ state }) => state === "degraded")
      expect((await closed.list({})).records).toHaveLength(2)
      await closed.stop(100)
      expect(closed.health()).toMatchObject({ written: 0, dropped: 1 })
    } finally {
      await closed.stop(100)
      Bun.spawnSync(["umount", disk])
      rmSync(disk, { recursive: true })
      await folder.close()
    }
  },
  30_000,
)
