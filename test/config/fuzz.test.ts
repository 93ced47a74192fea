import { expect, test } from "bun:test"
import fc from "fast-check"
import { renderProblems } from "../../src/config/render-problems.ts"
import { document } from "../../src/config/schema/document.ts"
import { members } from "../../src/config/schema/walk.ts"
import { BIFROST_DOCUMENTS } from "./documents.ts"
import { parse } from "./facts.ts"

const json = fc.jsonValue({ maxDepth: 4 })
const sections = [...members(document).keys()]

function settles(text: string): void {
  const result = parse(text)
  if (result.ok) {
    expect(result.warnings.every((problem) => problem.severity === "warning")).toBe(true)
    return
  }
  expect(result.problems.some((problem) => problem.severity === "error")).toBe(true)
  expect(renderProblems(result.problems, { colour: false }).length).toBeGreaterThan(0)
}

test("arbitrary text never throws", () => {
  fc.assert(fc.property(fc.string({ maxLength: 200 }), settles), { numRuns: 300 })
})

test("arbitrary values under known sections never throw", () => {
  const documents = fc.dictionary(fc.constantFrom(...sections, "__proto__", "constructor"), json)
  fc.assert(
    fc.property(documents, (value) => settles(JSON.stringify(value))),
    { numRuns: 300 },
  )
})

test("a good document with one place overwritten never throws", () => {
  const good = fc.constantFrom(...Object.values(BIFROST_DOCUMENTS))
  fc.assert(
    fc.property(
      good,
      fc.nat(),
      fc.oneof(json, fc.constantFrom("env.X", "env.", "*", "regex:(", -1, "")),
      (value, seed, replacement) => {
        const copy = structuredClone(value)
        const places: [Record<string, unknown>, string][] = []
        const visit = (node: unknown): void => {
          if (typeof node !== "object" || node === null) return
          for (const [name, inner] of Object.entries(node)) {
            places.push([node as Record<string, unknown>, name])
            visit(inner)
          }
        }
        visit(copy)
        const [parent, name] = places[seed % places.length] ?? []
        if (parent !== undefined && name !== undefined) parent[name] = replacement
        settles(JSON.stringify(copy))
      },
    ),
    { numRuns: 500 },
  )
})

test("a good document cut off anywhere never throws", () => {
  const text = JSON.stringify(BIFROST_DOCUMENTS.full, null, 1)
  fc.assert(
    fc.property(fc.nat(text.length - 1), (length) => settles(text.slice(0, length))),
    { numRuns: 200 },
  )
})
