import { afterEach, describe, expect, test } from "bun:test"
import { chmod, mkdir, mkdtemp, readdir, readFile, rename, rm, stat, symlink, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { LAST_GOOD_NAME, readLastGood, writeLastGood } from "../../src/config/last-good.ts"
import { type ConfigChange, ConfigRejected, type ConfigSource, openConfig, type SourceOptions } from "../../src/config/source.ts"
import { ENV, FACTS } from "./facts.ts"

const cleanups: (() => unknown)[] = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
})

async function folder(): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), "gantry-config-"))
  cleanups.push(() => rm(dir, { recursive: true, force: true }))
  return dir
}

/** A source with the changes it tells of, in order; what it begins with is kept. */
async function open(options: Partial<SourceOptions> & { dir: string }) {
  const waiting: ((change: ConfigChange) => void)[] = []
  const arrived: ConfigChange[] = []
  const onChange = (change: ConfigChange) => {
    const next = waiting.shift()
    if (next === undefined) arrived.push(change)
    else next(change)
  }
  const source: ConfigSource = await openConfig({
    env: ENV,
    facts: FACTS,
    probe: async () => false,
    watch: false,
    onChange,
    ...options,
  })
  cleanups.push(() => source.stop())
  await source.keep()
  const next = () =>
    new Promise<ConfigChange>((resolve) => {
      const first = arrived.shift()
      if (first === undefined) waiting.push(resolve)
      else resolve(first)
    })
  return { source, next }
}

const good = (level: string) =>
  `{\n  // ${level}\n  "env_label": "${level}", "providers": { "openai": { "keys": [{ "value": "env.OPENAI_API_KEY" }] } }\n}\n`
const BAD = `{ "env_labl": "x" }`

describe("start", () => {
  test("without a file, on what is found", async () => {
    const dir = await folder()
    const { source } = await open({ dir })
    expect(source.state()).toBe("detected")
    expect(source.current()).toMatchObject({ version: 1, state: "detected", warnings: [] })
    expect(source.current().config.providers.map((entry) => entry.id)).toEqual(["openai", "anthropic", "mock"])
    expect(await Bun.file(join(dir, LAST_GOOD_NAME)).exists()).toBe(false)
  })

  test("on a good file, which is kept word for word, for its owner's eyes only", async () => {
    const dir = await folder()
    await writeFile(join(dir, "config.json"), good("a"))
    const { source } = await open({ dir })
    expect(source.state()).toBe("file")
    const kept = await readFile(join(dir, LAST_GOOD_NAME), "utf8")
    expect(kept).toEndWith(good("a"))
    expect(kept).not.toContain(ENV.OPENAI_API_KEY)
    if (process.platform !== "win32") expect((await stat(join(dir, LAST_GOOD_NAME))).mode & 0o777).toBe(0o600)
  })

  test("on a bad file, the last good one serves and the problems are told", async () => {
    const dir = await folder()
    await writeFile(join(dir, "config.json"), good("a"))
    ;(await open({ dir })).source.stop()
    await writeFile(join(dir, "config.json"), BAD)
    const { source } = await open({ dir })
    expect(source.state()).toBe("last-good")
    expect(source.current().config.envLabel).toBe("a")
    expect(source.problems().map((problem) => problem.path)).toEqual(["env_labl"])
    await writeFile(join(dir, "config.json"), good("a"))
    expect(await source.reload()).toMatchObject({ kind: "applied", snapshot: { version: 2, state: "file" } })
    expect(source.problems()).toEqual([])
  })

  test("strictly, a bad file is refused although there is a good one", async () => {
    const dir = await folder()
    await writeFile(join(dir, "config.json"), good("a"))
    ;(await open({ dir })).source.stop()
    await writeFile(join(dir, "config.json"), BAD)
    const refusal = await open({ dir, strict: true }).catch((error: unknown) => error)
    expect(refusal).toBeInstanceOf(ConfigRejected)
    expect((refusal as ConfigRejected).problems[0]?.path).toBe("env_labl")
    expect((refusal as ConfigRejected).message).toContain("config.json:1:3")
  })

  test("a bad file with nothing kept, a missing one, and another file's copy are refused", async () => {
    const dir = await folder()
    await writeFile(join(dir, "bad.json"), BAD)
    await writeFile(join(dir, "good.json"), good("a"))
    expect(await open({ dir, file: join(dir, "bad.json") }).catch((error: unknown) => error)).toBeInstanceOf(ConfigRejected)
    expect(await open({ dir, file: join(dir, "missing.json") }).catch((error: unknown) => error)).toBeInstanceOf(ConfigRejected)
    ;(await open({ dir, file: join(dir, "good.json") })).source.stop()
    expect(await open({ dir, file: join(dir, "bad.json") }).catch((error: unknown) => error)).toBeInstanceOf(ConfigRejected)
  })

  test("nothing is written before it is asked for; after an edit that is the edit", async () => {
    const dir = await folder()
    await writeFile(join(dir, "config.json"), good("a"))
    const source = await openConfig({ dir, env: ENV, facts: FACTS, watch: false, onChange() {} })
    cleanups.push(() => source.stop())
    expect(await readdir(dir)).toEqual(["config.json"])
    await writeFile(join(dir, "config.json"), good("b"))
    const [, warnings] = await Promise.all([source.reload(), source.keep()])
    expect(warnings).toEqual([])
    expect(await readLastGood(dir, source.file)).toBe(good("b"))
    expect((await readdir(dir)).sort()).toEqual(["config.json", LAST_GOOD_NAME])
  })

  test("a folder that takes no copy is a warning", async () => {
    const dir = await folder()
    await writeFile(join(dir, "c.json"), good("a"))
    await writeFile(join(dir, "occupied"), "")
    const { source } = await open({ dir: join(dir, "occupied"), file: join(dir, "c.json") })
    expect(source.state()).toBe("file")
    const told = source.current().warnings.filter(({ path }) => path === "")
    expect(told.map(({ severity, message }) => [severity, message.includes("no copy")])).toEqual([["warning", true]])
  })
})

