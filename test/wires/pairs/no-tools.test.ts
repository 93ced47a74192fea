import { describe, expect, test } from "bun:test"
import type { Wire } from "../../../src/core/wire.ts"
import type { JsonObject } from "../../../src/lib/json.ts"
import { anthropicMessages } from "../../../src/wires/anthropic-messages/index.ts"
import { openaiChat } from "../../../src/wires/openai-chat/index.ts"
import { openaiResponses } from "../../../src/wires/openai-responses/index.ts"
import { trial } from "../../conformance/exchange.ts"

function sent(
  client: Wire,
  target: Wire,
  body: JsonObject,
): { readonly keys: readonly string[]; readonly told: readonly string[] } {
  const request = client.request.decode(body, () => {})
  const exchange = trial(client, target, { request })
  const made = target.request.encode(request, exchange) as JsonObject
  return { keys: Object.keys(made), told: exchange.list().map(({ path, effect }) => `${effect} ${path}`) }
}

const asks = [{ role: "user", content: "Hi." }]
const search = { type: "web_search_20250305", name: "web_search" }
const ofMessages = (choice: JsonObject): JsonObject => ({
  model: "m",
  max_tokens: 9,
  messages: asks,
  tools: [search],
  tool_choice: choice,
})
const ofCodex = { model: "m", input: "Hi.", tools: [], tool_choice: "auto", parallel_tool_calls: false }

/** "'tool_choice' is only allowed when 'tools' are specified", openai/swarm#30 and many others. */
describe("a choice of tools does not outlive the tools", () => {
  test.each<[string, Wire, Wire, JsonObject, string]>([
    ["a vendor's tool, any one", anthropicMessages, openaiChat, ofMessages({ type: "auto" }), "adapted toolChoice"],
    ["a vendor's tool, any one", anthropicMessages, openaiResponses, ofMessages({ type: "auto" }), "adapted toolChoice"],
    ["a vendor's tool, at least one", anthropicMessages, openaiChat, ofMessages({ type: "any" }), "dropped toolChoice"],
    ["a vendor's tool, at least one", anthropicMessages, openaiResponses, ofMessages({ type: "any" }), "dropped toolChoice"],
    ["an empty list", openaiResponses, openaiChat, ofCodex, "adapted toolChoice"],
    ["one call at a time", openaiResponses, openaiChat, ofCodex, "dropped parallelTools"],
    ["no list", openaiChat, openaiResponses, { model: "m", messages: asks, tool_choice: "none" }, "adapted toolChoice"],
  ])("%s: from %o to %o", (_, client, target, body, told) => {
    const made = sent(client, target, body)
    expect(made.keys).not.toContain("tools")
    expect(made.keys).not.toContain("tool_choice")
    expect(made.keys).not.toContain("parallel_tool_calls")
    expect(made.told).toContain(told)
  })

  test("beside a tool that is left it stays", () => {
    const own = { name: "f", input_schema: { type: "object" } }
    const body = { ...ofMessages({ type: "any", disable_parallel_tool_use: true }), tools: [search, own] }
    expect(sent(anthropicMessages, openaiChat, body).keys).toEqual(
      expect.arrayContaining(["tools", "tool_choice", "parallel_tool_calls"]),
    )
  })
})
