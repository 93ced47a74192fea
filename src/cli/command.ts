import { type ArgsDef, type ParsedArgs, parseArgs } from "citty"
import type { Terminal } from "./terminal.ts"

/** One word of the command line and what it does. */
export interface Command {
  readonly name: string
  readonly summary: string
  /** Environment variables and exit codes worth knowing, for its help. */
  readonly notes: readonly string[]
  readonly flags: ArgsDef
  /** Returns the exit code. `words` have been checked against `flags`. */
  run(words: readonly string[], terminal: Terminal): Promise<number>
}

interface Definition<Flags extends ArgsDef> {
  readonly name: string
  readonly summary: string
  readonly notes?: readonly string[]
  readonly flags: Flags
  run(flags: ParsedArgs<Flags>, terminal: Terminal): Promise<number>
}

export function command<const Flags extends ArgsDef>(definition: Definition<Flags>): Command {
  const { name, summary, notes = [], flags, run } = definition
  return { name, summary, notes, flags, run: (words, terminal) => run(parseArgs<Flags>([...words], flags), terminal) }
}

/** A mistake on the command line or in a variable that stands for a flag; its message is all that the user needs. */
export class UsageError extends Error {
  override readonly name = "UsageError"
}

/** Exit codes, as in sysexits(3) where it has one. */
export const exit = { ok: 0, failed: 1, usage: 2, config: 78 } as const
