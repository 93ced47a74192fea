import type { Terminal } from "../../src/cli/terminal.ts"
import type { Environment } from "../../src/config/facts.ts"

export interface RecordedTerminal extends Terminal {
  readonly printed: { readonly out: string; readonly err: string }
}

/** A terminal that keeps what is written to it. */
export function recordedTerminal(env: Environment = {}): RecordedTerminal {
  const printed = { out: "", err: "" }
  return {
    env,
    interactive: false,
    colour: false,
    printed,
    out(line) {
      printed.out += `${line}\n`
    },
    err(line) {
      printed.err += `${line}\n`
    },
    flushed: () => Promise.resolve(),
  }
}
