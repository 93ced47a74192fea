import { describe, expect, test } from "bun:test"
import type { Wire } from "../../../src/core/wire.ts"
import type { JsonObject } from "../../../src/lib/json.ts"
import { anthropicMessages } from "../../../src/wires/anthropic-messages/index.ts"
import { openaiChat } from "../../../src/wires/openai-chat/index.ts"
import { openaiResponses } from "../../../src/wires/openai-responses/index.ts"
import { trial } from "../../conformance/exchange.ts"

function sent(client: Wire, target: Wire, body: JsonObject): JsonObject {
  const request = client.request.decode(body, () => {})
  return target.request.encode(request, trial(client, target, { request })) as JsonObject
}

const messages = [{ role: "user", content: "Hi." }]
const thinking = (budget: number) => ({
  model: "m",
  max_tokens: 64_000,
  messages,
  thinking: { type: "enabled", budget_tokens: budget },
})

describe("a budget of thinking is the same effort wherever it goes", () => {
  test.each([
    [1024, "low"],
    [2048, "low"],
    [4096, "medium"],
    [10_000, "high"],
    [31_999, "high"],
  ])("%d tokens: %s", (budget, effort) => {
    expect(sent(anthropicMessages, openaiChat, thinking(budget)).reasoning_effort).toBe(effort)
    expect(sent(anthropicMessages, openaiResponses, thinking(budget)).reasoning).toEqual({ effort })
  })
})

describe("thinking that is only turned on, as callers of routers do", () => {
  test.each<[JsonObject, JsonObject]>([
    [{ enabled: true }, { effort: "medium" }],
    [{ enabled: false }, { effort: "none" }],
    [{ enabled: true, effort: "high" }, { effort: "high" }],
    [{ enabled: true, max_tokens: 1500 }, { effort: "low" }],
  ])("%o", (reasoning, expected) => {
    expect(sent(openaiChat, openaiResponses, { model: "m", messages, reasoning }).reasoning).toEqual(expected)
  })
})
