import { describe, expect, test } from "bun:test"
import { type Failure, failing, failingAfter, streamed, unary } from "../support/answers/turn.ts"
import { closing } from "../support/closing.ts"
import type { Answer } from "../support/upstream/exchange.ts"
import * as faults from "../support/upstream/faults.ts"
import { renderFrames } from "../support/upstream/well-formed.ts"
import { fakeUpstream, type Upstream } from "../support/upstream.ts"
import { type ClientWire, chat, clients, gatewayWith, post, provider, type TestGateway } from "./gateway.ts"

const turn = { text: "fine after all" }
const quick = { first_byte_timeout_in_seconds: 1, stream_idle_timeout_in_seconds: 5 }

/** Two providers of one wire: the first misbehaves, the second answers. */
async function pair(bad: Answer, good: Answer, network: object = {}) {
  const first = await fakeUpstream({ script: bad })
  const second = await fakeUpstream({ script: good })
  const gateway = await gatewayWith({ providers: { first: provider(first.url, { network }), second: provider(second.url) } })
  return closing(
    {
      first,
      second,
      gateway,
    },
    gateway,
    first,
    second,
  )
}

const before: readonly (readonly [string, Answer])[] = [
  ["closed before headers", faults.closeBeforeHeaders()],
  ["reset before headers", faults.resetBeforeHeaders()],
  ["reset after headers", faults.resetAfterHeaders({ "content-type": "application/json" })],
  ["garbage JSON", faults.garbageJson()],
  ["an empty body", faults.emptyBody()],
  ["an HTML page", faults.htmlPage()],
  ["a body cut short of its length", faults.truncatedLength('{"id":"x","choices":[]}')],
]

describe("a failure before commit goes to the fallback", () => {
  for (const [name, bad] of before) {
    test(`unary: ${name}`, async () => {
      await using both = await pair(bad, unary(chat.voice, turn))
      const response = await post(both.gateway, chat, chat.body("first/m", { fallbacks: ["second/m"] }))
      expect(await response.text()).toContain("fine after all")
      expect(response.status).toBe(200)
      expect(response.headers.get("x-gantry-provider")).toBe("second")
      expect(response.headers.get("x-gantry-attempts")).toBe("2")
    })
  }

  test("a refusal whose body breaks off is the refusal that its status says", async () => {
    await using both = await pair(faults.resetAfterHeaders({ "content-type": "application/json" }, 422), unary(chat.voice, turn))
    const response = await post(both.gateway, chat, chat.body("first/m"))
    expect(response.status).toBe(422)
    expect(both.first.requests.length).toBe(1)
  })

  test("unary: refused connection", async () => {
    const gone = await fakeUpstream({})
    await gone.stop()
    await using both = await pair(faults.hang(), unary(chat.voice, turn))
    await both.gateway.write({ providers: { first: provider(gone.url), second: provider(both.second.url) } })
    await both.gateway.gateway.reload()
    const response = await post(both.gateway, chat, chat.body("first/m", { fallbacks: ["second/m"] }))
    expect(await response.text()).toContain("fine after all")
  })

  test("unary: headers never come", async () => {
    await using both = await pair(faults.hang(), unary(chat.voice, turn), { total_timeout_in_seconds: 1 })
    const response = await post(both.gateway, chat, chat.body("first/m", { fallbacks: ["second/m"] }))
    expect(await response.text()).toContain("fine after all")
    expect(await both.first.requests[0]?.ended).toBe("aborted")
  })

  const streams: readonly (readonly [string, Answer])[] = [
    ["headers never come", faults.hang()],
    ["nothing after the headers", faults.stall()],
    ["an error after the first frame", failingAfter(chat.voice, turn, 1, "overloaded")],
    ["reset after the first frame", faults.resetAfter(chat.voice.frames(turn).slice(0, 1))],
    ["closed after the first frame", faults.closeAfter(chat.voice.frames(turn).slice(0, 1))],
    ["an empty stream", faults.emptyBody(200, { "content-type": "text/event-stream" })],
  ]
  for (const [name, bad] of streams) {
    test(`stream: ${name}`, async () => {
      await using both = await pair(bad, streamed(chat.voice, turn), quick)
      const response = await post(both.gateway, chat, chat.body("first/m", { stream: true, fallbacks: ["second/m"] }))
      const text = await response.text()
      expect(text).toContain("after")
      expect(text).not.toContain("overloaded")
      expect(response.headers.get("x-gantry-provider")).toBe("second")
    })
  }
})

describe("what came back decides what is done", () => {
  const table: readonly (readonly [Failure, "answer" | "fallback", number])[] = [
    ["bad request", "answer", 400],
    ["conflict", "answer", 409],
    ["unprocessable", "answer", 422],
    ["too large", "answer", 413],
    ["content policy", "answer", 0],
    ["context overflow", "answer", 400],
    ["unauthorized", "fallback", 502],
    ["payment required", "fallback", 502],
    ["forbidden", "fallback", 502],
    ["quota exhausted", "fallback", 0],
    ["model not found", "fallback", 404],
    ["rate limited", "fallback", 429],
    ["timeout", "fallback", 0],
    ["server error", "fallback", 500],
    ["bad gateway", "fallback", 0],
    ["unavailable", "fallback", 503],
    ["overloaded", "fallback", 0],
  ]
  for (const [failure, action, status] of table) {
    test(failure, async () => {
      await using both = await pair(failing(chat.voice, failure), unary(chat.voice, turn))
      const withFallback = await post(both.gateway, chat, chat.body("first/m", { fallbacks: ["second/m"] }))
      expect(await withFallback.text()).toContain(action === "fallback" ? "fine after all" : "error")
      expect(both.second.requests.length).toBe(action === "fallback" ? 1 : 0)
      const alone = await post(both.gateway, chat, chat.body("first/other"))
      if (status > 0) expect(alone.status).toBe(status)
      expect(alone.status).toBeGreaterThanOrEqual(400)
      expect(chat.errorMessage(await alone.json())).toBeDefined()
      expect(alone.headers.get("x-should-retry")).toBe(alone.headers.has("x-gantry-attempts") ? "false" : null)
    })
  }
})

