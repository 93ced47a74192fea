import { describe, expect, test } from "bun:test"
import { collect } from "../../../src/core/collect.ts"
import type { Response } from "../../../src/core/response.ts"
import type { Wire } from "../../../src/core/wire.ts"
import type { JsonObject } from "../../../src/lib/json.ts"
import { anthropicMessages } from "../../../src/wires/anthropic-messages/index.ts"
import { openaiChat } from "../../../src/wires/openai-chat/index.ts"
import { openaiResponses } from "../../../src/wires/openai-responses/index.ts"
import { demandsUnmet } from "../../conformance/demands.ts"
import { trial } from "../../conformance/exchange.ts"
import { decodeFrames } from "../../conformance/streams.ts"

const call = (command: string, id = "call_0") => ({
  id,
  type: "function",
  function: { name: "bash", arguments: JSON.stringify({ command }) },
})
const result = (content: string, id = "call_0") => ({ role: "tool", tool_call_id: id, content })
const tools = [{ type: "function", function: { name: "bash", parameters: { type: "object" } } }]

/** Servers that count their calls from nought in each answer leave such histories. */
const ofChat: JsonObject = {
  model: "m",
  tools,
  messages: [
    { role: "user", content: "Look." },
    { role: "assistant", content: null, tool_calls: [call("one"), call("two")] },
    result("of one"),
    result("of two"),
    { role: "assistant", content: null, tool_calls: [call("three")] },
    result("of three"),
  ],
}

const item = (command: string): JsonObject => ({
  type: "function_call",
  call_id: "call_0",
  name: "bash",
  arguments: JSON.stringify({ command }),
})
const output = (said: string): JsonObject => ({ type: "function_call_output", call_id: "call_0", output: said })
const ofResponses: JsonObject = {
  model: "m",
  tools: [{ type: "function", name: "bash", parameters: { type: "object" } }],
  input: [
    { role: "user", content: "Look." },
    item("one"),
    item("two"),
    output("of one"),
    output("of two"),
    item("three"),
    output("of three"),
  ],
}

/** Which result answers which call, as the vendor reads it: the last call of its id before it. */
function pairs(request: ReturnType<Wire["request"]["decode"]>): readonly string[] {
  const waiting: { id: string; input: string; isOpen: boolean }[] = []
  const found: string[] = []
  for (const block of request.messages.flatMap(({ blocks }) => blocks)) {
    if (block.type === "tool-call") waiting.push({ id: block.id, input: block.input, isOpen: true })
    if (block.type !== "tool-result") continue
    const one = waiting.find(({ id, isOpen }) => id === block.id && isOpen)
    if (one) one.isOpen = false
    const [said] = block.content
    found.push(`${one?.input} ${said?.type === "text" ? said.text : ""}`)
  }
  return found
}

describe("a history whose calls share an id", () => {
  test.each<[string, Wire, Wire, JsonObject]>([
    ["Chat to Messages", openaiChat, anthropicMessages, ofChat],
    ["Responses to Messages", openaiResponses, anthropicMessages, ofResponses],
    ["Responses to Chat", openaiResponses, openaiChat, ofResponses],
    ["Chat to Responses", openaiChat, openaiResponses, ofChat],
  ])("%s: each result is its call's, and each id is one call's", (_, client, target, body) => {
    const request = client.request.decode(body, () => {})
    const exchange = trial(client, target, { request })
    const made = target.request.encode(request, exchange)
    expect(demandsUnmet(target.id, made)).toEqual([])
    const read = target.request.decode(made, () => {})
    expect(pairs(read)).toEqual(['{"command":"one"} of one', '{"command":"two"} of two', '{"command":"three"} of three'])
    const ids = read.messages.flatMap(({ blocks }) => blocks.flatMap((block) => (block.type === "tool-call" ? [block.id] : [])))
    expect(new Set(ids).size).toBe(3)
    expect(exchange.list()).toContainEqual(expect.objectContaining({ code: "tool-id-adapted", side: "request" }))
  })
})

