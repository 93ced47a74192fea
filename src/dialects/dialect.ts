import type { Wire } from "../core/wire.ts"

export interface Endpoint {
  /** After each of the dialect's prefixes. */
  readonly path: string
  readonly wire: Wire
}

/** The HTTP face of wires for clients: paths, and whose models a bare name means. */
export interface Dialect {
  readonly id: string
  /** The provider that a bare model name belongs to here. */
  readonly vendor?: string
  readonly prefixes: readonly string[]
  readonly endpoints: readonly Endpoint[]
  /** Whose error and model-list shape the dialect speaks where no wire is at hand. */
  readonly wire: Wire
}