describe("reload", () => {
  test("a good edit takes effect, a bad one does not, the same text is nothing", async () => {
    const dir = await folder()
    const file = join(dir, "config.json")
    await writeFile(file, good("a"))
    const { source } = await open({ dir })
    const before = source.current()
    expect(await source.reload()).toEqual({ kind: "unchanged" })
    await writeFile(file, BAD)
    expect(await source.reload()).toMatchObject({ kind: "rejected" })
    expect(source.current()).toBe(before)
    expect(source.problems()).toHaveLength(1)
    expect(await source.reload()).toEqual({ kind: "unchanged" })
    await writeFile(file, good("b"))
    expect(await source.reload()).toMatchObject({ kind: "applied", snapshot: { version: 2 } })
    expect(source.current().hash).not.toBe(before.hash)
    expect(before.config.envLabel).toBe("a")
  })

  test("a file that is taken away leaves everything as it is", async () => {
    const dir = await folder()
    const file = join(dir, "named.json")
    await writeFile(file, good("a"))
    const { source } = await open({ dir, file })
    await rm(file)
    expect(await source.reload()).toMatchObject({ kind: "rejected" })
    expect(source.current().config.envLabel).toBe("a")
  })

  test("so does one that was found by itself: its providers do not go with it", async () => {
    const dir = await folder()
    const file = join(dir, "config.json")
    await writeFile(file, good("a"))
    const { source } = await open({ dir })
    await rm(file)
    expect(await source.reload()).toMatchObject({ kind: "rejected", problems: [{ message: "the file is gone" }] })
    expect(source.current()).toMatchObject({ state: "file", config: { envLabel: "a" } })
    await writeFile(file, good("b"))
    expect(await source.reload()).toMatchObject({ kind: "applied" })
  })

  test("many at once run one after the other and apply once", async () => {
    const dir = await folder()
    await writeFile(join(dir, "config.json"), good("a"))
    const { source } = await open({ dir })
    await writeFile(join(dir, "config.json"), good("b"))
    const kinds = (await Promise.all([1, 2, 3].map(() => source.reload()))).map((change) => change.kind)
    expect(kinds).toEqual(["applied", "unchanged", "unchanged"])
  })
})

describe("watching", () => {
  const watch = { debounceMs: 10, pollMs: 0 }
  const applied = (change: ConfigChange) => (change.kind === "applied" ? change.snapshot.config.envLabel : change.kind)

  /** A write in place may be seen half done, which is one more refusal on the way. */
  const until = async (next: () => Promise<ConfigChange>, wanted: string) => {
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

describe("the last good copy", () => {
  test("replaces an older one whole and keeps its rights", async () => {
    const dir = await folder()
    const target = join(dir, LAST_GOOD_NAME)
    await writeFile(target, "old".repeat(10_000))
    await chmod(target, 0o644)
    await writeLastGood(dir, "/etc/x.json", "{}")
    expect(await readLastGood(dir, "/etc/x.json")).toBe("{}")
    expect(await readLastGood(dir, "/etc/y.json")).toBeUndefined()
    if (process.platform !== "win32") expect((await stat(target)).mode & 0o777).toBe(0o600)
  })

  test("is nothing when absent or damaged", async () => {
    const dir = await folder()
    expect(await readLastGood(dir, "x")).toBeUndefined()
    await writeFile(join(dir, LAST_GOOD_NAME), "{}")
    expect(await readLastGood(dir, "x")).toBeUndefined()
  })
})
