import { describe, expect, test } from "bun:test"
import { chmod, stat, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { LAST_GOOD_NAME, readLastGood, writeLastGood } from "../../src/config/last-good.ts"
import { tempFolder } from "../support/temp.ts"

describe("the last good copy", () => {
  test("replaces an older one whole and keeps its rights", async () => {
    await using folder = await tempFolder()
    const dir = folder.path
    const target = join(dir, LAST_GOOD_NAME)
    await writeFile(target, "old".repeat(10_000))
    await chmod(target, 0o644)
    await writeLastGood(dir, "/etc/x.json", "{}")
    expect(await readLastGood(dir, "/etc/x.json")).toBe("{}")
    expect(await readLastGood(dir, "/etc/y.json")).toBeUndefined()
    if (process.platform !== "win32") expect((await stat(target)).mode & 0o777).toBe(0o600)
  })

  test("is nothing when absent or damaged", async () => {
    await using folder = await tempFolder()
    const dir = folder.path
    expect(await readLastGood(dir, "x")).toBeUndefined()
    await writeFile(join(dir, LAST_GOOD_NAME), "{}")
    expect(await readLastGood(dir, "x")).toBeUndefined()
  })
})
