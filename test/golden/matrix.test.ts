import { describe, expect, test } from "bun:test"
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { ownFixtures } from "../conformance/fixtures.ts"
import { loadWires } from "../conformance/load-wires.ts"
import { repository } from "../support/traffic.ts"
import { type Allowed, allowed, isContent, lossless } from "./allowed.ts"
import { type Pair, type Passage, type Scenario, scenariosOf, travel } from "./scenario.ts"
import { snapshotOf } from "./snapshot.ts"

/** `GOLDEN=write bun test test/golden` writes what comes out now; the diff is for reading. */
const writes = process.env.GOLDEN === "write"
const wires = await loadWires()
const pairs: readonly Pair[] = wires.flatMap((client) =>
  wires.filter((upstream) => upstream !== client).map((upstream) => ({ client, upstream })),
)

const folderOf = ({ client, upstream }: Pair): string => join(repository, "test/golden", `${client.id}.${upstream.id}`)

interface Loss {
  readonly from: string
  readonly to: string
  readonly side: "request" | "response"
  readonly scenario: string
  readonly code: string
  readonly path: string
}

/** What a passage lost: notices of things dropped or refused, and a refusal as a whole. */
function losses({ client, upstream }: Pair, scenario: string, { part, result, notices }: Passage): Loss[] {
  const way =
    part === "request"
      ? ({ from: client.id, to: upstream.id, side: "request" } as const)
      : ({ from: upstream.id, to: client.id, side: "response" } as const)
  const dropped = notices
    .filter((notice) => notice.effect !== "adapted")
    .map(({ code, path }) => ({ ...way, scenario, code, path }))
  const isRefused = typeof result === "object" && result !== null && "refused" in result
  return isRefused ? [...dropped, { ...way, scenario, code: "refused", path: "" }] : dropped
}

const excuses = (row: Allowed, loss: Loss): boolean =>
  row.from === loss.from &&
  row.to === loss.to &&
  row.side === loss.side &&
  row.code === loss.code &&
  row.path === loss.path &&
  row.scenarios.includes(loss.scenario)

/** Rows with the scenarios that needed them. */
const used = new Map<Allowed, Set<string>>()

function unexcused(loss: Loss): boolean {
  if (lossless.has(loss.scenario) && (loss.code === "refused" || isContent(loss.path))) return true
  const row = allowed.find((one) => excuses(one, loss))
  if (row) used.set(row, (used.get(row) ?? new Set()).add(loss.scenario))
  return row === undefined
}

function compare(pair: Pair, { name }: Scenario, text: string): void {
  const file = join(folderOf(pair), `${name}.txt`)
  if (writes) {
    mkdirSync(folderOf(pair), { recursive: true })
    writeFileSync(file, text)
  }
  expect(existsSync(file) ? readFileSync(file, "utf8") : "no snapshot").toBe(text)
}

for (const pair of pairs) {
  describe(`a client of ${pair.client.id} served by ${pair.upstream.id}`, () => {
    const scenarios = scenariosOf(pair, ownFixtures)
    for (const scenario of scenarios) {
      test(scenario.name, () => {
        const passages = travel(pair, scenario)
        compare(pair, scenario, snapshotOf(passages))
        expect(passages.flatMap((passage) => losses(pair, scenario.name, passage)).filter(unexcused)).toEqual([])
      })
    }
    test("each snapshot belongs to a scenario", () => {
      const folder = folderOf(pair)
      const files = existsSync(folder) ? readdirSync(folder) : []
      const stale = files.filter((file) => !scenarios.some(({ name }) => `${name}.txt` === file))
      if (writes) for (const file of stale) rmSync(join(folder, file))
      expect(writes ? [] : stale).toEqual([])
    })
  })
}

const idle = (row: Allowed): object[] =>
  row.scenarios.filter((scenario) => !used.get(row)?.has(scenario)).map((scenario) => ({ ...row, scenarios: [scenario] }))

describe("the table of allowed differences", () => {
  test("names a vendor's documentation in every row", () => {
    expect(allowed.filter((row) => !row.source.startsWith("https://") || row.missing === "")).toEqual([])
  })
  test("holds no row that nothing needs", () => {
    expect(allowed.flatMap((row) => idle(row))).toEqual([])
  })
})
