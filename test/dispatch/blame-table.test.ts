import { describe, expect, test } from "bun:test"
import { type Failure, failing, failingAfter, reply } from "../support/answers/turn.ts"
import { json } from "../support/upstream/well-formed.ts"
import { fakeUpstream } from "../support/upstream.ts"
import { type ClientWire, chat, clients, gatewayWith, messages, post, provider, responses } from "./gateway.ts"

/** What is done about each failure of a provider: `answer` it, or go on to another target and rest the key or not. */
const table: Readonly<Record<Failure, "answer" | "go on" | "go on, key rests">> = {
  "bad request": "answer",
  conflict: "answer",
  unprocessable: "answer",
  "too large": "answer",
  "content policy": "answer",
  "context overflow": "answer",
  "model not found": "go on",
  timeout: "go on",
  "server error": "go on",
  "bad gateway": "go on",
  unavailable: "go on",
  overloaded: "go on",
  unauthorized: "go on, key rests",
  "payment required": "go on, key rests",
  forbidden: "go on, key rests",
  "quota exhausted": "go on, key rests",
  "rate limited": "go on, key rests",
}

/** A provider that speaks one wire and no other. */
const speaking = (url: string, wire: ClientWire): object => {
  const base = wire === messages ? "anthropic" : "openai"
  const allowed =
    wire === responses ? { responses: true, responses_stream: true } : { chat_completion: true, chat_completion_stream: true }
  return provider(url, { base, more: { custom_provider_config: { base_provider_type: base, allowed_requests: allowed } } })
}

/** Told inside a 200, a failure has no status: where its words do not say more, it is the provider's. */
const untold: Readonly<Record<string, readonly Failure[]>> = { [responses.id]: ["conflict", "too large", "unprocessable"] }

for (const upstream of clients)
  describe(`${upstream.id}, told inside a 200`, () => {
    for (const [failure, action] of Object.entries(table) as [Failure, string][])
      test(`${failure}: ${action}`, async () => {
        for (const stream of [false, true]) {
          if (stream && untold[upstream.id]?.includes(failure)) continue
          const script = stream
            ? failingAfter(upstream.voice, { text: "one two" }, 1, failure)
            : json(200, upstream.voice.error(failure).body)
          await using first = await fakeUpstream({ script })
          await using second = await fakeUpstream({
            script: { on: (request) => reply(chat.voice, request.json(), { text: "fine after all" }) },
          })
          await using gateway = await gatewayWith({
            providers: { first: speaking(first.url, upstream), second: speaking(second.url, chat) },
          })
          const answers = clients.map((client) =>
            post(gateway, client, client.body("first/m", { stream, fallbacks: ["second/m"] })),
          )
          for (const response of await Promise.all(answers)) {
            const text = await response.text()
            if (action === "answer") expect(response.status, text).toBeWithin(400, 500)
            else expect(response.status, text).toBe(200)
            expect(response.headers.get("x-gantry-provider")).toBe(action === "answer" ? "first" : "second")
          }
        }
      })
  })

for (const upstream of clients)
  for (const client of clients)
    describe(`${client.id} over ${upstream.id}`, () => {
      for (const [failure, action] of Object.entries(table) as [Failure, string][])
        test(`${failure}: ${action}`, async () => {
          for (const stream of [false, true]) {
            await using first = await fakeUpstream({ script: failing(upstream.voice, failure, { "retry-after": "30" }) })
            await using second = await fakeUpstream({
              script: { on: (request) => reply(chat.voice, request.json(), { text: "fine after all" }) },
            })
            await using gateway = await gatewayWith({
              providers: { first: speaking(first.url, upstream), second: speaking(second.url, chat) },
            })
            const saved = await post(gateway, client, client.body("first/m", { stream, fallbacks: ["second/m"] }))
            const said = await saved.text()
            if (action === "answer") {
              expect(saved.status).toBeWithin(400, 500)
              expect(client.errorMessage(JSON.parse(said))).toBeString()
              expect(second.requests.length).toBe(0)
            } else {
              expect(saved.status).toBe(200)
              expect(said).toMatch(/fine/)
              expect(saved.headers.get("x-gantry-provider")).toBe("second")
            }
            first.on(() => reply(upstream.voice, { stream }, { text: "well again" }))
            const after = await post(gateway, client, client.body("first/m", { stream, fallbacks: [] }))
            const rests = action.endsWith("rests")
            expect(after.status, await after.text()).toBe(rests ? (failure === "rate limited" ? 429 : 502) : 200)
            expect(first.requests.length).toBe(rests ? 1 : 2)
          }
        })
    })
