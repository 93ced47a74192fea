import { afterAll, beforeAll, describe, expect, test } from "bun:test"
import { collect } from "../../src/core/collect.ts"
import type { Response as Answer } from "../../src/core/response.ts"
import { totals } from "../../src/core/usage.ts"
import type { Wire } from "../../src/core/wire.ts"
import { type JsonObject, parseJson } from "../../src/lib/json.ts"
import { anthropicMessages } from "../../src/wires/anthropic-messages/index.ts"
import { openaiChat } from "../../src/wires/openai-chat/index.ts"
import { openaiResponses } from "../../src/wires/openai-responses/index.ts"
import { demandsUnmet } from "../conformance/demands.ts"
import { trial } from "../conformance/exchange.ts"
import { decodeFrames, framesOf } from "../conformance/streams.ts"
import type { Turn } from "../support/answers/turn.ts"
import { type Directions, type Spoken, saying, spokenWires, startDirections } from "./directions.ts"
import { post } from "./raw-client.ts"

let directions: Directions
beforeAll(async () => {
  directions = await startDirections()
})
afterAll(() => directions[Symbol.asyncDispose]())

const wires: Readonly<Record<Spoken, Wire>> = { chat: openaiChat, responses: openaiResponses, messages: anthropicMessages }
const schema = { type: "object", properties: { command: { type: "string" } }, required: ["command"], additionalProperties: false }
const shown = { type: "ephemeral" }

/** The second turn of each kind of agent: its history holds what a first turn said, its calls side by side, and what was said meanwhile. */
const turns: Readonly<Record<Spoken, (model: string) => JsonObject>> = {
  messages: (model) => ({
    model,
    max_tokens: 32_000,
    system: [
      { type: "text", text: "billing" },
      { type: "text", text: "You are an agent.", cache_control: shown },
    ],
    messages: [
      {
        role: "user",
        content: [
          { type: "text", text: "<system-reminder>be nice</system-reminder>" },
          { type: "text", text: "Look." },
        ],
      },
      {
        role: "assistant",
        content: [
          { type: "thinking", thinking: "hm", signature: "c2VhbGVk" },
          { type: "text", text: "I look." },
          { type: "tool_use", id: "toolu_1", name: "Bash", input: { command: "ls" } },
          { type: "tool_use", id: "toolu_2", name: "Read", input: {} },
        ],
      },
      {
        role: "user",
        content: [
          { type: "tool_result", tool_use_id: "toolu_2", is_error: true, content: "no such file" },
          { type: "tool_result", tool_use_id: "toolu_1", content: [{ type: "text", text: "a.txt" }], cache_control: shown },
          { type: "text", text: "<system-reminder>tasks</system-reminder>" },
        ],
      },
      { role: "system", content: "The date changed." },
    ],
    tools: [
      { name: "Bash", description: "Runs", input_schema: schema },
      { name: "Read", input_schema: { type: "object", properties: {} }, defer_loading: true },
    ],
    thinking: { type: "enabled", budget_tokens: 31_999 },
    context_management: { edits: [{ type: "clear_thinking_20251015", keep: "all" }] },
    metadata: { user_id: "u" },
  }),
  responses: (model) => ({
    model,
    instructions: "You are an agent.",
    input: [
      { type: "message", role: "developer", content: [{ type: "input_text", text: "sandbox" }] },
      { type: "message", role: "user", content: [{ type: "input_text", text: "Look." }] },
      { type: "reasoning", summary: [{ type: "summary_text", text: "hm" }], encrypted_content: "c2VhbGVk", id: "rs_1" },
      { type: "message", role: "assistant", content: [{ type: "output_text", text: "I look." }], phase: "commentary" },
      { type: "function_call", call_id: "call_1", name: "exec_command", arguments: '{"command":"ls"}' },
      { type: "custom_tool_call", call_id: "call_2", name: "apply_patch", input: '*** Begin\n"x"' },
      { type: "function_call", call_id: "call_3", name: "open", namespace: "mcp__files", arguments: "" },
      { type: "function_call_output", call_id: "call_1", output: "a.txt" },
      { type: "message", role: "developer", content: [{ type: "input_text", text: "The user has answered." }] },
      { type: "custom_tool_call_output", call_id: "call_2", output: "done" },
      { type: "function_call_output", call_id: "call_3", output: [{ type: "input_text", text: "opened" }] },
    ],
    tools: [
      { type: "function", name: "exec_command", strict: false, parameters: schema },
      { type: "custom", name: "apply_patch", format: { type: "grammar", syntax: "lark", definition: "start: x" } },
      {
        type: "namespace",
        name: "mcp__files",
        description: "Files",
        tools: [{ type: "function", name: "open", parameters: schema }],
      },
      { type: "web_search" },
    ],
    tool_choice: "auto",
    parallel_tool_calls: true,
    reasoning: { effort: "medium", summary: "auto" },
    store: false,
    include: ["reasoning.encrypted_content"],
    prompt_cache_key: "k",
  }),
  chat: (model) => ({
    model,
    messages: [
      { role: "system", content: "You are an agent." },
      { role: "user", content: "Look." },
      {
        role: "assistant",
        content: null,
        tool_calls: [
          { id: "call_1", type: "function", function: { name: "look", arguments: '{"command":"ls"}' } },
          { id: "call_2", type: "function", function: { name: "wait", arguments: "" } },
        ],
      },
      { role: "tool", tool_call_id: "call_2", content: "waited" },
      { role: "tool", tool_call_id: "call_1", content: "a.txt" },
    ],
    tools: [
      { type: "function", function: { name: "look", strict: true, parameters: schema } },
      { type: "function", function: { name: "wait" } },
    ],
    tool_choice: "auto",
    parallel_tool_calls: true,
    reasoning_effort: "high",
    stream_options: { include_usage: true },
  }),
}