describe("every caller is told in its own wire", () => {
  const failures: readonly Failure[] = [
    "bad request",
    "unauthorized",
    "rate limited",
    "server error",
    "context overflow",
    "model not found",
  ]
  for (const client of clients) {
    for (const upstream of clients) {
      test(`${client.id} over ${upstream.id}`, async () => {
        for (const failure of failures) {
          await using one = await single(upstream, failing(upstream.voice, failure, { "retry-after": "7" }))
          const response = await post(one.gateway, client, client.body("only/m"))
          const body = await response.json()
          expect(client.errorMessage(body), `${failure}: ${JSON.stringify(body)}`).toBeString()
          expect(response.headers.get("x-gantry-request-id")).toBeString()
          if (failure === "rate limited") expect(Number(response.headers.get("retry-after"))).toBeGreaterThan(0)
          expect(JSON.stringify(body)).not.toContain("sk-test-0123456789abcdef")
        }
      })
    }
  }
})

/** One provider that speaks the wire given and no other. */
async function single(wire: ClientWire, script: Answer | readonly Answer[], network: object = {}, more: object = {}) {
  const upstream: Upstream = await fakeUpstream({ script })
  const base = wire.id === "anthropic-messages" ? "anthropic" : "openai"
  const only =
    wire.id === "openai-responses"
      ? { responses: true, responses_stream: true }
      : { chat_completion: true, chat_completion_stream: true }
  const config = provider(upstream.url, {
    base,
    network,
    more: { custom_provider_config: { base_provider_type: base, allowed_requests: only } },
  })
  const gateway: TestGateway = await gatewayWith({ providers: { only: config }, ...more })
  return closing(
    {
      upstream,
      gateway,
    },
    gateway,
    upstream,
  )
}

describe("after commit errors are in-band, in the caller's wire", () => {
  for (const client of clients) {
    for (const upstream of clients) {
      test(`${client.id} over ${upstream.id}: cut mid-stream`, async () => {
        const frames = upstream.voice.frames({ text: "one two three four five six" })
        const read = Promise.withResolvers<void>()
        const cutOnceRead: Answer = async (writer) => {
          writer.head(200, { "content-type": "text/event-stream" })
          await writer.write(renderFrames(frames.slice(0, Math.ceil(frames.length / 2))))
          await read.promise
          writer.reset()
        }
        await using one = await single(upstream, cutOnceRead)
        const response = await post(one.gateway, client, client.body("only/m", { stream: true }))
        expect(response.status).toBe(200)
        let text = ""
        const decoder = new TextDecoder()
        for await (const chunk of response.body ?? []) {
          text += decoder.decode(chunk, { stream: true })
          read.resolve()
        }
        expect(text).toContain("one")
        expect(text.toLowerCase()).toMatch(/"error"|event: error|response\.failed/)
        expect(text).not.toContain("message_stop")
        expect(text).not.toContain("response.completed")
      })
    }
  }
})

describe("clients that leave", () => {
  test("while the upstream is silent: it hears of it", async () => {
    await using one = await single(chat, faults.hang())
    const leaving = new AbortController()
    const asked = post(one.gateway, chat, chat.body("only/m"), { signal: leaving.signal }).catch(() => undefined)
    const request = await one.upstream.received(0)
    leaving.abort()
    expect(await request.ended).toBe("aborted")
    await asked
  })

  for (const client of clients) {
    test(`mid-stream (${client.id}): the upstream hears of it and the slot is free`, async () => {
      const frames = chat.voice.frames({ text: "one two three" })
      await using one = await single(chat, faults.stall(frames.slice(0, 3)), {}, {})
      const leaving = new AbortController()
      const response = await post(one.gateway, client, client.body("only/m", { stream: true }), { signal: leaving.signal })
      const reader = response.body?.getReader()
      await reader?.read()
      leaving.abort()
      expect(await (await one.upstream.received(0)).ended).toBe("aborted")
    })
  }
})

describe("limits", () => {
  test("one slot, none waiting: the second call is told to come back", async () => {
    const upstream = await fakeUpstream({ script: [faults.hang(), unary(chat.voice, turn)] })
    const config = provider(upstream.url, { more: { concurrency_and_buffer_size: { concurrency: 1, buffer_size: 1 } } })
    await using gateway = await gatewayWith({ providers: { only: config }, routing: { queue_wait_in_seconds: 0 } })
    const leaving = new AbortController()
    const first = post(gateway, chat, chat.body("only/m"), { signal: leaving.signal }).catch(() => undefined)
    await upstream.received(0)
    const second = await post(gateway, chat, chat.body("only/m"))
    expect(second.status).toBe(503)
    expect(Number(second.headers.get("retry-after"))).toBeGreaterThan(0)
    leaving.abort()
    await first
    await upstream.requests[0]?.ended
    const third = await post(gateway, chat, chat.body("only/m"))
    expect(third.status).toBe(200)
    await upstream.stop()
  })
})
