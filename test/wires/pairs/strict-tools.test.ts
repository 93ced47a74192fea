import { expect, test } from "bun:test"
import type { Wire } from "../../../src/core/wire.ts"
import { asObject, type JsonObject } from "../../../src/lib/json.ts"
import { anthropicMessages } from "../../../src/wires/anthropic-messages/index.ts"
import { openaiChat } from "../../../src/wires/openai-chat/index.ts"
import { openaiResponses } from "../../../src/wires/openai-responses/index.ts"
import { trial } from "../../conformance/exchange.ts"

const text = { type: "string" }
const closed = { type: "object", properties: { path: text }, required: ["path"], additionalProperties: false }
const ofMessages = (input_schema: JsonObject): JsonObject => ({
  model: "m",
  max_tokens: 9,
  messages: [{ role: "user", content: "Hi." }],
  tools: [{ name: "read", strict: true, input_schema }],
})

function sent(client: Wire, target: Wire, body: JsonObject): { readonly strict: unknown; readonly told: readonly string[] } {
  const request = client.request.decode(body, () => {})
  const exchange = trial(client, target, { request })
  const { tools } = JSON.parse(JSON.stringify(target.request.encode(request, exchange))) as {
    readonly tools: readonly JsonObject[]
  }
  const [tool] = tools
  return { strict: (asObject(tool?.function) ?? tool)?.strict, told: exchange.list().map(({ path }) => path) }
}

/** https://platform.openai.com/docs/guides/structured-outputs#supported-schemas */
test.each<[string, JsonObject, boolean]>([
  ["closed, all required", closed, true],
  ["a member that may be left out", { ...closed, required: [] }, false],
  ["an open object", { type: "object", properties: { path: text }, required: ["path"] }, false],
  ["an open object further in", { ...closed, properties: { path: { anyOf: [text, { type: "object" }] } } }, false],
  ["a closed one further in", { ...closed, properties: { path: { type: "array", items: closed } } }, true],
  ["all of several", { ...closed, properties: { path: { allOf: [text] } } }, false],
  ["one of several", { ...closed, properties: { path: { oneOf: [text, { type: "null" }] } } }, false],
  ["a member by such a name", { ...closed, properties: { not: text }, required: ["not"] }, true],
  ["an open definition", { ...closed, $defs: { one: { type: "object", properties: {} } } }, false],
])("%s: strict from Messages to OpenAI's formats where they take it", (_, schema, isStrict) => {
  for (const target of [openaiChat, openaiResponses]) {
    const { strict, told } = sent(anthropicMessages, target, ofMessages(schema))
    expect(strict ?? false).toBe(isStrict)
    expect(told.includes("tools[*].strict")).toBe(!isStrict)
  }
})

test("between OpenAI's formats it is the caller's to say", () => {
  const parameters = { type: "object", properties: {} }
  const body = {
    model: "m",
    messages: [{ role: "user", content: "Hi." }],
    tools: [{ type: "function", function: { name: "read", strict: true, parameters } }],
  }
  expect(sent(openaiChat, openaiResponses, body).strict).toBe(true)
})