const idsOf = ({ candidates }: Response): readonly string[] =>
  candidates.flatMap(({ messages }) =>
    messages.flatMap(({ blocks }) => blocks.flatMap((block) => (block.type === "tool-call" ? [block.id] : []))),
  )

const said = { id: "chatcmpl-1", object: "chat.completion", created: 1, model: "m" }
const answer = (calls: readonly JsonObject[]): JsonObject => ({
  ...said,
  choices: [{ index: 0, message: { role: "assistant", content: null, tool_calls: calls }, finish_reason: "tool_calls" }],
})
const chunk = (delta: JsonObject, finish: string | null = null): { readonly event: string; readonly data: string } => ({
  event: "",
  data: JSON.stringify({
    ...said,
    object: "chat.completion.chunk",
    choices: [{ index: 0, delta, finish_reason: finish }],
  }),
})

describe("an answer whose call has an id that the conversation has", () => {
  const history = openaiChat.request.decode(
    {
      ...ofChat,
      messages: [
        ...(ofChat.messages as JsonObject[]).slice(0, 1),
        { role: "assistant", tool_calls: [call("one")] },
        result("of one"),
      ],
    },
    () => {},
  )

  test.each<[string, Wire]>([
    ["Messages", anthropicMessages],
    ["Responses", openaiResponses],
  ])("a client of %s is given another, streamed and whole the same", (_, client) => {
    const calls = [call("two"), call("three", "call_1")]
    const exchange = trial(client, openaiChat, { request: history })
    const whole = idsOf(openaiChat.response.decode(answer(calls), exchange))
    expect(whole[0]).not.toBe("call_0")
    expect(whole[1]).toBe("call_1")
    expect(exchange.list()).toContainEqual(expect.objectContaining({ code: "tool-id-adapted", side: "response" }))
    const frames = [
      ...calls.map((one, index) => chunk({ role: "assistant", tool_calls: [{ index, ...one }] })),
      chunk({}, "tool_calls"),
      { event: "", data: "[DONE]" },
    ]
    const streamed = collect(decodeFrames(openaiChat, trial(client, openaiChat, { request: history }), frames))
    expect(idsOf(streamed)).toEqual(whole)
  })

  test("a client of the server's own format is given what the server says", () => {
    const exchange = trial(openaiChat, openaiChat, { request: history })
    expect(idsOf(openaiChat.response.decode(answer([call("two")]), exchange))).toEqual(["call_0"])
  })

  test("two calls of one answer are told apart", () => {
    const first = openaiChat.request.decode({ model: "m", tools, messages: [{ role: "user", content: "Look." }] }, () => {})
    const ids = idsOf(
      openaiChat.response.decode(answer([call("one"), call("two")]), trial(anthropicMessages, openaiChat, { request: first })),
    )
    expect(ids[0]).toBe("call_0")
    expect(new Set(ids).size).toBe(2)
  })

  test.each<[string, Wire, JsonObject]>([
    [
      "Responses",
      openaiResponses,
      {
        id: "resp_1",
        object: "response",
        status: "completed",
        model: "m",
        output: [{ ...item("two"), id: "fc_1", status: "completed" }],
      },
    ],
    [
      "Messages",
      anthropicMessages,
      {
        id: "msg_1",
        type: "message",
        role: "assistant",
        model: "m",
        content: [{ type: "tool_use", id: "call_0", name: "bash", input: { command: "two" } }],
        stop_reason: "tool_use",
        usage: { input_tokens: 1, output_tokens: 1 },
      },
    ],
  ])("so it is where a server of %s counts anew", (_, server, body) => {
    const ids = idsOf(server.response.decode(body, trial(openaiChat, server, { request: history })))
    expect(ids).toHaveLength(1)
    expect(ids).not.toContain("call_0")
  })
})
