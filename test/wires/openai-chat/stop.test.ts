import { describe, expect, test } from "bun:test"
import type { StopReason } from "../../../src/core/response.ts"
import type { JsonObject } from "../../../src/lib/json.ts"
import { decodeStop, encodeStop } from "../../../src/wires/openai-chat/stop.ts"

describe("reading why an answer ended", () => {
  test.each<[JsonObject, StopReason]>([
    [{ finish_reason: "stop" }, "end"],
    [{ finish_reason: "length" }, "length"],
    [{ finish_reason: "tool_calls" }, "tool"],
    [{ finish_reason: "function_call" }, "tool"],
    [{ finish_reason: "content_filter" }, "filter"],
    [{ finish_reason: "model_length" }, "context"],
    [{ finish_reason: "eos" }, "end"],
    [{ finish_reason: "MAX_TOKENS" }, "length"],
    [{ finish_reason: "insufficient_system_resource" }, "other"],
    [{ finish_reason: "never heard of" }, "other"],
    [{ finish_reason: null }, "pending"],
    [{ finish_reason: "" }, "pending"],
    [{ finish_reason: "stop", native_finish_reason: "stop_sequence" }, "sequence"],
    [{ finish_reason: "length", native_finish_reason: "model_context_window_exceeded" }, "context"],
    [{ finish_reason: "content_filter", native_finish_reason: "refusal" }, "refusal"],
    [{ finish_reason: "tool_calls", native_finish_reason: "STOP" }, "tool"],
    [{ finish_reason: "stop", native_finish_reason: "completed" }, "end"],
  ])("%j is %s", (choice, reason) => {
    expect(decodeStop(choice).reason).toBe(reason)
  })

  test("names the stop string that a server tells, and no token id", () => {
    expect(decodeStop({ finish_reason: "stop", stop_reason: "END" })).toEqual({
      reason: "sequence",
      raw: "stop",
      sequence: "END",
    })
    expect(decodeStop({ finish_reason: "stop", stop_reason: 128009 })).toEqual({ reason: "end", raw: "stop" })
  })
})

describe("writing why an answer ended", () => {
  test.each<[StopReason, string, string | null]>([
    ["end", "end_turn", "stop"],
    ["tool", "tool_use", "tool_calls"],
    ["length", "max_tokens", "length"],
    ["context", "model_context_window_exceeded", "length"],
    ["sequence", "stop_sequence", "stop"],
    ["pause", "pause_turn", "stop"],
    ["refusal", "refusal", "content_filter"],
    ["filter", "SAFETY", "content_filter"],
    ["malformed", "MALFORMED_FUNCTION_CALL", "stop"],
    ["pending", "", null],
  ])("%s is the official word, and reads back", (reason, raw, word) => {
    const keys = encodeStop({ reason, raw })
    expect(keys.finish_reason).toBe(word)
    expect(decodeStop(keys)).toEqual({ reason, raw })
  })
})
