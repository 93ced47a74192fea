import { afterEach, describe, expect, test } from "bun:test"
import { readdir, readFile, rm, stat, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { LAST_GOOD_NAME, readLastGood } from "../../src/config/last-good.ts"
import { ConfigRejected, openConfig } from "../../src/config/source.ts"
import { ENV, FACTS } from "./facts.ts"
import { BAD, endAll, folder, good, open } from "./opened.ts"

afterEach(endAll)

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
    expect(await readdir(dir)).toEqual(["config.json"])
    await writeFile(join(dir, "config.json"), good("b"))
    const [, warnings] = await Promise.all([source.reload(), source.keep()])
    expect(warnings).toEqual([])
    expect(await readLastGood(dir, source.file)).toBe(good("b"))
    expect((await readdir(dir)).sort()).toEqual(["config.json", LAST_GOOD_NAME])
    source.stop()
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
