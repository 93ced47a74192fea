import type { Wire } from "../../src/core/wire.ts"
import type { Fixture, FixtureKind } from "./fixtures.ts"

export interface LawContext {
  readonly wire: Wire
  /** All generation wires, for laws about pairs. */
  readonly wires: readonly Wire[]
  /** What the wire's own encoder can be asked for, beyond its common ground. */
  readonly features: readonly string[]
  /** Two blocks may never be open at once on this wire. */
  readonly sequential: boolean
}

/** A statement about every fixture of some kinds. It throws where it does not hold. */
export interface FixtureLaw {
  readonly title: string
  readonly kinds: readonly FixtureKind[]
  /** Holds for malformed input too. */
  readonly any?: true
  /** Only for fixtures composed for this repository, where many variants of each are tried. */
  readonly own?: true
  /** False where the fixture says nothing about the law. */
  when?(fixture: Fixture, context: LawContext): boolean
  check(fixture: Fixture, context: LawContext): void
}

/** A statement about the wire as such. */
export interface WireLaw {
  readonly title: string
  check(context: LawContext): void
}

export interface Law {
  /** Such as `L1 identity`. */
  readonly title: string
  readonly fixtures?: readonly FixtureLaw[]
  readonly wire?: readonly WireLaw[]
}
