import { expect, test } from "bun:test"
import type { Wire } from "../../../src/core/wire.ts"
import type { JsonObject } from "../../../src/lib/json.ts"
import { anthropicMessages } from "../../../src/wires/anthropic-messages/index.ts"
import { openaiResponses } from "../../../src/wires/openai-responses/index.ts"
import { trial } from "../../conformance/exchange.ts"

const schema = { type: "object" }
const ofMessages: JsonObject = {
  model: "m",
  max_tokens: 9,
  messages: [{ role: "user", content: "Look." }],
  tools: [
    { name: "ToolSearch", input_schema: schema },
    { name: "Deploy", input_schema: schema, defer_loading: true },
  ],
}
const ofResponses: JsonObject = {
  model: "m",
  input: "Look.",
  tools: [{ type: "tool_search" }, { type: "function", name: "deploy", parameters: schema, defer_loading: true }],
}

test("a result that does no more than name tools is still a result", () => {
  const call = { type: "tool_use", id: "toolu_1", name: "ToolSearch", input: {} }
  const found = { type: "tool_result", tool_use_id: "toolu_1", content: [{ type: "tool_reference", tool_name: "Deploy" }] }
  const messages = [
    { role: "user", content: "Look." },
    { role: "assistant", content: [call] },
    { role: "user", content: [found] },
  ]
  const request = anthropicMessages.request.decode({ ...ofMessages, messages }, () => {})
  const exchange = trial(anthropicMessages, openaiResponses, { request })
  const { input } = openaiResponses.request.encode(request, exchange) as { readonly input: readonly JsonObject[] }
  expect(input.at(-1)).toEqual({ type: "function_call_output", call_id: "toolu_1", output: "" })
  expect(exchange.list()).toContainEqual(expect.objectContaining({ path: "messages[*].blocks[*].content[*]", effect: "dropped" }))
})

/** "Deferred tools require tools.tool_search", pydantic/pydantic-ai#6080. */
test.each<[string, Wire, Wire, JsonObject, string]>([
  ["Messages to Responses", anthropicMessages, openaiResponses, ofMessages, "Deploy"],
  ["Responses to Messages", openaiResponses, anthropicMessages, ofResponses, "deploy"],
])("%s: a tool that only the caller's own search would find is there from the start", (_, client, target, body, name) => {
  const request = client.request.decode(body, () => {})
  const exchange = trial(client, target, { request })
  const { tools } = target.request.encode(request, exchange) as { readonly tools: readonly JsonObject[] }
  const deferred = tools.find((tool) => tool.name === name)
  expect(deferred).toBeDefined()
  expect(deferred).not.toHaveProperty("defer_loading")
  expect(exchange.list()).toContainEqual(
    expect.objectContaining({ code: "field-unsupported", path: "tools[*].deferred", effect: "dropped" }),
  )
})

test.each<[string, Wire, JsonObject]>([
  ["Messages", anthropicMessages, ofMessages],
  ["Responses", openaiResponses, ofResponses],
])("a caller of %s defers what it will", (_, wire, body) => {
  const request = wire.request.decode(body, () => {})
  expect(wire.request.encode(request, trial(wire, wire, { request }))).toEqual(body)
})
