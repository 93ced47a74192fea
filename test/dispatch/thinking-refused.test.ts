import { expect, test } from "bun:test"
import { reply } from "../support/answers/turn.ts"
import { json } from "../support/upstream/well-formed.ts"
import { fakeUpstream } from "../support/upstream.ts"
import { chat, gatewayWith, messages, post, provider } from "./gateway.ts"

const speaksOfThinking = /reasoning|thinking/

/** A server of the Chat format whose model does not think, as Ollama words it: https://github.com/musistudio/claude-code-router/issues/972 */
async function thoughtless() {
  const upstream = await fakeUpstream()
  upstream.on((request) => {
    const said = request.json()
    if (!speaksOfThinking.test(request.text())) return reply(chat.voice, said, { text: "fine" })
    const message = '"llama3.1:8b" does not support thinking'
    return json(400, { error: { message, type: "invalid_request_error", param: null, code: null } })
  })
  return upstream
}

/** As an agent asks, after a turn in which another model has thought. */
const asked = (model: string, more: object = {}): object =>
  messages.body(model, {
    thinking: { type: "adaptive" },
    output_config: { effort: "high" },
    messages: [
      { role: "user", content: "Tides?" },
      {
        role: "assistant",
        content: [
          { type: "thinking", thinking: "The moon matters.", signature: "c2lnbmF0dXJl" },
          { type: "text", text: "4.2 m" },
        ],
      },
      { role: "user", content: "Go on." },
    ],
    ...more,
  })

for (const stream of [false, true])
  test(`a model that does not think is asked again without it, and from then on at once${stream ? ", streamed" : ""}`, async () => {
    await using upstream = await thoughtless()
    await using gateway = await gatewayWith({ providers: { local: provider(upstream.url) } })
    const first = await post(gateway, messages, asked("local/llama3.1:8b", { stream }))
    expect([first.status, upstream.requests.length]).toEqual([200, 2])
    expect(await first.text()).toContain("fine")
    expect(upstream.requests[0]?.text()).toMatch(speaksOfThinking)
    const second = await post(gateway, messages, asked("local/llama3.1:8b", { stream }))
    expect([second.status, upstream.requests.length]).toEqual([200, 3])
    for (const response of [first, second]) {
      expect(response.headers.get("x-gantry-notices")).toContain("field-unsupported thinking")
      expect(response.headers.get("x-gantry-notices")).toContain("block-unsupported messages[*]")
    }
    await second.text()
    const other = await post(gateway, messages, asked("local/other", { stream }))
    expect([other.status, upstream.requests.length]).toEqual([200, 5])
    await other.text()
  })

test("who asks in the server's own format is told as the server tells it", async () => {
  await using upstream = await thoughtless()
  await using gateway = await gatewayWith({ providers: { local: provider(upstream.url) } })
  const response = await post(gateway, chat, chat.body("local/llama3.1:8b", { reasoning_effort: "high" }))
  expect([response.status, upstream.requests.length]).toEqual([400, 1])
  expect(chat.errorMessage(await response.json())).toBe('"llama3.1:8b" does not support thinking')
})

test("nothing is asked twice where nothing could be left out, and nothing is remembered of a model that refuses all the same", async () => {
  await using upstream = await fakeUpstream()
  upstream.on(() => json(400, { error: { message: "thinking is not supported", type: "invalid_request_error" } }))
  await using gateway = await gatewayWith({ providers: { local: provider(upstream.url) } })
  const plain = await post(gateway, messages, messages.body("local/m"))
  expect([plain.status, upstream.requests.length]).toEqual([400, 1])
  for (const requests of [3, 5]) {
    const response = await post(gateway, messages, asked("local/m"))
    expect([response.status, upstream.requests.length]).toEqual([400, requests])
  }
})

test("what a model refuses of one wish is kept from no other one", async () => {
  await using upstream = await fakeUpstream()
  upstream.on((request) => {
    const said = request.json()
    const message = /"max"/.test(request.text())
      ? "Unsupported value: 'max' is not supported with the 'm' model."
      : /reasoning_content/.test(request.text()) && "property 'reasoning_content' is unsupported"
    if (!message) return reply(chat.voice, said, { text: "fine" })
    return json(400, { error: { message, type: "invalid_request_error", param: "reasoning_effort", code: "unsupported_value" } })
  })
  await using gateway = await gatewayWith({ providers: { local: provider(upstream.url) } })
  const plainly = { messages: [{ role: "user", content: "Tides?" }] }
  const deepest = await post(gateway, messages, asked("local/m", { ...plainly, output_config: { effort: "max" } }))
  expect([deepest.status, upstream.requests.length]).toEqual([200, 2])
  const other = await post(gateway, messages, asked("local/m", plainly))
  expect([other.status, upstream.requests.length]).toEqual([200, 3])
  expect(upstream.requests[2]?.text()).toContain('"reasoning_effort":"high"')
  await post(gateway, messages, asked("local/m"))
  const later = await post(gateway, messages, asked("local/m", plainly))
  expect(later.status).toBe(200)
  expect(upstream.requests.at(-1)?.text()).toContain('"reasoning_effort":"high"')
})
