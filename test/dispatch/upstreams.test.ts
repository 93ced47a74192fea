import { describe, expect, test } from "bun:test"
import { gzipSync, zstdCompressSync } from "node:zlib"
import { reply, streamed, unary } from "../support/answers/turn.ts"
import type { Answer } from "../support/upstream/exchange.ts"
import { hang } from "../support/upstream/faults.ts"
import { bytes } from "../support/upstream/well-formed.ts"
import { fakeUpstream } from "../support/upstream.ts"
import { type ClientWire, chat, clients, gatewayWith, messages, post, provider, responses } from "./gateway.ts"

const turn = { text: "fine after all" }

async function ask(wire: ClientWire, answer: Answer, more: object = {}): Promise<Response & { readonly whole: string }> {
  await using upstream = await fakeUpstream({ script: answer })
  const base = wire === messages ? ("anthropic" as const) : ("openai" as const)
  await using gateway = await gatewayWith({ providers: { only: provider(upstream.url, { base }) } })
  const response = await post(gateway, wire, wire.body("only/m", more))
  return Object.assign(response, { whole: await response.text() })
}

describe("vendors that answer in their own way", () => {
  for (const wire of clients) {
    test(`${wire.id}: one JSON body for a stream is told as a stream`, async () => {
      const response = await ask(wire, unary(wire.voice, turn), { stream: true })
      expect(response.status).toBe(200)
      expect(response.headers.get("content-type")).toContain("text/event-stream")
      expect(response.whole).toContain("fine after all")
      expect(response.whole).toMatch(/\[DONE\]|response\.completed|message_stop/)
    })

    test(`${wire.id}: a stream for one JSON body is no answer`, async () => {
      const response = await ask(wire, streamed(wire.voice, turn))
      expect(response.status).toBe(502)
      expect(wire.errorMessage(JSON.parse(response.whole))).toBeString()
    })

    test(`${wire.id}: a body compressed although nobody asked for it`, async () => {
      const body = JSON.stringify(wire.voice.body(turn))
      for (const [encoding, packed] of [
        ["gzip", gzipSync(body)],
        ["zstd", zstdCompressSync(body)],
      ] as const) {
        const headers = { "content-type": "application/json", "content-encoding": encoding }
        const response = await ask(wire, bytes(new Uint8Array(packed), { headers }))
        expect(response.headers.get("content-encoding")).toBeNull()
        expect(response.whole).toBe(body)
      }
    })
  }

  test("a redirect is not followed: the key stays here", async () => {
    await using elsewhere = await fakeUpstream({ script: unary(chat.voice, turn) })
    for (const status of [301, 302, 307, 308]) {
      const response = await ask(chat, bytes("", { status, headers: { location: `${elsewhere.url}/v1/chat/completions` } }))
      expect(response.status).toBe(502)
      expect(response.whole).toContain(String(status))
    }
    expect(elsewhere.requests.length).toBe(0)
  })

  test("a success without a body is no answer", async () => {
    for (const status of [200, 201, 202, 204]) expect((await ask(chat, bytes("", { status }))).status).toBe(502)
  })

  test("twenty megabytes go through as they are", async () => {
    const body = JSON.stringify(chat.voice.body({ text: "grande ".repeat(3_000_000) }))
    const response = await ask(chat, bytes(body, { headers: { "content-type": "application/json" } }))
    expect(response.status).toBe(200)
    expect(response.whole === body).toBe(true)
  })

  test("an error page of a proxy in between is told in the caller's wire", async () => {
    for (const wire of [chat, responses, messages]) {
      const page = bytes("<html><h1>502 Bad Gateway</h1></html>", { status: 502, headers: { "content-type": "text/html" } })
      const response = await ask(wire, page)
      expect(response.status).toBe(502)
      expect(wire.errorMessage(JSON.parse(response.whole))).toBeString()
      expect(response.headers.get("content-type")).toContain("application/json")
    }
  })
})

describe("bodies that are held", () => {
  test("share one bound; beyond it callers are told to come back, and what is over is given back", async () => {
    await using upstream = await fakeUpstream({ script: hang() })
    await using gateway = await gatewayWith({
      providers: { only: provider(upstream.url) },
      client: { held_body_limit_mb: 1 },
    })
    const large = chat.body("only/m", { user: "x".repeat(700_000) })
    const leaving = new AbortController()
    const first = post(gateway, chat, large, { signal: leaving.signal }).catch(() => undefined)
    await upstream.received(0)
    for (const wire of clients) {
      const refused = await post(gateway, wire, wire.body("only/m", { user: "x".repeat(700_000) }))
      expect(refused.status).toBe(503)
      expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(0)
      expect(wire.errorMessage(await refused.json())).toContain("holds as many request bodies")
    }
    leaving.abort()
    await first
    await upstream.requests[0]?.ended
    upstream.on((request) => reply(chat.voice, request.json(), turn))
    for (let turns = 0; turns < 3; turns++) expect((await post(gateway, chat, large)).status).toBe(200)
  })
})
