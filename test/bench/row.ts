import { median } from "./measure.ts"
import type { Bench } from "./subjects.ts"

/** One figure of the table. It holds when `value ≤ limit`, or `≥` for a floor. */
export interface Figure {
  readonly name: string
  readonly value: number
  readonly limit: number
  readonly unit: "×" | "ms" | "MB" | "calls"
  readonly atLeast?: true
  /** Absolute figures behind it, for orientation: they depend on the machine. */
  readonly detail: string
}

export interface Scale {
  /** Interleaved rounds; at least five unless the run is quick. */
  readonly rounds: number
  /** A count of calls, scaled down in a quick run. */
  calls(full: number): number
  readonly quick: boolean
}

export interface Row {
  readonly name: string
  run(bench: Bench, scale: Scale): Promise<readonly Figure[]>
}

export type Rounds<K extends string, T> = Readonly<Record<K, readonly T[]>>

/** Measures each subject once a round, in an order that turns with the round, so that drift of the machine hits all alike. */
export async function interleave<K extends string, T>(
  rounds: number,
  subjects: Readonly<Record<K, () => Promise<T>>>,
): Promise<Rounds<K, T>> {
  const names = Object.keys(subjects) as K[]
  const results = Object.fromEntries(names.map((name) => [name, [] as T[]])) as Record<K, T[]>
  for (let round = 0; round < rounds; round += 1) {
    for (let n = 0; n < names.length; n += 1) {
      const name = names[(n + round) % names.length]
      if (name !== undefined) results[name].push(await subjects[name]())
    }
  }
  return results
}

/** The median over rounds of `top` by `bottom` in the same round. */
export function ratio<T>(top: readonly T[], bottom: readonly T[], value: (result: T) => number): number {
  return median(top.flatMap((result, round) => (bottom[round] === undefined ? [] : [value(result) / value(bottom[round])])))
}

export const microseconds = (seconds: number): string => `${(seconds * 1e6).toFixed(0)} µs`

export const megabytes = (bytes: number): number => bytes / (1 << 20)
