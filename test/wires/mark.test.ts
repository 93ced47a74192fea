import { describe, expect, test } from "bun:test"
import { anthropicMessages } from "../../src/wires/anthropic-messages/index.ts"
import { openaiChat } from "../../src/wires/openai-chat/index.ts"
import { openaiResponses } from "../../src/wires/openai-responses/index.ts"

const usage = { input_tokens: 3, output_tokens: 4, prompt_tokens: 3, completion_tokens: 4 }
const call = { id: "c", type: "function", function: { name: "f", arguments: "{}" } }
const bodies = {
  chat: { id: "a", model: "m", choices: [{ index: 0, message: { tool_calls: [call] }, finish_reason: "tool_calls" }], usage },
  messages: {
    id: "a",
    type: "message",
    model: "m",
    content: [{ type: "tool_use", id: "c", name: "f" }],
    stop_reason: "tool_use",
    usage,
  },
  responses: { id: "a", model: "m", status: "completed", output: [{ type: "function_call", call_id: "c", name: "f" }], usage },
  error: { type: "error", error: { type: "api_error", message: "no" } },
  other: { hello: 1 },
  list: [],
  word: "hello",
}

describe.each([openaiChat, anthropicMessages, openaiResponses])("$id: what a parsed body says", (wire) => {
  test.each(Object.entries(bodies))("of %s is what its bytes say", (_, body) => {
    expect(wire.response.mark(body)).toEqual(wire.response.peek(Buffer.from(JSON.stringify(body))))
  })
})

test("a call is told of a body that is parsed", () => {
  expect(openaiChat.response.mark(bodies.chat)).toMatchObject({ toolCall: true, end: true, stop: { reason: "tool" } })
  expect(anthropicMessages.response.mark(bodies.messages)).toMatchObject({ toolCall: true, end: true, stop: { reason: "tool" } })
  expect(openaiResponses.response.mark(bodies.responses)).toMatchObject({ toolCall: true, end: true, stop: { reason: "tool" } })
})
