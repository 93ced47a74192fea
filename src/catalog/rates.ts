import { type TokenClass, tokenClasses, type UsageLine } from "../core/usage.ts"
import type { ModelPrice } from "./price-data.ts"

/** Dollars for one, by how many input tokens the line has in all. */
type Rate = (inputTokens: number) => number

/** What one model costs, ready to multiply. */
export interface Rates {
  readonly tokens: Readonly<Partial<Record<TokenClass, Rate>>>
  readonly units: Readonly<Record<string, Rate>>
  readonly request: Rate | undefined
}

/** The prices that apply to a class, the most specific first: what has no price of its own is billed as what it is a kind of. */
const keysOf: Readonly<Record<TokenClass, readonly string[]>> = {
  input: ["input_mtok"],
  "cache-read": ["cache_read_mtok", "input_mtok"],
  "cache-write": ["cache_write_5m_mtok", "cache_write_mtok", "input_mtok"],
  "cache-write-1h": ["cache_write_1h_mtok", "cache_write_mtok", "input_mtok"],
  "input-audio": ["input_audio_mtok", "input_mtok"],
  "input-image": ["input_image_mtok", "input_mtok"],
  "cache-read-audio": ["cache_audio_read_mtok", "cache_read_mtok", "input_audio_mtok", "input_mtok"],
  output: ["output_mtok"],
  reasoning: ["output_reasoning_mtok", "output_mtok"],
  "output-audio": ["output_audio_mtok", "output_mtok"],
  "output-image": ["output_image_mtok", "output_mtok"],
  "prediction-accepted": ["output_mtok"],
  "prediction-rejected": ["output_mtok"],
}

/** Countable things by the names that usage lines give them. */
const unitKeys: Readonly<Record<string, string>> = {
  web_search: "web_searches_kcount",
  file_search: "storage_searches_kcount",
  x_search: "social_searches_kcount",
  code_interpreter: "code_executions_kcount",
}

/** Counted, but paid for by the tokens alone: https://platform.claude.com/docs/en/agents-and-tools/tool-use/web-fetch-tool#usage-and-pricing. */
const unbilled: ReadonlySet<string> = new Set(["web_fetch"])

const perMillion = 1e-6
const perThousand = 1e-3

/** Rates in US dollars, from a price list that has them by the million tokens and the thousand of anything else. What has no price has no rate. */
export function ratesOf(price: ModelPrice): Rates {
  const tokens: Partial<Record<TokenClass, Rate>> = {}
  for (const name of tokenClasses) {
    const rate = firstRate(price, keysOf[name], perMillion)
    if (rate) tokens[name] = rate
  }
  const units: Record<string, Rate> = {}
  for (const [name, key] of Object.entries(unitKeys)) {
    const rate = firstRate(price, [key], perThousand)
    if (rate) units[name] = rate
  }
  return { tokens, units, request: firstRate(price, ["requests_kcount"], perThousand) }
}

function firstRate(price: ModelPrice, keys: readonly string[], scale: number): Rate | undefined {
  for (const key of keys) {
    const value = price[key]
    if (value === undefined) continue
    if (typeof value === "number") return () => value * scale
    const tiers = [...value.tiers].sort((left, right) => left.start - right.start)
    return (inputTokens) => (tiers.findLast((tier) => inputTokens > tier.start)?.price ?? value.base) * scale
  }
  return undefined
}

/** Dollars for what a line counts, requests apart; undefined as soon as one thing on it has no price. */
export function priceLine(rates: Rates, line: UsageLine, inputTokens: number): number | undefined {
  let dollars = 0
  for (const name of tokenClasses) {
    const count = line.tokens[name]
    if (!count) continue
    const rate = rates.tokens[name]
    if (!rate) return undefined
    dollars += count * rate(inputTokens)
  }
  for (const [name, count] of Object.entries(line.units ?? {})) {
    if (count === 0 || unbilled.has(name)) continue
    const rate = rates.units[name.replaceAll("-", "_")]
    if (!rate) return undefined
    dollars += count * rate(inputTokens)
  }
  return dollars
}
