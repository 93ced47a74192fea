import fc from "fast-check"
import { LawError } from "./difference.ts"

/** Checks a property; where it fails, says the smallest example and what came of it. */
export function mustHold<T extends [unknown, ...unknown[]]>(property: fc.IProperty<T>, numRuns: number): void {
  const result = fc.check(property, { numRuns })
  if (!result.failed) return
  const { errorInstance, counterexample, seed, counterexamplePath: path } = result
  const cause = errorInstance instanceof Error ? errorInstance.message : String(errorInstance)
  throw new LawError(`${cause}\n  for ${JSON.stringify(counterexample)}\n  seed ${seed}, path ${path}`)
}
