import type { Json } from "../lib/json.ts"
import type { WireId } from "./node.ts"

/** Disjoint classes: each token is in exactly one. `input` is neither cached nor of another modality; `output` is neither reasoning nor audio. */
export const tokenClasses = [
  "input",
  "cache-read",
  "cache-write",
  "cache-write-1h",
  "input-audio",
  "input-image",
  "cache-read-audio",
  "output",
  "reasoning",
  "output-audio",
  "output-image",
  "prediction-accepted",
  "prediction-rejected",
] as const
export type TokenClass = (typeof tokenClasses)[number]

export type Tokens = Partial<Readonly<Record<TokenClass, number>>>

/** One thing that is billed: the answer itself, a compaction, an advisor's answer by another model. */
export interface UsageLine {
  readonly model?: string
  readonly kind: string
  readonly tokens: Tokens
  /** Countable things other than tokens, such as web searches. */
  readonly units?: Readonly<Record<string, number>>
}

/** Bill the lines. `unexplained` is the vendor's own total minus the sum of all classes; `raw` is the vendor's value. */
export interface Usage {
  readonly lines: readonly UsageLine[]
  readonly unexplained: number
  readonly raw: Json
  readonly wire: WireId
}

const inputClasses: ReadonlySet<string> = new Set<TokenClass>([
  "input",
  "cache-read",
  "cache-write",
  "cache-write-1h",
  "input-audio",
  "input-image",
  "cache-read-audio",
])

export interface UsageTotals {
  readonly input: number
  readonly output: number
  readonly total: number
  readonly classes: Tokens
}

/** What `totals` says of the two sides, for those who ask at every call. */
export function sides({ lines }: Pick<Usage, "lines">): Pick<UsageTotals, "input" | "output"> {
  let input = 0
  let output = 0
  for (const { tokens } of lines)
    for (const name in tokens) {
      const count = tokens[name as TokenClass] ?? 0
      if (inputClasses.has(name)) input += count
      else output += count
    }
  return { input, output }
}

/** Sums over all lines, or over those that `keep` accepts. */
export function totals(usage: Usage, keep?: (line: UsageLine) => boolean): UsageTotals {
  const classes: Partial<Record<TokenClass, number>> = {}
  let input = 0
  let output = 0
  for (const line of usage.lines) {
    if (keep && !keep(line)) continue
    for (const name of tokenClasses) {
      const count = line.tokens[name]
      if (count === undefined) continue
      classes[name] = (classes[name] ?? 0) + count
      if (inputClasses.has(name)) input += count
      else output += count
    }
  }
  return { input, output, total: input + output, classes }
}
