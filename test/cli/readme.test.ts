import { describe, expect, test } from "bun:test"
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { runCommandLine } from "../../src/cli/run.ts"
import { parseConfig } from "../../src/config/load.ts"
import { clientLines } from "../../src/dialects/agents.ts"
import { dialects } from "../../src/dialects/index.ts"
import { isUnbuilt } from "../../src/dialects/unbuilt.ts"
import { builtinProviders } from "../../src/providers/index.ts"
import { snippets } from "../../web/routes/overview/snippets.ts"
import { repository } from "../support/traffic.ts"
import { recordedTerminal } from "./terminal.ts"

const readme = readFileSync(join(repository, "README.md"), "utf8")
const blocks = (language: string): readonly string[] =>
  [...readme.matchAll(new RegExp(`\`\`\`${language}\\n([\\s\\S]*?)\`\`\``, "g"))].map(([, text = ""]) => text)

describe("the README", () => {
  test.each(blocks("json"))("shows a configuration without a flaw: %s", (text) => {
    const names = [...text.matchAll(/env\.(\w+)/g)].map(([, name = ""]) => [name, "value"])
    const result = parseConfig(text, { env: Object.fromEntries(names), providers: builtinProviders })
    expect(result).toMatchObject({ ok: true, warnings: [] })
  })

  test("names flags and variables that there are, and all of serve's", async () => {
    const terminal = recordedTerminal()
    for (const words of [["--help"], ["doctor", "--help"], ["validate", "--help"]]) await runCommandLine(words, terminal)
    const help = terminal.printed.out
    const flags = (text: string) => new Set(text.match(/(?<![\w-])--[a-z][a-z-]+/g))
    const others = new Set(["--all", "--model", "--help"])
    const named = flags(readme)
    expect([...named].filter((flag) => !others.has(flag) && !help.includes(flag))).toEqual([])
    expect([...flags(help)].filter((flag) => !others.has(flag) && !named.has(flag))).toEqual([])
  })

  test("names the variables of every provider's key", () => {
    const variables = builtinProviders.flatMap(({ env }) => env ?? [])
    expect(variables.filter((name) => !readme.includes(name))).toEqual([])
  })

  test("names as not built yet what is answered so", () => {
    const [, paragraph = ""] = /Not built yet,([\s\S]*?)\n\n/.exec(readme) ?? []
    const named = [...paragraph.matchAll(/`(\/[^`]+)`/g)].map(([, path = ""]) => path.replace("…", "x"))
    expect(named.length).toBeGreaterThan(10)
    const prefixes = dialects.flatMap((dialect) => dialect.prefixes)
    expect(named.filter((path) => !isUnbuilt(path, prefixes))).toEqual([])
    for (const prefix of prefixes) expect(readme).toContain(`\`${prefix}\``)
  })

  test("names only scripts that package.json has", async () => {
    const { scripts } = (await Bun.file(join(repository, "package.json")).json()) as { scripts: Record<string, string> }
    const named = [...readme.matchAll(/bun(?:@1\.4\.5)? run (\w+)/g)].map(([, name = ""]) => name)
    expect(named.length).toBeGreaterThan(2)
    expect(named.filter((name) => !(name in scripts))).toEqual([])
  })

  test("has one word where clients want a key and need none, as the page and the banner have", () => {
    const lines = clientLines("http://g", undefined).map(({ line }) => line)
    const code = [...blocks("(?:python|ts|sh)"), ...snippets.map((snippet) => snippet.write("http://g", "m")), ...lines]
    const words = code.flatMap((text) =>
      [...text.matchAll(/(?:api_key=|apiKey: |AUTH_TOKEN=)"?([\w-]+)/g)].map(([, word]) => word),
    )
    expect(words.length).toBeGreaterThan(8)
    expect([...new Set(words)]).toEqual(["unused"])
  })
})
