export type Result =
  | { readonly outcome: "passed" }
  | { readonly outcome: "failed"; readonly reason: string }
  | { readonly outcome: "skipped"; readonly reason: string }

/** One thing that a program from outside does through the gateway. It passes by returning and fails by throwing. */
export interface Case {
  readonly name: string
  run(): Promise<void>
}

/** Thrown by a case that cannot run here. */
export class CannotRun extends Error {
  override readonly name = "CannotRun"
}

export function check(holds: boolean, otherwise: string): asserts holds {
  if (!holds) throw new Error(otherwise)
}

/** Runs one case and prints its line. */
export async function runCase({ name, run }: Case): Promise<Result> {
  const started = performance.now()
  const result = await run().then((): Result => ({ outcome: "passed" }), explain)
  const seconds = ((performance.now() - started) / 1_000).toFixed(1)
  console.log(`${result.outcome}: ${name}${result.outcome === "passed" ? ` (${seconds} s)` : `: ${result.reason}`}`)
  return result
}

function explain(error: unknown): Result {
  const reason = error instanceof Error ? error.message : String(error)
  return { outcome: error instanceof CannotRun ? "skipped" : "failed", reason }
}
