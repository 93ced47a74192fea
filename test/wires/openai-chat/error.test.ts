import { describe, expect, test } from "bun:test"
import type { Blame, ErrorKind } from "../../../src/core/error.ts"
import { openaiChat } from "../../../src/wires/openai-chat/index.ts"

const { decode, encode } = openaiChat.error
const said = (message: string, more: object = {}) => JSON.stringify({ error: { message, ...more } })

describe("vendors' errors", () => {
  test.each<[string, number, string, ErrorKind, Blame]>([
    [
      "a router's overflow",
      400,
      said("This endpoint's maximum context length is 8192 tokens.", { code: 400 }),
      "context-overflow",
      "request",
    ],
    [
      "a local server's overflow",
      400,
      said("the request exceeds the available context size", { type: "exceed_context_size_error", code: 400 }),
      "context-overflow",
      "request",
    ],
    ["a model that is named in a 400", 400, said("The model `x` does not exist"), "model-not-found", "request"],
    [
      "a retired model",
      400,
      said("The model `x` has been decommissioned", { code: "model_decommissioned" }),
      "model-not-found",
      "request",
    ],
    [
      "a missing deployment",
      404,
      said("The API deployment for this resource does not exist", { code: "DeploymentNotFound" }),
      "model-not-found",
      "request",
    ],
    ["no balance", 402, said("Insufficient Balance", { code: "invalid_request_error" }), "billing", "key"],
    ["spent quota", 429, said("You exceeded your current quota", { type: "insufficient_quota" }), "quota", "key"],
    ["too many calls", 429, said("Rate limit reached", { code: "rate_limit_exceeded" }), "rate-limit", "key"],
    ["a key in a 400", 400, said("Incorrect API key provided: sk-***"), "authentication", "key"],
    [
      "a content filter",
      400,
      said("The response was filtered", { code: "content_filter", innererror: { code: "ResponsibleAIPolicyViolation" } }),
      "content-policy",
      "request",
    ],
    ["a flagged prompt", 403, said("Your input was flagged by our moderation system"), "content-policy", "request"],
    ["a country", 403, said("Country not supported", { code: "unsupported_country_region_territory" }), "permission", "key"],
    ["no thinking", 400, said('"llama3.1:8b" does not support thinking'), "thinking-rejected", "request"],
    ["a depth of thinking", 400, said('think value "medium" is not supported for this model'), "thinking-rejected", "request"],
    ["an effort", 400, said("Unrecognized request argument supplied: reasoning_effort"), "thinking-rejected", "request"],
    ["another effort", 400, said("reasoning_effort must be one of `none` or `default`"), "thinking-rejected", "request"],
    [
      "the value of an effort",
      400,
      said("Unsupported value: 'xhigh' is not supported with the 'gpt-5.1' model.", { param: "reasoning_effort" }),
      "thinking-rejected",
      "request",
    ],
    [
      "thoughts of a history",
      400,
      said(
        "'messages.1' : for 'role:assistant' the following must be satisfied[('messages.1' : property 'reasoning_content' is unsupported)]",
      ),
      "thinking-rejected",
      "request",
    ],
    [
      "a model whose name says that it thinks",
      400,
      said("The requested model 'Qwen/Qwen3-235B-A22B-Thinking-2507' is not supported by any provider you have enabled."),
      "model-not-found",
      "request",
    ],
    ["another such model", 404, said("unknown model: kimi-k2-thinking"), "model-not-found", "request"],
    ["what such a model lacks", 400, said("grok-4-fast-reasoning does not support images"), "invalid-request", "request"],
    [
      "a field",
      400,
      said("Unsupported parameter: 'temperature' is not supported with this model."),
      "invalid-request",
      "request",
    ],
    ["a wrong signature", 400, said("Invalid `signature` in `thinking` block"), "seal-rejected", "request"],
    [
      "a missing field",
      422,
      JSON.stringify({ object: "error", message: "field required", type: "invalid_request_error", code: 422 }),
      "invalid-request",
      "request",
    ],
    ["a word", 500, JSON.stringify({ error: "model runner has stopped" }), "server-error", "provider"],
    ["an overloaded one", 529, "", "overloaded", "provider"],
  ])("%s", (_, status, body, kind, blame) => {
    expect(decode(status, body, new Headers())).toMatchObject({ kind, blame })
  })

  test("keep what the vendor said, up to a bound", () => {
    const body = said("Busy", { type: "server_error", code: "busy", param: "x" })
    const error = decode(
      503,
      body,
      new Headers({ "x-request-id": "req_1", "retry-after": "3", "content-type": "application/json" }),
    )
    expect(error).toEqual({
      kind: "overloaded",
      blame: "provider",
      message: "Busy",
      param: "x",
      retryAfterMs: 3000,
      upstream: {
        status: 503,
        type: "server_error",
        code: "busy",
        requestId: "req_1",
        body,
        contentType: "application/json",
        wire: "openai-chat",
      },
    })
    expect(decode(500, "y".repeat(100_000), new Headers()).upstream?.body).toHaveLength(64 * 1024)
  })

  test("are answered as they came, other wires' in this one's words", () => {
    const own = decode(400, said("Bad", { type: "invalid_request_error", code: "odd" }), new Headers())
    expect(encode(own)).toEqual({
      status: 400,
      body: { error: { message: "Bad", type: "invalid_request_error", param: null, code: "odd" } },
    })
    const other = { ...own, upstream: { status: 418, type: "teapot", wire: "elsewhere" } }
    expect(encode(other)).toEqual({
      status: 400,
      body: { error: { message: "Bad", type: "invalid_request_error", param: null, code: null } },
    })
  })
})