/** What the model answers: it thinks, says, and calls two tools of the agent's at once, one without arguments. */
const called: Readonly<Record<Spoken, readonly [string, string]>> = {
  messages: ["Bash", "Read"],
  responses: ["exec_command", "apply_patch"],
  chat: ["look", "wait"],
}
const tokens = { input: 120, output: 40, cacheRead: 100, reasoning: 8 }
/** A call without arguments, in formats where they are text an empty one. */
const noInput = (upstream: Spoken): string => (upstream === "messages" ? "{}" : "")
const answerTo = (client: Spoken, upstream: Spoken): Turn => ({
  reasoning: { text: "so" },
  text: "Once more: 😀",
  calls: [
    { id: "call_8", name: called[client][0], input: '{"command":"pwd é 😀"}' },
    { id: "call_9", name: called[client][1], input: client === "responses" ? '{"input":"*** End"}' : noInput(upstream) },
  ],
  usage: tokens,
})

async function read(client: Spoken, response: Response, stream: boolean): Promise<Answer> {
  const wire = wires[client]
  if (!stream) return wire.response.decode(parseJson(await response.text()), trial(wire, wire))
  return collect(decodeFrames(wire, trial(wire, wire), framesOf([await response.bytes()])))
}

const cases = spokenWires.flatMap((client) =>
  spokenWires
    .filter((upstream) => upstream !== client)
    .flatMap((upstream) => [true, false].map((stream) => ({ client, upstream, stream }))),
)

describe("an agent's second turn through the gateway", () => {
  test.each(cases)("$client to $upstream, streamed: $stream", async ({ client, upstream, stream }) => {
    const fake = directions.upstreams[upstream]
    fake.use(saying(upstream, answerTo(client, upstream)))
    const next = fake.requests.length
    const body = { ...turns[client](`${upstream}/m`), ...(stream ? { stream: true } : { stream_options: undefined }) }
    const response = await post(directions.gateway.url, client, body)
    if (response.status !== 200) throw new Error(await response.text())
    const answer = await read(client, response, stream)
    const sent = parseJson((await fake.received(next)).text())
    expect(demandsUnmet(wires[upstream].id, sent)).toEqual([])

    const blocks = answer.candidates.flatMap(({ messages }) => messages.flatMap((message) => message.blocks))
    const calls = blocks.flatMap((block) => (block.type === "tool-call" ? [[block.name, block.input, block.form]] : []))
    const [first, second] = called[client]
    expect(calls).toEqual([
      [first, '{"command":"pwd é 😀"}', undefined],
      client === "responses" ? [second, "*** End", "text"] : [second, "{}", undefined],
    ])
    expect(blocks.flatMap((block) => (block.type === "text" ? [block.text] : [])).join("")).toBe("Once more: 😀")
    expect(blocks.flatMap((block) => (block.type === "reasoning" ? block.parts.map(({ text }) => text) : []))).toEqual(["so"])
    expect(answer.candidates[0]?.stop.reason).toBe("tool")
    const { input, output, classes } = totals(answer.usage ?? { lines: [], unexplained: 0, raw: null, wire: "" })
    expect([input, output, classes["cache-read"]]).toEqual([120, 40, 100])
  })
})
