import { expect, test } from "bun:test"
import type { Exchange } from "../../src/core/exchange.ts"
import type { Provider } from "../../src/core/provider.ts"
import { asArray, asObject, type JsonObject } from "../../src/lib/json.ts"
import { customProvider } from "../../src/providers/custom.ts"
import { groq } from "../../src/providers/groq.ts"
import { ollama } from "../../src/providers/ollama.ts"
import { openrouter } from "../../src/providers/openrouter.ts"
import { openaiChat } from "../../src/wires/openai-chat/index.ts"
import { trial } from "../conformance/exchange.ts"

/** What is sent after the wire has written it. */
function sent(provider: Provider | undefined, body: JsonObject, exchange: Exchange): JsonObject {
  const route = provider?.routes.find(({ wire }) => wire === openaiChat)
  return (route?.quirks ?? []).reduce((changed, quirk) => quirk(changed, exchange), body)
}

const body: JsonObject = {
  model: "m",
  messages: [{ role: "user", content: "Hi.", name: "ada" }],
  tools: [{ type: "custom", custom: { name: "apply_patch" } }],
  top_logprobs: 2,
  logprobs: true,
  n: 2,
  top_k: 40,
}

test.each<[string, Provider | undefined]>([
  ["groq", groq],
  ["ollama", ollama],
  ["openrouter", openrouter],
  ["a compatible server", customProvider("mine", "openai")],
])("%s is given functions, since it knows no free-text tools", (_, provider) => {
  const exchange = trial(openaiChat, openaiChat)
  const [tool] = asArray(sent(provider, body, exchange).tools) ?? []
  expect(asObject(tool)).toMatchObject({ type: "function", function: { name: "apply_patch" } })
  expect(exchange.emulated).toEqual(new Set(["custom-tool:apply_patch"]))
})

test("groq is not given what it refuses, and the caller is told", () => {
  const exchange = trial(openaiChat, openaiChat)
  const made = sent(groq, body, exchange)
  expect(Object.keys(made).sort()).toEqual(["messages", "model", "tools"])
  expect(made.messages).toEqual([{ role: "user", content: "Hi." }])
  expect(exchange.list().map(({ path }) => path)).toEqual(
    expect.arrayContaining(["logprobs", "top_logprobs", "n", "top_k", "messages[*].name"]),
  )
})
