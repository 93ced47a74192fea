import { describe, expect, test } from "bun:test"
import type { Wire } from "../../src/core/wire.ts"
import { type Fixture, ownFixtures } from "./fixtures.ts"
import type { Law, LawContext } from "./law.ts"
import { loadWires } from "./load-wires.ts"
import { mutants } from "./mutants.ts"

const wires = await loadWires()

const contextOf = (wire: Wire, among: readonly Wire[]): LawContext => ({
  wire,
  wires: among.map((other) => (other.id === wire.id ? wire : other)),
  features: [],
  sequential: wire.id === "anthropic-messages",
})

function fails(act: () => void): boolean {
  try {
    act()
    return false
  } catch {
    return true
  }
}

/** How many statements of a law do not hold. */
function broken(law: Law, context: LawContext, fixtures: readonly Fixture[]): number {
  const cases = [
    ...(law.fixtures ?? []).flatMap((statement) =>
      fixtures
        .filter((fixture) => statement.kinds.includes(fixture.kind) && (statement.when?.(fixture, context) ?? true))
        .map((fixture) => () => statement.check(fixture, context)),
    ),
    ...(law.wire ?? []).map((statement) => () => statement.check(context)),
  ]
  return cases.filter(fails).length
}

describe("a law notices", () => {
  for (const { defect, law, only, others, damage } of mutants) {
    test(defect, () => {
      for (const wire of wires.filter((one) => only === undefined || one.id === only)) {
        const fixtures = ownFixtures(wire.id)
        const sound = contextOf(wire, wires)
        const damaged = others ? contextOf(wire, wires.map(damage)) : contextOf(damage(wire), wires)
        expect(broken(law, damaged, fixtures), `${law.title} of ${wire.id}`).toBeGreaterThan(broken(law, sound, fixtures))
      }
    })
  }
})
