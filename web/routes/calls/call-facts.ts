import type { CallRecord } from "../../../src/http/api/types.ts"
import type { Tone } from "../../components/mark.tsx"

export interface Verdict {
  readonly tone: Tone
  readonly word: string
}

/** How a call ended, in a word. */
export function verdictOf({ end, status, error, tries }: CallRecord): Verdict {
  switch (end) {
    case "complete":
      if (status >= 400) return { tone: "bad", word: error?.kind ?? "error" }
      return tries.length > 1 ? { tone: "warning", word: `complete, ${tries.length} tries` } : { tone: "good", word: "complete" }
    case "truncated":
      return { tone: "bad", word: "truncated" }
    case "aborted":
      return { tone: "quiet", word: "caller left" }
    case "error":
      return { tone: "bad", word: error?.kind ?? "error" }
    default:
      return end satisfies never
  }
}

/** Whether there is an answer that figures could be told of. */
export const isAnswered = ({ end, status }: CallRecord): boolean => end === "complete" && status < 400

export interface TokenSums {
  readonly input: number
  readonly output: number
  /** By class, the vendor's lines added up. */
  readonly classes: readonly (readonly [string, number])[]
}

const outputClasses = /^(output|reasoning|prediction)/

/** What is to be billed: all lines together. Undefined when the vendor told nothing. */
export function tokensOf({ usage }: CallRecord): TokenSums | undefined {
  if (usage === undefined) return undefined
  const sums = new Map<string, number>()
  for (const { tokens } of usage.lines)
    for (const [name, tally] of Object.entries(tokens)) sums.set(name, (sums.get(name) ?? 0) + (tally ?? 0))
  let input = 0
  let output = 0
  for (const [name, tally] of sums) {
    if (outputClasses.test(name)) output += tally
    else input += tally
  }
  return { input, output, classes: [...sums] }
}

/** Provider and model that answered, else what was asked for. */
export const destinationOf = ({ provider, model, requestedModel }: CallRecord): string =>
  provider === undefined ? requestedModel : `${provider}/${model ?? requestedModel}`
