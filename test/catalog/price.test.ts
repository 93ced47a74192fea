import { describe, expect, test } from "bun:test"
import { calcPrice } from "@pydantic/genai-prices"
import fc from "fast-check"
import { costOf } from "../../src/catalog/price.ts"
import { type TokenClass, type Tokens, tokenClasses, type Usage, type UsageLine } from "../../src/core/usage.ts"

const at = Date.UTC(2026, 10, 22, 12)
const usageOf = (...lines: UsageLine[]): Usage => ({ lines, unexplained: 0, raw: null, wire: "wire-a" })
const line = (tokens: Tokens, more: Partial<UsageLine> = {}): UsageLine => ({ kind: "answer", tokens, ...more })
const cost = (provider: string, model: string, ...lines: UsageLine[]) => costOf({ provider, model, at }, usageOf(...lines))

/** The same counts as the price list's own calculator wants them: totals with their parts. */
function nested(tokens: Tokens) {
  const sum = (...names: TokenClass[]) => names.reduce((all, name) => all + (tokens[name] ?? 0), 0)
  return {
    input_tokens: sum("input", "cache-read", "cache-write", "cache-write-1h", "input-audio", "input-image", "cache-read-audio"),
    cache_read_tokens: sum("cache-read", "cache-read-audio"),
    cache_write_tokens: sum("cache-write", "cache-write-1h"),
    cache_write_1h_tokens: sum("cache-write-1h"),
    input_audio_tokens: sum("input-audio", "cache-read-audio"),
    cache_audio_read_tokens: sum("cache-read-audio"),
    cache_image_read_tokens: 0,
    input_image_tokens: sum("input-image"),
    output_tokens: sum("output", "reasoning", "output-audio", "output-image", "prediction-accepted", "prediction-rejected"),
    output_reasoning_tokens: sum("reasoning"),
    output_audio_tokens: sum("output-audio"),
    output_image_tokens: sum("output-image"),
  }
}

