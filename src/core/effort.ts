/** Thinking tokens for each word of effort, where a vendor knows only one of the two. */
const budgets: readonly (readonly [effort: string, tokens: number])[] = [
  ["low", 2_048],
  ["medium", 8_192],
  ["high", 16_384],
  ["xhigh", 24_576],
  ["max", 31_999],
]

/** The budget of the deepest thinking for an effort that is not known. */
export const budgetOf = (effort: string): number => budgets.find(([name]) => name === effort)?.[1] ?? 31_999

/** The least effort that thinks as long. `most`: the highest one that every model of the vendor's knows. */
export function effortOf(tokens: number, most: "high" | "max"): string {
  const effort = budgets.find(([, limit]) => tokens <= limit)?.[0] ?? "max"
  return most === "high" && tokens > 16_384 ? "high" : effort
}
