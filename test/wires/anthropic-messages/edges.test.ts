import { describe, expect, test } from "bun:test"
import type { ErrorKind } from "../../../src/core/error.ts"
import type { Frame } from "../../../src/core/event.ts"
import type { Response, Stop } from "../../../src/core/response.ts"
import { asObject, parseJson, stringifyJson } from "../../../src/lib/json.ts"
import { anthropicMessages } from "../../../src/wires/anthropic-messages/index.ts"
import { towardsClient } from "./exchange.ts"

describe("errors", () => {
  const body = (type: string, message: string): string =>
    stringifyJson({ type: "error", error: { type, message }, request_id: "req_1" })
  test.each([
    [400, "invalid_request_error", "prompt is too long: 210000 tokens > 200000 maximum", "context-overflow"],
    [400, "invalid_request_error", "messages.1.content.0: Invalid `signature` in `thinking` block", "seal-rejected"],
    [
      400,
      "invalid_request_error",
      "messages.1.content.0.tool_use.id: String should match pattern '^[a-zA-Z0-9_-]+$'",
      "seal-rejected",
    ],
    [400, "invalid_request_error", "adaptive thinking is not supported on this model", "thinking-rejected"],
    [400, "invalid_request_error", "This model does not support the effort parameter.", "thinking-rejected"],
    [400, "invalid_request_error", "kimi-k2-thinking does not support images", "invalid-request"],
    [400, "invalid_request_error", "`max_tokens` must be greater than `thinking.budget_tokens`", "invalid-request"],
    [400, "invalid_request_error", "Your credit balance is too low to access the API.", "billing"],
    [400, "invalid_request_error", "You have reached your specified API usage limits.", "quota"],
    [400, "invalid_request_error", "Output blocked by content filtering policy", "content-policy"],
    [400, "invalid_request_error", "max_tokens: Field required", "invalid-request"],
    [401, "authentication_error", "invalid x-api-key", "authentication"],
    [403, "permission_error", "Your API key does not have permission", "permission"],
    [404, "not_found_error", "model: claude-none", "model-not-found"],
    [413, "request_too_large", "Request exceeds the maximum size", "too-large"],
    [429, "rate_limit_error", "This request would exceed your rate limit", "rate-limit"],
    [500, "api_error", "Internal server error", "server-error"],
    [529, "overloaded_error", "Overloaded", "overloaded"],
  ] as const)("%i %s: %s is %s", (status, type, message, kind) => {
    const error = anthropicMessages.error.decode(status, body(type, message), new Headers({ "retry-after": "3" }))
    expect(error).toMatchObject({
      kind: kind as ErrorKind,
      message,
      retryAfterMs: 3_000,
      upstream: { status, type, requestId: "req_1" },
    })
    expect(anthropicMessages.error.encode(error)).toEqual({
      status,
      body: { ...asObject(parseJson(body(type, message))), error: { type: typeOf(kind, type), message } },
    })
  })
  const typeOf = (kind: string, type: string): string =>
    kind === "billing" ? "billing_error" : kind === "quota" ? "rate_limit_error" : type

  test("a page of a proxy is an error too", () => {
    expect(anthropicMessages.error.decode(502, "<html>", new Headers()).kind).toBe("server-error")
  })
})

describe("stops", () => {
  const answer = (stop: Stop, withCall = false): Response => ({
    id: "r",
    model: "m",
    candidates: [
      {
        messages: [{ role: "assistant", blocks: withCall ? [{ type: "tool-call", id: "c", name: "n", input: "{}" }] : [] }],
        stop,
      },
    ],
    pins: [],
  })
  test.each([
    ["end", false, "end_turn"],
    ["end", true, "tool_use"],
    ["tool", true, "tool_use"],
    ["length", true, "max_tokens"],
    ["context", false, "model_context_window_exceeded"],
    ["sequence", false, "stop_sequence"],
    ["pause", true, "pause_turn"],
    ["refusal", false, "refusal"],
    ["filter", true, "refusal"],
    ["malformed", false, "end_turn"],
    ["other", false, "end_turn"],
    ["pending", false, null],
  ] as const)("%s with a call %p is %p", (reason, withCall, word) => {
    const body = asObject(anthropicMessages.response.encode(answer({ reason, raw: "x" }, withCall), towardsClient()))
    expect(body?.stop_reason).toBe(word)
  })
})

describe("tap", () => {
  const frame = (event: string, data: string): Frame => ({ event, data })
  test("content is what a reader would see, not the first frame", () => {
    const tap = anthropicMessages.stream.tap()
    const marks = (event: string, data: string) => tap.push(frame(event, data))
    expect(
      marks(
        "message_start",
        '{"type":"message_start","message":{"id":"msg","model":"m","content":[],"usage":{"input_tokens":3}}}',
      ),
    ).toMatchObject([{ id: "msg", model: "m" }])
    expect(marks("ping", '{"type":"ping"}')).toEqual([])
    expect(
      marks("content_block_start", '{"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}'),
    ).toEqual([])
    expect(
      marks("content_block_delta", '{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":""}}'),
    ).toEqual([])
    expect(
      marks("content_block_delta", '{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"a"}}'),
    ).toEqual([{ content: true }])
    expect(marks("content_block_start", '{"type":"content_block_start","index":1,"content_block":{"type":"tool_use"}}')).toEqual([
      { content: true, toolCall: true },
    ])
    expect(
      marks("message_delta", '{"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":4}}'),
    ).toMatchObject([
      { content: true, stop: { reason: "end", raw: "end_turn" }, usage: { lines: [{ tokens: { input: 3, output: 4 } }] } },
    ])
    expect(marks("message_stop", '{"type":"message_stop"}')).toEqual([{ end: true }])
  })

  test("once there was content a delta is not looked at", () => {
    const tap = anthropicMessages.stream.tap()
    tap.push(frame("content_block_delta", '{"type":"content_block_delta","delta":{"type":"text_delta","text":"a"}}'))
    const untouchable = {
      event: "content_block_delta",
      get data(): string {
        throw new Error("was read")
      },
    }
    expect(tap.push(untouchable)).toEqual([])
  })

  test("a framing without event names", () => {
    const tap = anthropicMessages.stream.tap()
    expect(tap.push({ data: '{"type":"message_stop"}' })).toEqual([{ end: true }])
    expect(tap.push({ data: '{"type": "error", "error": {"type": "overloaded_error", "message": "busy"}}' })).toMatchObject([
      { error: { kind: "overloaded" } },
    ])
  })

  test("a large body is read without its content", () => {
    const content = [
      { type: "text", text: "x".repeat(100_000) },
      { type: "tool_use", id: "t", name: "n", input: {} },
    ]
    const body = {
      id: "msg",
      type: "message",
      model: "m",
      content,
      stop_reason: "tool_use",
      usage: { input_tokens: 1, output_tokens: 2 },
    }
    expect(anthropicMessages.response.peek(Buffer.from(JSON.stringify(body)))).toMatchObject({
      content: true,
      end: true,
      toolCall: true,
      stop: { reason: "tool" },
    })
    expect(anthropicMessages.response.peek(Buffer.from("<html>")).error?.kind).toBe("bad-answer")
    expect(
      anthropicMessages.response.peek(Buffer.from('{"type":"error","error":{"type":"api_error","message":"x"}}')).error?.kind,
    ).toBe("server-error")
  })
})
