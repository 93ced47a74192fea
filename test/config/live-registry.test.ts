import { expect, test } from "bun:test"
import { writeFile } from "node:fs/promises"
import { join } from "node:path"
import { openLiveRegistry } from "../../src/config/live-registry.ts"
import { secretBox } from "../../src/lib/secret-box.ts"
import { findProvider, keyVariableOf, providerFacts } from "../../src/providers/find.ts"
import { tempFolder } from "../support/temp.ts"

async function opened(folder: string, now = Date.now) {
  const said: string[] = []
  const changes: (readonly string[])[] = []
  const secrets = secretBox()
  const kept: (readonly string[])[] = []
  const live = await openLiveRegistry({
    dir: folder,
    env: {},
    facts: providerFacts,
    watch: false,
    now,
    bound: { host: undefined, port: 0 },
    provider: findProvider,
    keyVariable: keyVariableOf,
    transport: () => ({
      send: () => {
        throw new Error("nothing is sent here")
      },
      close: () => {},
    }),
    lists: {
      known: () => ({ models: [{ id: "listed" }] }),
      keep: (providers) => void kept.push([...providers].map(({ id }) => id)),
    },
    secrets,
    warnings: ({ providers }) => (providers.length > 1 ? ["two"] : []),
    changed: ({ providers }) => void changes.push([...providers.keys()]),
    log: (level, message) => void said.push(`${level}: ${message}`),
  })
  const write = (document: object | string) =>
    writeFile(join(folder, "config.json"), typeof document === "string" ? document : JSON.stringify(document))
  return { live, said, changes, secrets, kept, write }
}

const keyed = (value: string) => ({ keys: [{ name: "k", value }] })

test("follows the file: registry, lists and secrets of what is in force, and what a restart would be needed for", async () => {
  await using folder = await tempFolder()
  await writeFile(join(folder.path, "config.json"), JSON.stringify({ providers: { openai: keyed("sk-first-0123456789") } }))
  const { live, said, changes, secrets, kept, write } = await opened(folder.path)
  const first = live.registry()
  expect([...first.providers.keys()]).toEqual(["openai"])
  expect(first.listed("openai")).toEqual(["listed"])
  expect([said, changes, kept, secrets.spellings()]).toEqual([[], [], [["openai"]], ["sk-first-0123456789"]])

  await write({ server: { host: "0.0.0.0", port: 5 }, providers: { mock: {}, groq: keyed("gsk-second-0123456789") } })
  await live.source.reload()
  expect([...live.registry().providers.keys()]).toEqual(["mock", "groq"])
  expect(first.providers.has("openai")).toBe(true)
  expect(changes).toEqual([["mock", "groq"]])
  expect(kept.at(-1)).toEqual(["mock", "groq"])
  expect(secrets.spellings()).toContain("gsk-second-0123456789")
  expect(said.filter((line) => line.startsWith("warn"))).toEqual([
    "warn: server.host: the edit takes effect with the next start",
    "warn: two",
  ])
  expect(said.at(-1)).toMatch(/^info: configuration [0-9a-f]{12} is in force; providers: mock, groq$/)
  live.source.stop()
})

test("knows the secrets of a configuration for an hour after it", async () => {
  await using folder = await tempFolder()
  let at = 0
  const keyOf = (number: number) => `sk-number-${String(number).padStart(6, "0")}`
  const edit = (number: number) => write({ providers: { openai: keyed(keyOf(number)), groq: keyed("gsk-the-same-0123456") } })
  await writeFile(join(folder.path, "config.json"), JSON.stringify({ providers: { openai: keyed(keyOf(0)) } }))
  const { live, secrets, write } = await opened(folder.path, () => at)
  for (const [number, hours] of [0.45, 0.5, 0.6, 1.4].entries()) {
    at = hours * 3_600_000
    await edit(number + 1)
    await live.source.reload()
  }
  expect([0, 1, 2, 3, 4].map((number) => secrets.spellings().includes(keyOf(number)))).toEqual([true, true, true, true, true])
  at = 1.55 * 3_600_000
  await edit(5)
  await live.source.reload()
  expect([0, 1, 2, 3, 4, 5].map((number) => secrets.spellings().includes(keyOf(number)))).toEqual([
    false,
    false,
    true,
    true,
    true,
    true,
  ])
  expect(secrets.spellings()).toContain("gsk-the-same-0123456")
  live.source.stop()
})

test("stays with the last good one when an edit is bad, and says so", async () => {
  await using folder = await tempFolder()
  await writeFile(join(folder.path, "config.json"), JSON.stringify({ providers: { mock: {} } }))
  const { live, said, changes, write } = await opened(folder.path)
  const before = live.registry()
  await write("{ bad")
  await live.source.reload()
  expect(live.registry()).toBe(before)
  expect(changes).toEqual([])
  expect(said.length).toBeGreaterThan(1)
  expect(said.at(-1)).toBe("error: the edited configuration is not used: the last good one stays in force")
  await write(JSON.stringify({ providers: { mock: {} } }))
  for (const _ of [1, 2]) await live.source.reload()
  expect(live.registry()).toBe(before)
  expect(said.slice(-2)).toEqual([
    "error: the edited configuration is not used: the last good one stays in force",
    "info: the configuration file is good again: what it says is in force",
  ])
  live.source.stop()
})
