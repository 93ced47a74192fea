import { describe, test } from "bun:test"
import { LawError } from "./difference.ts"
import type { Fixture } from "./fixtures.ts"
import type { FixtureLaw, Law, LawContext } from "./law.ts"
import { laws } from "./laws.ts"

export interface Excuse {
  /** `law: statement: kind name`, or without the last part for a statement about the wire as such. */
  readonly title: string
  readonly reason: string
}

export interface WireTestOptions {
  /** Fails today. An entry that holds fails the run, so that the list only shrinks. */
  readonly known?: readonly Excuse[]
  /** Not a case of the law. Titles must exist. */
  readonly skip?: readonly Excuse[]
}

interface Case {
  readonly title: string
  check(): void
}

const titleOf = (law: Law, statement: string, fixture: Fixture): string =>
  `${law.title}: ${statement}: ${fixture.source === "own" ? "" : "recorded "}${fixture.kind} ${fixture.name}`

const applies = (law: FixtureLaw, fixture: Fixture, context: LawContext): boolean =>
  law.kinds.includes(fixture.kind) &&
  (law.any === true || fixture.malformed !== true) &&
  (law.own !== true || fixture.source === "own") &&
  (law.when?.(fixture, context) ?? true)

function casesOf(law: Law, fixtures: readonly Fixture[], context: LawContext): Case[] {
  const overFixtures = (law.fixtures ?? []).flatMap((statement) =>
    fixtures
      .filter((fixture) => applies(statement, fixture, context))
      .map((fixture) => ({
        title: titleOf(law, statement.title, fixture),
        check: () => statement.check(fixture, context),
      })),
  )
  const overWire = (law.wire ?? []).map((statement) => ({
    title: `${law.title}: ${statement.title}`,
    check: () => statement.check(context),
  }))
  return [...overFixtures, ...overWire]
}

/** States every law over every fixture, one test each. */
export function testWire(
  context: LawContext,
  fixtures: readonly Fixture[],
  { known = [], skip = [] }: WireTestOptions = {},
): void {
  describe(context.wire.id, () => {
    const cases = laws.flatMap((law) => casesOf(law, fixtures, context))
    for (const { title, check } of cases) {
      if (skip.some((excuse) => excuse.title === title)) continue
      const excuse = known.find((one) => one.title === title)
      test(excuse ? `${title} (known failure)` : title, () => (excuse ? mustFail(check, excuse) : check()))
    }
    test("every excuse names a case", () => {
      const titles = new Set(cases.map((one) => one.title))
      const stale = [...known, ...skip].filter((excuse) => !titles.has(excuse.title) && isStale(excuse, fixtures))
      if (stale.length > 0) throw new LawError(`no such case: ${stale.map((excuse) => excuse.title).join("; ")}`)
    })
  })
}

/** Recordings may be absent; then excuses for them name nothing. */
const isStale = (excuse: Excuse, fixtures: readonly Fixture[]): boolean =>
  !excuse.title.includes(": recorded ") || fixtures.some((fixture) => fixture.source === "recorded")

function mustFail(check: () => void, excuse: Excuse): void {
  try {
    check()
  } catch {
    return
  }
  throw new LawError(`holds, but is listed as a known failure: ${excuse.reason}`)
}
