import { describe, expect, test } from "bun:test"
import { wrapSeal } from "../../../src/core/seal.ts"
import type { Wire } from "../../../src/core/wire.ts"
import type { Json, JsonObject } from "../../../src/lib/json.ts"
import { anthropicMessages } from "../../../src/wires/anthropic-messages/index.ts"
import { openaiChat } from "../../../src/wires/openai-chat/index.ts"
import { openaiResponses } from "../../../src/wires/openai-responses/index.ts"
import { type Trial, trial } from "../../conformance/exchange.ts"

interface Sent {
  readonly body: JsonObject
  readonly exchange: Trial
}

function sent(client: Wire, body: JsonObject, features: readonly string[] = ["thinking-budget"]): Sent {
  const request = client.request.decode(body, () => {})
  const exchange = trial(client, anthropicMessages, { request, features })
  return { body: anthropicMessages.request.encode(request, exchange) as JsonObject, exchange }
}

const call = { id: "call_1", type: "function", function: { name: "look", arguments: "{}" } }
const ask = { role: "user", content: "Look." }
const result = { role: "tool", tool_call_id: "call_1", content: "a cat" }
const chat = (messages: readonly Json[]): JsonObject => ({
  model: "m",
  messages,
  reasoning_effort: "high",
  max_completion_tokens: 20_000,
})

/** anthropics/claude-code#49091, anomalyco/opencode#3077: "a final `assistant` message must start with a thinking block". */
describe("a turn that goes on after its calls", () => {
  test("is asked for no thinking where the caller has not kept what it began with", () => {
    const { body, exchange } = sent(openaiChat, chat([ask, { role: "assistant", content: null, tool_calls: [call] }, result]))
    expect(body.thinking).toBeUndefined()
    expect(exchange.list()).toContainEqual(expect.objectContaining({ path: "reasoning.effort", effect: "dropped" }))
  })

  test("thinks on where the caller has kept it", () => {
    const seal = { issuer: "anthropic", kind: "signature", data: "SIG" }
    const data = wrapSeal({ seal, at: 0, over: Bun.hash.xxHash64("hm").toString(36) })
    const details = [
      { type: "reasoning.text", text: "hm", index: 0 },
      { type: "reasoning.encrypted", data, index: 1 },
    ]
    const kept = { role: "assistant", content: null, reasoning_details: details, tool_calls: [call] }
    const { body } = sent(openaiChat, chat([ask, kept, result]))
    expect(body.thinking).toMatchObject({ type: "enabled" })
    expect(body.messages).toMatchObject([
      {},
      { content: [{ type: "thinking", thinking: "hm", signature: "SIG" }, { type: "tool_use" }] },
      {},
    ])
    const again = { ...call, id: "call_2" }
    const further = [
      { role: "assistant", content: null, tool_calls: [again] },
      { ...result, tool_call_id: "call_2" },
    ]
    expect(sent(openaiChat, chat([ask, kept, result, ...further])).body.thinking).toMatchObject({ type: "enabled" })
  })

  test("thinks on where the model decides how much", () => {
    const messages = [ask, { role: "assistant", content: null, tool_calls: [call] }, result]
    expect(sent(openaiChat, chat(messages), ["thinking-adaptive"]).body.thinking).toEqual({ type: "adaptive" })
  })

  test("a new question begins a new turn", () => {
    const messages = [
      ask,
      { role: "assistant", content: null, tool_calls: [call] },
      result,
      { role: "assistant", content: "A cat." },
      ask,
    ]
    expect(sent(openaiChat, chat(messages)).body.thinking).toMatchObject({ type: "enabled" })
  })
})

describe("a caller of the vendor's own", () => {
  const use = { type: "tool_use", id: "toolu_1", name: "look", input: {} }
  const history = (...before: readonly Json[]): JsonObject => ({
    model: "m",
    max_tokens: 20_000,
    messages: [
      ask,
      { role: "assistant", content: [...before, use] },
      { role: "user", content: [{ type: "tool_result", tool_use_id: "toolu_1", content: "a cat" }] },
    ],
    thinking: { type: "enabled", budget_tokens: 4000 },
    output_config: { effort: "high" },
  })

  test("is asked for no thinking where another vendor's has to be left out", () => {
    const seal = { issuer: "openai", kind: "encrypted", data: "ENC", id: "rs_1" }
    const signature = wrapSeal({ seal, at: 0, over: Bun.hash.xxHash64("hm").toString(36) })
    const { body, exchange } = sent(anthropicMessages, history({ type: "thinking", thinking: "hm", signature }), [])
    expect(body.thinking).toBeUndefined()
    expect(body.output_config).toEqual({ effort: "high" })
    expect(exchange.list().map(({ code, path }) => `${code} ${path}`)).toEqual(
      expect.arrayContaining(["seal-foreign messages[*].blocks[*].seal", "field-unsupported reasoning.budget"]),
    )
  })

  test("gets what it asked for otherwise", () => {
    for (const before of [[], [{ type: "thinking", thinking: "hm", signature: "SIG" }]]) {
      const asked = history(...before)
      expect(sent(anthropicMessages, asked, []).body).toEqual(asked)
    }
  })
})

test("thinking that an answer was cut off in is left out, and the caller is told", () => {
  const seal = { issuer: "anthropic", kind: "signature", data: "SIG" }
  const encrypted_content = wrapSeal({ seal, at: 0, over: Bun.hash.xxHash64("hm").toString(36) })
  const thought = { type: "reasoning", summary: [], content: [{ type: "reasoning_text", text: "hm" }], encrypted_content }
  const input = [{ role: "user", content: "Look." }, thought, { role: "user", content: "Well?" }]
  const { body, exchange } = sent(openaiResponses, { model: "m", input })
  expect(body.messages).toEqual([
    { role: "user", content: "Look." },
    { role: "user", content: "Well?" },
  ])
  expect(exchange.list()).toContainEqual(expect.objectContaining({ code: "block-unsupported", path: "messages[*].blocks[*]" }))
})
