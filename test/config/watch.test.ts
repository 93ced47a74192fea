import { afterEach, describe, expect, test } from "bun:test"
import { mkdir, rename, symlink, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { readLastGood } from "../../src/config/last-good.ts"
import type { ConfigNews } from "../../src/config/source.ts"
import { BAD, endAll, folder, good, open } from "./opened.ts"

afterEach(endAll)

describe("watching", () => {
  const watch = { debounceMs: 10, pollMs: 0 }
  const applied = (change: ConfigNews) => (change.kind === "applied" ? change.snapshot.config.envLabel : change.kind)

  /** A write in place may be seen half done, which is one more refusal on the way. */
  const until = async (next: () => Promise<ConfigNews>, wanted: string) => {
    while (applied(await next()) !== wanted);
  }

  test("sees writes in place, replacement by rename, and bad edits", async () => {
    const dir = await folder()
    const file = join(dir, "config.json")
    await writeFile(file, good("a"))
    const { source, next } = await open({ dir, watch })
    await writeFile(`${file}.new`, good("b"))
    await rename(`${file}.new`, file)
    await until(next, "b")
    await writeFile(file, BAD)
    await until(next, "rejected")
    expect(source.current().config.envLabel).toBe("b")
    await writeFile(`${file}.new`, good("c"))
    await rename(`${file}.new`, file)
    await until(next, "c")
    await writeFile(file, good("d"))
    await until(next, "d")
    expect(await readLastGood(dir, file)).toBe(good("d"))
  })

  test("sees a file that appears after a start without one", async () => {
    const dir = await folder()
    const { source, next } = await open({ dir, watch })
    expect(source.state()).toBe("detected")
    await writeFile(join(dir, "config.json"), good("a"))
    expect(applied(await next())).toBe("a")
    expect(source.state()).toBe("file")
  })

  // reason: Windows gives no right to make links without asking
  test.skipIf(process.platform === "win32")("sees a mounted file whose folder is swapped by its link", async () => {
    const dir = await folder()
    for (const level of ["a", "b"]) {
      await mkdir(join(dir, `..${level}`))
      await writeFile(join(dir, `..${level}`, "config.json"), good(level))
    }
    await symlink("..a", join(dir, "..data"))
    await symlink(join("..data", "config.json"), join(dir, "config.json"))
    const { next } = await open({ dir, file: join(dir, "config.json"), watch })
    await symlink("..b", join(dir, "..data_tmp"))
    await rename(join(dir, "..data_tmp"), join(dir, "..data"))
    expect(applied(await next())).toBe("b")
  })

  test("a look now and then sees what no event tells", async () => {
    const dir = await folder()
    const { next } = await open({ dir: join(dir, "later"), watch: { debounceMs: 10, pollMs: 20 } })
    await mkdir(join(dir, "later"))
    await writeFile(join(dir, "later", "config.json"), good("a"))
    expect(applied(await next())).toBe("a")
  })
})
