import { describe, expect, test } from "bun:test"
import { asArray, type Json, type JsonObject } from "../../../src/lib/json.ts"
import { openaiChat } from "../../../src/wires/openai-chat/index.ts"
import { openaiResponses } from "../../../src/wires/openai-responses/index.ts"
import { type Trial, trial } from "../../conformance/exchange.ts"

const call = (id: string): JsonObject => ({ type: "function_call", call_id: id, name: "run", arguments: "{}" })
const output = (id: string): JsonObject => ({ type: "function_call_output", call_id: id, output: `of ${id}` })
const said = (text: string): JsonObject => ({ type: "message", role: "assistant", content: [{ type: "output_text", text }] })
const thought = (text: string): JsonObject => ({ type: "reasoning", summary: [{ type: "summary_text", text }] })
const from = (role: string, text: string): JsonObject => ({ type: "message", role, content: text })

function sent(items: readonly Json[]): { readonly messages: readonly Json[]; readonly exchange: Trial } {
  const request = openaiResponses.request.decode({ model: "m", input: items }, () => {})
  const exchange = trial(openaiResponses, openaiChat, { request })
  const body = openaiChat.request.encode(request, exchange) as JsonObject
  return { messages: asArray(body.messages) ?? [], exchange }
}

/** What each message holds, in a word or two. */
const outline = (messages: readonly Json[]): readonly string[] =>
  messages.map((json) => {
    const { role, content, tool_calls, tool_call_id, reasoning_content } = json as JsonObject
    const calls = (asArray(tool_calls) ?? []).map((one) => (one as JsonObject).id)
    const words = [
      reasoning_content && `(${String(reasoning_content)})`,
      content,
      calls.length > 0 && calls.join("+"),
      tool_call_id,
    ]
    return `${String(role)}: ${words.filter((word) => word).join(" ")}`
  })

describe("what an agent of another format did in one go is one message", () => {
  // openai/codex#8556: all calls of a turn in one message, else "must be followed by tool messages responding to each tool_call_id"
  test("parallel calls, each an item of its own there", () => {
    const { messages } = sent([call("a"), call("b"), output("a"), output("b")])
    expect(outline(messages)).toEqual(["assistant: a+b", "tool: of a a", "tool: of b b"])
  })

  test("thinking and words go with the calls after them", () => {
    const { messages } = sent([thought("hm"), said("I look."), call("a"), output("a"), thought("so"), said("Done.")])
    expect(outline(messages)).toEqual(["assistant: (hm) I look. a", "tool: of a a", "assistant: (so) Done."])
  })

  test("thinking goes with the words after it, not with those before", () => {
    expect(outline(sent([said("One."), thought("so"), said("Two.")]).messages)).toEqual([
      "assistant: One.",
      "assistant: (so) Two.",
    ])
  })

  test("words between calls whose results come later", () => {
    const { messages } = sent([call("a"), said("And"), call("b"), output("b"), output("a")])
    expect(outline(messages)).toEqual(["assistant: And a+b", "tool: of b b", "tool: of a a"])
  })

  test("answers stay apart", () => {
    expect(outline(sent([said("One."), said("Two.")]).messages)).toEqual(["assistant: One.", "assistant: Two."])
  })

  test("calls that were answered in between stay apart", () => {
    const { messages } = sent([call("a"), output("a"), call("b"), output("b")])
    expect(outline(messages)).toEqual(["assistant: a", "tool: of a a", "assistant: b", "tool: of b b"])
  })
})

test("results come right after their calls, whatever was said meanwhile, and the caller is told", () => {
  const { messages, exchange } = sent([
    call("a"),
    call("b"),
    output("a"),
    from("developer", "Hurry."),
    output("b"),
    from("user", "Well?"),
  ])
  expect(outline(messages)).toEqual(["assistant: a+b", "tool: of a a", "tool: of b b", "developer: Hurry.", "user: Well?"])
  expect(exchange.list()).toContainEqual({
    code: "message-order-adapted",
    path: "messages[*]",
    effect: "adapted",
    side: "request",
    count: 1,
  })
})

test("what is left of a message that has no place here is no empty one", () => {
  const compaction = { type: "compaction", id: "cmp_1", encrypted_content: "opaque" }
  expect(outline(sent([compaction, from("user", "Go on.")]).messages)).toEqual(["user: Go on."])
})

test("thinking alone has an empty content, since null stands only beside calls", () => {
  expect(sent([thought("hm"), from("user", "Well?")]).messages[0]).toMatchObject({ role: "assistant", content: "" })
})

test("a caller of this format has put its messages where they are", () => {
  const messages = [
    { role: "assistant", content: null, tool_calls: [{ id: "a", type: "function", function: { name: "f", arguments: "{}" } }] },
    { role: "assistant", content: null, tool_calls: [{ id: "b", type: "function", function: { name: "f", arguments: "{}" } }] },
    { role: "user", content: "meanwhile" },
    { role: "tool", tool_call_id: "b", content: "of b" },
  ]
  const request = openaiChat.request.decode({ model: "m", messages }, () => {})
  const edited = { ...request, messages: request.messages.map((message) => ({ ...message, name: "x" })) }
  const body = openaiChat.request.encode(edited, trial(openaiChat, openaiChat, { request: edited })) as JsonObject
  expect(asArray(body.messages)).toMatchObject(messages)
})
