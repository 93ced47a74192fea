import { describe, expect, test } from "bun:test"
import type { Frame } from "../../../src/core/event.ts"
import type { Mark } from "../../../src/core/wire.ts"
import type { JsonObject } from "../../../src/lib/json.ts"
import { openaiChat } from "../../../src/wires/openai-chat/index.ts"
import { chunk, done, fixture, usageChunk } from "./support.ts"

const counts = { prompt_tokens: 3, completion_tokens: 4, total_tokens: 7 }

function marks(frames: readonly Frame[]): Mark[] {
  const tap = openaiChat.stream.tap()
  return [...frames.flatMap((frame) => tap.push(frame)), ...tap.flush("eof")]
}

describe("the tap", () => {
  test("marks what a relay needs, each once", () => {
    const seen = marks([
      chunk({ role: "assistant", content: "" }),
      chunk({ content: "Hi" }),
      chunk({ content: " you" }),
      chunk({}, "stop"),
      usageChunk(counts),
      done,
    ])
    expect(seen).toEqual([
      { id: "c1", model: "m" },
      { content: true },
      { stop: { reason: "end", raw: "stop" }, end: true },
      { usage: expect.objectContaining({ unexplained: 0, raw: counts }) },
    ])
  })

  test("reads only frames that may matter", () => {
    const tap = openaiChat.stream.tap()
    tap.push(chunk({ role: "assistant", content: "Hi" }))
    expect(tap.push({ data: '{"choices":[{"index":0,"delta":{"content":"broken' })).toEqual([])
    expect(tap.push(chunk({ content: 'say "usage": {' }))).toEqual([])
  })

  test.each<[string, JsonObject]>([
    ["thinking", { reasoning_content: "Hm" }],
    ["a call", { tool_calls: [{ index: 0, id: "x", function: { name: "f" } }] }],
    ["a refusal", { refusal: "No" }],
    ["sound", { audio: { id: "a" } }],
    ["parts", { content: [{ type: "thinking", thinking: [] }] }],
  ])("takes %s for content", (_, delta) => {
    expect(marks([chunk(delta)])[0]).toMatchObject({ content: true })
  })

  test("takes an empty start for none", () => {
    expect(marks([chunk({ role: "assistant", content: "", refusal: null })])).toEqual([{ id: "c1", model: "m" }])
  })

  test("ends when each choice has ended", () => {
    const seen = marks([
      chunk({ role: "assistant", content: "a" }),
      chunk({ role: "assistant", content: "b" }, null, {}, 1),
      chunk({}, "stop"),
      chunk({}, "length", {}, 1),
    ])
    expect(seen.filter((mark) => mark.end)).toHaveLength(1)
    expect(seen.at(-1)).toMatchObject({ stop: { reason: "length" }, end: true })
  })

  test("sees a call after words, usage with spaces, and errors", () => {
    const call = { tool_calls: [{ index: 0, id: "x", function: { name: "f", arguments: "" } }] }
    const spaced: Frame = { data: `{"choices": [], "usage": ${JSON.stringify(counts)}}` }
    const error: Frame = { data: '{"error":{"message":"Overloaded","type":"overloaded_error"}}' }
    const seen = marks([chunk({ content: "Hi" }), chunk(call), spaced, error])
    expect(seen).toMatchObject([{ content: true }, { toolCall: true }, { usage: {} }, { error: { kind: "overloaded" } }])
  })
})

describe("peeking at a whole body", () => {
  const bytes = (value: unknown) => Buffer.from(JSON.stringify(value))
  const peek = (value: unknown) => openaiChat.response.peek(bytes(value))

  test("finds the same in small bodies and big ones", () => {
    const small = fixture("responses", "parallel-tools")
    const big = { x_padding: "y".repeat(100_000), ...small }
    expect(peek(big)).toEqual(peek(small))
    expect(peek(small)).toMatchObject({
      content: true,
      toolCall: true,
      end: true,
      stop: { reason: "tool" },
    })
  })

  test.each<[string, unknown, string]>([
    ["an error", { error: { message: "Overloaded", type: "overloaded_error" } }, "overloaded"],
    ["a bare error", { object: "error", message: "boom", code: 500 }, "server-error"],
    ["nothing of the kind", { hello: 1 }, "bad-answer"],
    ["a list", [], "bad-answer"],
  ])("calls %s an error", (_, value, kind) => {
    expect(peek(value).error?.kind as string).toBe(kind)
  })

  test("calls a page an error", () => {
    expect(openaiChat.response.peek(Buffer.from("<html>")).error?.kind).toBe("bad-answer")
  })
})
