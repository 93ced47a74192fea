import { expect, test } from "bun:test"
import { reply } from "../support/answers/turn.ts"
import { fakeUpstream } from "../support/upstream.ts"
import { chat, gatewayWith, messages, post } from "./gateway.ts"

/** What reaches the vendor, for a caller of a format where the limit may be left out. */
async function sent(model: string, more: object) {
  await using upstream = await fakeUpstream()
  upstream.on((request) => reply(messages.voice, request.json(), { text: "fine" }))
  const builtin = {
    keys: [{ name: "only", value: "sk-test-0123456789abcdef", models: ["*"], weight: 1 }],
    network_config: { base_url: upstream.url, max_retries: 0 },
  }
  await using gateway = await gatewayWith({ providers: { anthropic: builtin } })
  expect((await post(gateway, chat, chat.body(`anthropic/${model}`, more))).status).toBe(200)
  return upstream.requests[0]?.json()
}

test.each<[string, object, object]>([
  ["no limit is all that the model may say", {}, { max_tokens: 64_000 }],
  ["a limit is the caller's", { max_completion_tokens: 300 }, { max_tokens: 300 }],
  ["a limit that the model would refuse is its own", { max_completion_tokens: 100_000 }, { max_tokens: 64_000 }],
  [
    "thinking leaves room for the answer",
    { max_completion_tokens: 10_000, reasoning_effort: "high" },
    { max_tokens: 10_000, thinking: { type: "enabled", budget_tokens: 8_000 } },
  ],
])("%s", async (_, more, expected) => {
  expect(await sent("claude-sonnet-4-5", more)).toMatchObject(expected)
})
