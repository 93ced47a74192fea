import { describe, expect, test } from "bun:test"
import fc from "fast-check"
import { totals, type Usage } from "../../../src/core/usage.ts"
import type { Json } from "../../../src/lib/json.ts"
import { decodeUsage, encodeUsage } from "../../../src/wires/openai-chat/usage.ts"

const tokens = (json: Json) => decodeUsage(json)?.lines[0]?.tokens

describe("reading usage", () => {
  test.each<[string, Json, Json, number]>([
    ["plain", { prompt_tokens: 12, completion_tokens: 8, total_tokens: 20 }, { input: 12, output: 8 }, 0],
    [
      "cached and written",
      {
        prompt_tokens: 1000,
        completion_tokens: 10,
        total_tokens: 1010,
        prompt_tokens_details: { cached_tokens: 300, cache_write_tokens: 200 },
      },
      { input: 500, "cache-read": 300, "cache-write": 200, output: 10 },
      0,
    ],
    [
      "audio and reasoning",
      {
        prompt_tokens: 320,
        completion_tokens: 180,
        total_tokens: 500,
        prompt_tokens_details: { cached_tokens: 12, audio_tokens: 240 },
        completion_tokens_details: { reasoning_tokens: 15, audio_tokens: 90 },
      },
      { input: 68, "cache-read": 12, "input-audio": 240, output: 75, reasoning: 15, "output-audio": 90 },
      0,
    ],
    [
      "cached audio",
      {
        prompt_tokens: 100,
        completion_tokens: 1,
        total_tokens: 101,
        prompt_tokens_details: { cached_tokens: 80, audio_tokens: 60 },
      },
      { input: 0, "cache-read": 40, "cache-read-audio": 40, "input-audio": 20, output: 1 },
      0,
    ],
    [
      "reasoning beside the completion",
      {
        prompt_tokens: 12,
        completion_tokens: 1,
        total_tokens: 241,
        prompt_tokens_details: { cached_tokens: 2 },
        completion_tokens_details: { reasoning_tokens: 228 },
      },
      { input: 10, "cache-read": 2, output: 1, reasoning: 228 },
      0,
    ],
    [
      "hits and misses",
      { prompt_tokens: 18, completion_tokens: 5, total_tokens: 23, prompt_cache_hit_tokens: 16, prompt_cache_miss_tokens: 2 },
      { input: 2, "cache-read": 16, output: 5 },
      0,
    ],
    [
      "a total that nobody explains",
      { prompt_tokens: 7, completion_tokens: 12, total_tokens: 402 },
      { input: 7, output: 12 },
      383,
    ],
    [
      "predictions",
      {
        prompt_tokens: 5,
        completion_tokens: 20,
        total_tokens: 25,
        completion_tokens_details: { accepted_prediction_tokens: 6, rejected_prediction_tokens: 4 },
      },
      { input: 5, output: 10, "prediction-accepted": 6, "prediction-rejected": 4 },
      0,
    ],
  ])("%s", (_, json, expected, unexplained) => {
    expect(tokens(json)).toEqual(expected as object)
    expect(decodeUsage(json)?.unexplained).toBe(unexplained)
    expect(decodeUsage(json)?.raw).toBe(json)
  })

  test("nothing counted is no usage", () => {
    for (const json of [undefined, null, {}, "12", { prompt_tokens: null }]) expect(decodeUsage(json)).toBeUndefined()
  })

  test("classes are never negative and make the total, whatever a vendor says", () => {
    const count = fc.nat(1000)
    const details = fc.record(
      { cached_tokens: count, cache_write_tokens: count, audio_tokens: count, image_tokens: count },
      { requiredKeys: [] },
    )
    const more = fc.record(
      { reasoning_tokens: count, audio_tokens: count, accepted_prediction_tokens: count },
      { requiredKeys: [] },
    )
    const any = fc.record({
      prompt_tokens: count,
      completion_tokens: count,
      total_tokens: count,
      prompt_tokens_details: details,
      completion_tokens_details: more,
    })
    fc.assert(
      fc.property(any, (json) => {
        const usage = decodeUsage(json as Json)
        if (!usage) throw new Error("no usage")
        const sum = totals(usage)
        expect(Object.values(sum.classes).every((one) => one >= 0)).toBe(true)
        expect(sum.input).toBe(json.prompt_tokens)
        expect(sum.total + usage.unexplained).toBe(json.total_tokens)
      }),
    )
  })
})

describe("writing usage", () => {
  const foreign: Usage = {
    lines: [
      {
        kind: "answer",
        tokens: { input: 10, "cache-read": 20, "cache-write": 5, "cache-write-1h": 7, output: 30, reasoning: 4 },
      },
      { kind: "compaction", tokens: { input: 100, output: 50 } },
    ],
    unexplained: 0,
    raw: {},
    wire: "elsewhere",
  }

  test("sums all lines and reads back as much", () => {
    const told: string[] = []
    const json = encodeUsage(foreign, ({ path }) => told.push(path))
    expect(json).toMatchObject({ prompt_tokens: 142, completion_tokens: 84, total_tokens: 226 })
    expect(tokens(json)).toEqual({ input: 110, "cache-read": 20, "cache-write": 12, output: 80, reasoning: 4 })
    expect(told).toEqual(["usage.lines[*].tokens.cache-write-1h"])
  })

  test("keeps this wire's own value", () => {
    const raw = { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2, queue_time: 0.2 }
    expect(encodeUsage({ ...foreign, wire: "openai-chat", raw }, () => {})).toBe(raw)
  })
})
