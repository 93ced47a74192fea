import { describe, expect, test } from "bun:test"
import { breach } from "./support/boundaries/layers.ts"
import { importsOf, linesIn, readSources, type SourceFile } from "./support/boundaries/sources.ts"
import {
  type Allowance,
  allowed,
  describeFinding,
  escapeHatchesIn,
  type Finding,
  providerNamesIn,
  wireFieldsIn,
} from "./support/boundaries/words.ts"

const sources = readSources()

/** Where a vendor's name may stand as a literal outside `src/providers`. */
const namesAllowed: readonly Allowance[] = [
  { file: "src/wires/", reason: "the issuers of seals that a wire is home to" },
  { file: "src/config/known-providers.ts", reason: "the names that the configuration format knows" },
  { file: "src/config/schema/key.ts", reason: "the model families that the configuration format knows" },
  { file: "src/catalog/sellers.ts", reason: "what the price list calls each provider" },
  { file: "src/dialects/", reason: "the vendor whose model names a dialect's callers mean" },
]

/** Where a field of a vendor's body may stand outside `src/wires`. */
const fieldsAllowed: readonly Allowance[] = [
  { file: "src/providers/model-lists.ts", reason: "fields of the vendors' lists of models" },
]

const offences = (
  find: (file: SourceFile) => readonly Finding[],
  home: string,
  allowances: readonly Allowance[],
): readonly string[] =>
  sources
    .filter((file) => file.path.startsWith("src/") && !file.path.startsWith(home))
    .flatMap(find)
    .filter((finding) => !allowed(finding, allowances))
    .map(describeFinding)

describe("the tree", () => {
  test("imports only along the design's edges", () => {
    const breaches = sources.flatMap(importsOf).flatMap((edge) => {
      const why = breach(edge)
      return why === undefined ? [] : [`${edge.from} → ${edge.to}: ${why}`]
    })
    expect(breaches).toEqual([])
  })

  test("names no provider outside src/providers", () => {
    expect(offences(providerNamesIn, "src/providers/", namesAllowed)).toEqual([])
  })

  test("names no field of a vendor's body outside src/wires", () => {
    expect(offences(wireFieldsIn, "src/wires/", fieldsAllowed)).toEqual([])
  })

  test("switches no type check off", () => {
    expect(sources.flatMap(escapeHatchesIn).map(describeFinding)).toEqual([])
  })

  test("keeps its files short", () => {
    const sizes = sources.map((file) => ({ path: file.path, lines: linesIn(file) })).sort((a, b) => a.lines - b.lines)
    const at = (share: number) => sizes[Math.min(sizes.length - 1, Math.floor(sizes.length * share))]?.lines ?? 0
    const longest = sizes.slice(-5).map(({ path, lines }) => `${path} ${lines}`)
    console.log(`${sizes.length} files: median ${at(0.5)}, p90 ${at(0.9)} lines; longest: ${longest.reverse().join(", ")}`)
    expect(sizes.filter(({ lines }) => lines > 400)).toEqual([])
    expect(at(0.5)).toBeLessThanOrEqual(110)
    expect(at(0.9)).toBeLessThanOrEqual(300)
  })

  test("has no use for an allowance that covers nothing", () => {
    const everywhere = sources.filter((file) => file.path.startsWith("src/"))
    const unused = (find: (file: SourceFile) => readonly Finding[], allowances: readonly Allowance[]) =>
      allowances.filter((one) => !everywhere.flatMap(find).some((finding) => allowed(finding, [one]))).map(({ file }) => file)
    expect([...unused(providerNamesIn, namesAllowed), ...unused(wireFieldsIn, fieldsAllowed)]).toEqual([])
  })
})

describe("the rules", () => {
  const edges = (path: string, text: string) => importsOf({ path, text }).map(breach)

  test("see every kind of import", () => {
    const text = `
      import type { A } from "../wires/a/index.ts"
      import {
        b,
      } from "../providers/index.ts"
      export { c } from "../dialects/c.ts"
      const d = await import("../store/d.ts")
      new Worker(new URL("../http/e.ts", import.meta.url))
      import "../plugins/f.ts"
      // import { g } from "../mcp/g.ts"
      import { h } from "zod"`
    const targets = importsOf({ path: "src/dispatch/x.ts", text }).map(({ to }) => to.split("/")[1])
    expect(targets.sort()).toEqual(["dialects", "http", "plugins", "providers", "store", "wires"])
    expect(edges("src/dispatch/x.ts", text)).not.toContain(undefined)
  })

  test.each([
    ["src/core/a.ts", "../lib/b.ts", true],
    ["src/lib/a.ts", "../core/b.ts", false],
    ["src/wires/one/a.ts", "../two/b.ts", false],
    ["src/wires/one/a.ts", "../shared.ts", true],
    ["src/wires/index.ts", "./two/index.ts", true],
    ["src/providers/one.ts", "./auth.ts", true],
    ["src/dialects/one.ts", "../providers/index.ts", false],
    ["src/http/a.ts", "../providers/index.ts", false],
    ["src/main.ts", "./providers/index.ts", true],
    ["src/elsewhere/a.ts", "../lib/b.ts", false],
    ["web/routes/a.tsx", "../state/b.ts", true],
    ["web/a.ts", "../src/http/b.ts", false],
  ])("%s importing %s: %p", (from, target, fine) => {
    expect(edges(from, `import { x } from "${target}"`)[0] === undefined).toBe(fine)
  })

  test("let web import types of http alone", () => {
    expect(edges("web/a.ts", `import type { X } from "../src/http/b.ts"`)).toEqual([undefined])
    expect(edges("web/a.ts", `import type { X } from "../src/core/b.ts"`)).not.toEqual([undefined])
  })

  test("find words in code and not in comments", () => {
    const file = {
      path: "src/core/a.ts",
      text: `/** "openai" */\nconst a = "openai" // stop_reason\nconst b: any = stop_reason // @ts-ignore`,
    }
    expect(providerNamesIn(file)).toEqual([{ file: "src/core/a.ts", line: 2, word: "openai" }])
    expect(wireFieldsIn(file).map(({ line }) => line)).toEqual([3])
    expect(escapeHatchesIn(file).map(({ word }) => word)).toEqual([": any", "@ts-ignore"])
  })
})