describe("the price of a call", () => {
  test("is nothing where nobody is billed, whatever the model is called", () => {
    expect(cost("mock", "gpt-5-mini", line({ input: 1_000, output: 5 }), line({ output: 1 }))).toEqual({
      total: 0,
      lines: [0, 0],
    })
    expect(cost("mock", "echo")).toEqual({ total: 0, lines: [] })
  })

  test("by hand, with every class of a model that prices caches apart", () => {
    const tokens = {
      input: 1_000,
      "cache-read": 10_000,
      "cache-write": 2_000,
      "cache-write-1h": 400,
      output: 300,
      reasoning: 100,
    }
    const dollars = (1_000 * 3 + 10_000 * 0.3 + 2_000 * 3.75 + 400 * 6 + 400 * 15) / 1e6
    expect(cost("anthropic", "claude-sonnet-4-5-20250929", line(tokens)).total).toBeCloseTo(dollars, 12)
  })

  test("long contexts are billed at their own rates, by all input of the line together", () => {
    const short = cost("gemini", "gemini-2.5-pro", line({ input: 150_000, "cache-read": 50_000 }))
    const long = cost("gemini", "gemini-2.5-pro", line({ input: 150_001, "cache-read": 50_000 }))
    expect(short.total).toBeCloseTo((150_000 * 1.25 + 50_000 * 0.125) / 1e6, 12)
    expect(long.total).toBeCloseTo((150_001 * 2.5 + 50_000 * 0.25) / 1e6, 12)
  })

  const models = [
    ["openai", "openai", "gpt-5-mini-2025-08-07"],
    ["openai", "openai", "o3"],
    ["openai", "openai", "gpt-4o-mini"],
    ["openai", "openai", "gpt-image-1"],
    ["openai", "openai", "gpt-realtime"],
    ["anthropic", "anthropic", "claude-opus-4-1"],
    ["anthropic", "anthropic", "claude-2"],
    ["gemini", "google", "gemini-2.5-flash"],
    ["vertex", "google", "claude-sonnet-4-5@20250929"],
    ["bedrock", "aws", "anthropic.claude-sonnet-4-5-20250929-v1:0"],
    ["azure", "azure", "gpt-4o"],
    ["xai", "x-ai", "grok-4"],
    ["deepseek", "deepseek", "deepseek-chat"],
    ["perplexity", "perplexity", "sonar-pro"],
    ["openrouter", "openrouter", "anthropic/claude-sonnet-4.5"],
  ] as const
  test.each(models)("%s (%s): %s agrees with the price list's own calculator", (provider, seller, model) => {
    const counts = fc.record(
      Object.fromEntries(tokenClasses.map((name) => [name, fc.nat({ max: 300_000 })])) as Record<
        TokenClass,
        fc.Arbitrary<number>
      >,
      { requiredKeys: [] },
    )
    fc.assert(
      fc.property(counts, (tokens) => {
        const expected = calcPrice(nested(tokens), model, { providerId: seller, timestamp: new Date(at) })
        expect(cost(provider, model, line(tokens)).total).toBeCloseTo(expected?.total_price ?? Number.NaN, 9)
      }),
      { numRuns: 40 },
    )
  })

  test("lines are billed each as its own model, and add up", () => {
    const { lines, total } = cost(
      "anthropic",
      "claude-sonnet-4-5",
      line({ output: 1_000 }),
      line({ output: 1_000 }, { kind: "advisor", model: "claude-opus-4-1" }),
    )
    expect(lines[0]).toBeCloseTo(0.015, 12)
    expect(lines[1]).toBeCloseTo(0.075, 12)
    expect(total).toBeCloseTo(0.09, 12)
  })

  test("searches are billed by the piece, whatever their name's dash", () => {
    const searches = (name: string) => cost("anthropic", "claude-sonnet-4-5", line({}, { units: { [name]: 3 } })).total
    expect(searches("web-search")).toBeCloseTo(0.03, 12)
    expect(searches("web_search")).toBeCloseTo(0.03, 12)
  })

  test("pages that are fetched cost no more than their tokens", () => {
    const plain = cost("anthropic", "claude-sonnet-4-5", line({ input: 1_000 })).total
    expect(plain).toBeGreaterThan(0)
    expect(cost("anthropic", "claude-sonnet-4-5", line({ input: 1_000 }, { units: { web_fetch: 2 } })).total).toBe(plain)
  })

  test("the price of the request itself counts once", () => {
    const one = cost("perplexity", "sonar", line({ input: 1_000 })).total ?? 0
    const two = cost("perplexity", "sonar", line({ input: 1_000 }), line({ input: 1_000 }, { kind: "more" })).total ?? 0
    const expected = calcPrice({ input_tokens: 1_000 }, "sonar", { providerId: "perplexity" })
    expect(one).toBeCloseTo(expected?.total_price ?? Number.NaN, 12)
    expect(two - one).toBeLessThan(one)
  })

  test("a price that depends on the time of day is the one of the call's time", () => {
    const timely = (time: number) =>
      costOf({ provider: "deepseek", model: "deepseek-chat", at: time }, usageOf(line({ input: 1_000 }))).total
    for (const time of [Date.UTC(2025, 5, 1, 12), Date.UTC(2025, 5, 1, 18), Date.UTC(2026, 5, 1, 12)]) {
      const expected = calcPrice({ input_tokens: 1_000 }, "deepseek-chat", { providerId: "deepseek", timestamp: new Date(time) })
      expect(timely(time)).toBeCloseTo(expected?.total_price ?? Number.NaN, 12)
    }
  })
})

describe("a price that is not known is undefined, not 0", () => {
  test.each([
    ["a model that is not listed", "openai", "gpt-nonesuch-of-ours"],
    ["a custom provider, though its model is listed", "my-openai-proxy", "gpt-5-mini"],
    ["a provider that runs on the spot", "ollama", "gpt-oss:20b"],
    ["a name from the prototype", "constructor", "gpt-5-mini"],
    ["no model", "openai", ""],
  ])("%s", (_, provider, model) => {
    expect(cost(provider, model, line({ input: 10 }))).toEqual({ lines: [undefined] })
  })

  test("of one line makes the total unknown, and leaves the other line's", () => {
    const { total, lines } = cost("openai", "gpt-5-mini", line({ input: 1_000 }), line({ input: 5 }, { model: "nonesuch" }))
    expect(total).toBeUndefined()
    expect(lines).toEqual([expect.any(Number), undefined])
  })

  test("of a thing that is counted but not priced", () => {
    expect(cost("openai", "gpt-5-mini", line({ input: 1_000 }, { units: { teleportation: 1 } })).total).toBeUndefined()
    expect(cost("openai", "gpt-5-mini", line({ input: 1_000 }, { units: { teleportation: 0 } })).total).toBeDefined()
    expect(cost("openai", "whisper-1", line({ output: 1_000 })).total).toBeUndefined()
  })

  test("when nothing was counted", () => {
    expect(cost("openai", "gpt-5-mini")).toEqual({ lines: [] })
  })

  test("but a model that is free costs 0", () => {
    expect(cost("openrouter", "deepseek/deepseek-r1:free", line({ input: 1_000, output: 10 })).total).toBe(0)
  })
})
