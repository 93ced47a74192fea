import { describe, expect, test } from "bun:test"
import type { Request } from "../../../src/core/request.ts"
import { asObject, stringifyJson } from "../../../src/lib/json.ts"
import { encode } from "./encoded.ts"

describe("options", () => {
  test("the limit that the vendor demands", () => {
    const none = { maxOutput: undefined } as unknown as Request
    expect(encode(none).body.max_tokens).toBe(8_192)
    expect(encode(none).exchange.told()).toEqual(["output-limit-defaulted maxOutput"])
    expect(encode(none, { target: { limits: { maxOutput: 64_000 } } }).body.max_tokens).toBe(64_000)
    expect(encode({ maxOutput: 100_000 }, { target: { limits: { maxOutput: 64_000 } } }).body.max_tokens).toBe(64_000)
  })

  test.each([
    [{ effort: "none" }, [], { type: "disabled" }, undefined],
    [{ effort: "high" }, [], { type: "adaptive" }, { effort: "high" }],
    [{ effort: "minimal" }, [], { type: "adaptive" }, { effort: "low" }],
    [{ effort: "medium" }, ["thinking-budget"], { type: "enabled", budget_tokens: 8_000 }, undefined],
    [{ budget: 2_000 }, [], { type: "enabled", budget_tokens: 2_000 }, undefined],
    [{ budget: 5 }, [], { type: "enabled", budget_tokens: 1_024 }, undefined],
    [{ budget: 90_000 }, [], { type: "enabled", budget_tokens: 8_000 }, undefined],
    [{ budget: 4_000 }, ["thinking-adaptive"], { type: "adaptive" }, { effort: "medium" }],
    [{ effort: "low", show: "summary" }, [], { type: "adaptive", display: "summarized" }, { effort: "low" }],
  ] as const)("reasoning %o with %o", (reasoning, features, thinking, config) => {
    const { body } = encode({ reasoning, maxOutput: 10_000 }, { features })
    expect(body.thinking).toEqual(thinking)
    expect(body.output_config).toEqual(config as never)
  })

  test("a budget that does not fit below the limit is no thinking", () => {
    const { body, exchange } = encode({ reasoning: { budget: 4_096 }, maxOutput: 500 })
    expect(body.thinking).toBeUndefined()
    expect(exchange.told()).toContain("field-adapted reasoning.budget")
  })

  test("a forced call is made without thinking before it", () => {
    const forced = { tools: [{ type: "function", name: "a" }], toolChoice: { type: "required" } } as const
    const { body, exchange } = encode({ ...forced, reasoning: { effort: "high", budget: 2_000 } })
    expect([body.thinking, body.output_config]).toEqual([undefined, { effort: "high" }])
    expect(exchange.told()).toContain("field-unsupported reasoning.budget")
  })

  test("sampling is left to the vendor while it thinks", () => {
    const { body, exchange } = encode({ reasoning: { effort: "high" }, temperature: 0.2, topK: 5, maxOutput: 10_000 })
    expect([body.temperature, body.top_k]).toEqual([undefined, undefined])
    expect(exchange.told()).toEqual([
      "field-adapted reasoning.adaptive",
      "field-unsupported temperature",
      "field-unsupported topK",
    ])
  })

  test("what the vendor has no field for is told", () => {
    const { body, exchange } = encode({
      temperature: 1.6,
      topP: 0.5,
      seed: 1,
      candidates: 2,
      logprobs: 3,
      output: { json: true },
    })
    expect(body.temperature).toBe(1)
    expect([...exchange.told()].sort()).toEqual([
      "block-adapted instructions[*]",
      "candidates-unsupported candidates",
      "field-adapted output.json",
      "field-adapted temperature",
      "field-unsupported seed",
      "field-unsupported topP",
      "logprobs-unsupported logprobs",
    ])
    expect(stringifyJson(body.system ?? null)).toContain("JSON object")
  })

  test("an output schema is closed, data in it is not touched", () => {
    const schema =
      '{"type":"object","properties":{"a":{"type":"object","additionalProperties":true,"default":{"type":"object"}}}}'
    const { body } = encode({ output: { schema } })
    expect(asObject(asObject(body.output_config)?.format)?.schema).toEqual({
      type: "object",
      properties: { a: { type: "object", additionalProperties: false, default: { type: "object" } } },
      additionalProperties: false,
    })
  })
})
