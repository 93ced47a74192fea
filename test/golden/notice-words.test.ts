import { describe, expect, test } from "bun:test"
import { spellNotices } from "../../src/core/notice-path.ts"
import { type Json, parseJson } from "../../src/lib/json.ts"
import { isRecord } from "../conformance/difference.ts"
import { type Fixture, jsonOf, ownFixtures } from "../conformance/fixtures.ts"
import { loadWires } from "../conformance/load-wires.ts"
import { framesOf } from "../conformance/streams.ts"
import { type Pair, scenariosOf, travel } from "./scenario.ts"

const wires = await loadWires()
const pairs: readonly Pair[] = wires.flatMap((client) =>
  wires.filter((upstream) => upstream !== client).map((upstream) => ({ client, upstream })),
)

/** Whether something stands at the path, for some index where it says `[*]`. */
function stands(json: unknown, path: string): boolean {
  const [, key, rest = ""] = /^([^.[]+|\[\*\])\.?(.*)$/.exec(path) ?? []
  if (key === undefined) return true
  if (key === "[*]") return Array.isArray(json) ? json.some((one) => stands(one, rest)) : typeof json === "string" && rest === ""
  if (Array.isArray(json)) return json.some((one) => stands(one, path))
  return isRecord(json) && json[key] !== undefined && json[key] !== null && stands(json[key], rest)
}

/** A body, or what the frames of a stream hold: the answer is spread over them. */
function sources(fixture: Fixture | undefined): readonly Json[] {
  if (!fixture) return []
  if (fixture.kind !== "stream") return [jsonOf(fixture)]
  return framesOf([fixture.bytes]).flatMap(({ data }) => (data.startsWith("{") ? [parseJson(data)] : []))
}

/** The hub's list of tools is flat: what stands in a namespace is told as if it stood beside it. */
const nested: ReadonlySet<string> = new Set(["namespace-tool field-unsupported tools[*].defer_loading"])

/** Words of the hub that are no wire's. */
const hubWords = /blocks\[|candidates|[a-z][A-Z]|usage\.lines/

describe.each(pairs.map((pair) => [`${pair.client.id} served by ${pair.upstream.id}`, pair] as const))("%s", (_, pair) => {
  for (const scenario of scenariosOf(pair, ownFixtures)) {
    const passages = travel(pair, scenario)
    const told = passages.map(({ part, notices }) => ({
      part,
      list: spellNotices(notices, { caller: pair.client.paths, upstream: pair.upstream.paths }),
    }))
    if (told.every(({ list }) => list.length === 0)) continue

    test(`${scenario.name}: no notice speaks the hub's language`, () => {
      expect(told.flatMap(({ list }) => list.filter(({ path }) => hubWords.test(path)).map(({ path }) => path))).toEqual([])
    })

    test(`${scenario.name}: what a notice says was left out stands in the body it was left out of`, () => {
      const missing = told.flatMap(({ part, list }) => {
        if (part === "stream") return []
        const bodies = sources(part === "request" ? scenario.request : scenario.answer)
        const side = part === "request" ? "request" : "response"
        return list
          .filter((notice) => notice.effect !== "adapted" && notice.side === side)
          .filter(({ path }) => !bodies.some((body) => stands(body, path)))
          .map(({ code, path }) => `${code} ${path}`)
          .filter((one) => !nested.has(`${scenario.name} ${one}`))
      })
      expect(missing).toEqual([])
    })
  }
})
