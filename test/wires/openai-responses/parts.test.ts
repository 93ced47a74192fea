import { describe, expect, test } from "bun:test"
import { notices } from "../../../src/core/notice.ts"
import type { Stop } from "../../../src/core/response.ts"
import { totals } from "../../../src/core/usage.ts"
import type { JsonObject } from "../../../src/lib/json.ts"
import { leastOutput, openaiResponses as wire } from "../../../src/wires/openai-responses/index.ts"
import { decodeStop, encodeStop } from "../../../src/wires/openai-responses/stop.ts"
import { decodeUsage, encodeUsage } from "../../../src/wires/openai-responses/usage.ts"
import { exchangeFor } from "./exchange.ts"

describe("usage", () => {
  const counts = (usage: JsonObject) => decodeUsage({ usage })

  test("classes are disjoint, and cached and written tokens are counted once", () => {
    const usage = counts({
      input_tokens: 30,
      input_tokens_details: { cached_tokens: 4, cache_write_tokens: 6 },
      output_tokens: 9,
      output_tokens_details: { reasoning_tokens: 5 },
      total_tokens: 39,
    })
    expect(usage).toMatchObject({
      lines: [{ tokens: { input: 20, "cache-read": 4, "cache-write": 6, output: 4, reasoning: 5 } }],
      unexplained: 0,
    })
  })

  test("reasoning counted beside the output is not taken out of it", () => {
    const beside = { input_tokens: 10, output_tokens: 4, output_tokens_details: { reasoning_tokens: 6 }, total_tokens: 20 }
    expect(counts(beside)).toMatchObject({ lines: [{ tokens: { output: 4, reasoning: 6 } }], unexplained: 0 })
    expect(counts({ ...beside, total_tokens: 17 })?.unexplained).toBe(3)
  })

  test("runs of the vendor's tools are units", () => {
    const output = [{ type: "web_search_call" }, { type: "web_search_call" }, { type: "function_call" }]
    expect(decodeUsage({ usage: {}, output })?.lines[0]?.units).toEqual({ web_search: 2 })
  })

  test("lines that one line cannot tell are summed, and that is told", () => {
    const held = notices()
    const line = { kind: "answer", tokens: { input: 5, output: 2 } }
    const raw = encodeUsage({ lines: [line, { ...line, model: "other" }], unexplained: 0, raw: {}, wire: "elsewhere" }, held.note)
    expect(raw).toMatchObject({ input_tokens: 10, output_tokens: 4, total_tokens: 14 })
    expect(held.list()).toMatchObject([{ code: "field-adapted", path: "usage.lines[*]" }])
    const again = decodeUsage({ usage: raw })
    expect(again && totals(again).total).toBe(14)
  })
})

describe("stops", () => {
  const stops: readonly Stop[] = [
    { reason: "end", raw: "completed" },
    { reason: "length", raw: "max_output_tokens" },
    { reason: "length", raw: "incomplete" },
    { reason: "filter", raw: "content_filter" },
    { reason: "pending", raw: "queued" },
    { reason: "pending", raw: "in_progress" },
    { reason: "other", raw: "cancelled" },
    { reason: "other", raw: "failed" },
    { reason: "other", raw: "steered" },
  ]
  test.each(stops)("%j is read again as it is", (stop) => {
    const { exact, ...body } = encodeStop(stop, false)
    expect(exact).toBe(true)
    expect(decodeStop({ ...body }, false)).toEqual(stop)
  })

  test("a call turns an end into tool, and nothing else", () => {
    expect(decodeStop({ status: "completed" }, true).reason).toBe("tool")
    expect(decodeStop({ status: "incomplete", incomplete_details: { reason: "max_output_tokens" } }, true).reason).toBe("length")
    expect(decodeStop({ status: "incomplete", incomplete_details: { reason: "content_filter" } }, true).reason).toBe("filter")
  })
})

describe("errors", () => {
  const decode = (status: number, error: JsonObject, headers: Record<string, string> = {}) =>
    wire.error.decode(status, JSON.stringify({ error }), new Headers(headers))

  test.each([
    [400, { code: "context_length_exceeded" }, "context-overflow", "request"],
    [400, { message: "The encrypted content gAA= could not be verified." }, "seal-rejected", "request"],
    [404, { message: "Item with id 'rs_1' not found." }, "seal-rejected", "request"],
    [
      400,
      { message: "Invalid 'input[1].id': 'gtm_1'. Expected an ID that begins with 'msg'.", code: "invalid_value" },
      "seal-rejected",
      "request",
    ],
    [
      400,
      { message: "Unsupported parameter: 'reasoning.effort' is not supported with this model.", param: "reasoning.effort" },
      "thinking-rejected",
      "request",
    ],
    [
      400,
      { message: "Your organization must be verified.", param: "reasoning.summary", code: "unsupported_value" },
      "thinking-rejected",
      "request",
    ],
    [400, { message: "The requested model 'x' does not exist." }, "model-not-found", "request"],
    [429, { type: "insufficient_quota", code: "insufficient_quota" }, "quota", "key"],
    [429, { code: "rate_limit_exceeded" }, "rate-limit", "key"],
    [401, { code: "invalid_api_key" }, "authentication", "key"],
    [400, { code: "content_policy_violation" }, "content-policy", "request"],
    [503, { type: "server_error", message: "x" }, "overloaded", "provider"],
    [500, {}, "server-error", "provider"],
  ] as const)("%p %j is %s of the %s", (status, error, kind, blame) => {
    expect(decode(status, error)).toMatchObject({ kind, blame })
  })

  test("the vendor's words, id and wish to wait are kept, and are shown again as they were", () => {
    const error = decode(
      429,
      { type: "requests", code: "rate_limit_exceeded", message: "Slow down.", param: null },
      { "retry-after": "2", "x-request-id": "req_1" },
    )
    expect(error).toMatchObject({ retryAfterMs: 2000, upstream: { requestId: "req_1", status: 429, type: "requests" } })
    expect(wire.error.encode(error)).toEqual({
      status: 429,
      body: { error: { message: "Slow down.", type: "requests", code: "rate_limit_exceeded", param: null } },
    })
  })

  test("a body that is no JSON is not shown to anyone", () => {
    const error = wire.error.decode(502, "<html>internal host 10.0.0.7</html>", new Headers())
    expect(error).toMatchObject({ kind: "server-error" })
    expect(JSON.stringify(wire.error.encode(error))).not.toContain("10.0.0.7")
  })
})

test("a limit that the vendor would refuse as too low is raised", () => {
  const { exchange, list } = exchangeFor()
  expect(leastOutput(16)({ max_output_tokens: 1 }, exchange)).toEqual({ max_output_tokens: 16 })
  expect(list().map((notice) => notice.code)).toEqual(["field-adapted"])
  const body = { model: "m" }
  expect(leastOutput(16)(body, exchange)).toBe(body)
})
