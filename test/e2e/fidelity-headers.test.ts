import { afterAll, beforeAll, describe, expect, test } from "bun:test"
import type { Spoken } from "./directions.ts"
import { callerSecret, type Directions, saying, spokenWires, startDirections, storedSecret, voices } from "./directions.ts"
import { type PostOptions, post, smallest } from "./raw-client.ts"

let directions: Directions
beforeAll(async () => {
  directions = await startDirections()
})
afterAll(() => directions[Symbol.asyncDispose]())

async function exchange(client: Spoken, upstream: Spoken, options: PostOptions) {
  const provider = directions.upstreams[upstream]
  provider.use(saying(upstream, { text: "fine" }))
  const next = provider.requests.length
  const response = await post(directions.gateway.url, client, smallest[client](`${upstream}/m`), options)
  await response.text()
  return { response, request: await provider.received(next) }
}

/** What callers may send that is none of a vendor's business. */
const privateHeaders = {
  authorization: `Bearer ${callerSecret}`,
  "x-api-key": callerSecret,
  "api-key": callerSecret,
  "x-goog-api-key": callerSecret,
  "proxy-authorization": `Basic ${callerSecret}`,
  cookie: "session=private",
  "accept-encoding": "gzip, br, zstd",
  "x-bf-session-id": "s1",
  "x-bf-trace-id": "t1",
  "x-gantry-session-id": "s2",
  "x-gantry-tag": "t2",
  "x-forwarded-for": "203.0.113.9",
  "x-made-up": "1",
  te: "trailers",
}

for (const client of spokenWires) {
  for (const upstream of spokenWires) {
    describe(`${client} over ${upstream}`, () => {
      test("nothing of the caller's own goes upstream, and the stored key does", async () => {
        const { request } = await exchange(client, upstream, { headers: privateHeaders })
        const names = [...request.headers.keys()]
        expect(names.filter((name) => name.startsWith("x-bf-") || name.startsWith("x-gantry-"))).toEqual([])
        for (const name of ["cookie", "proxy-authorization", "x-forwarded-for", "x-made-up", "te", "api-key", "x-goog-api-key"])
          expect(names).not.toContain(name)
        expect(request.headers.get("accept-encoding")).not.toMatch(/gzip|br|zstd/)
        expect(JSON.stringify([...request.headers])).not.toContain(callerSecret)
        const stored = storedSecret(upstream)
        if (upstream === "messages") expect(request.headers.get("x-api-key")).toBe(stored)
        else expect(request.headers.get("authorization")).toBe(`Bearer ${stored}`)
      })

      test("what the caller adds on purpose goes, but no credential that way", async () => {
        const { request } = await exchange(client, upstream, {
          headers: {
            "x-bf-eh-x-tenant": "blue",
            "x-gantry-eh-x-team": "green",
            "x-bf-eh-authorization": `Bearer ${callerSecret}`,
            "x-bf-eh-x-api-key": callerSecret,
            "x-bf-eh-cookie": "a=b",
            "x-bf-eh-host": "evil.example",
            "x-bf-eh-content-length": "3",
            "x-bf-eh-transfer-encoding": "chunked",
            "x-bf-eh-x-bf-session-id": "nested",
            traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
          },
        })
        expect(request.headers.get("x-tenant")).toBe("blue")
        expect(request.headers.get("x-team")).toBe("green")
        expect(request.headers.get("traceparent")).toContain("0af7651916cd43dd8448eb211c80319c")
        expect(request.headers.get("cookie")).toBeNull()
        expect(request.headers.get("x-bf-session-id")).toBeNull()
        expect(request.headers.get("host")).toStartWith("127.0.0.1")
        expect(JSON.stringify([...request.headers])).not.toContain(callerSecret)
      })

      test("the vendor's request id comes back; its cookies and its pool's rate limits do not", async () => {
        const { response } = await exchange(client, upstream, {})
        const sent = voices[upstream].headers
        const id = sent["x-request-id"] ?? sent["request-id"]
        const got = [response.headers.get("x-request-id"), response.headers.get("request-id")]
        expect(got).toContain(String(id))
        const names = [...response.headers.keys()]
        expect(names.filter((name) => /cookie|ratelimit|organization/.test(name))).toEqual([])
        expect(names).toContain("x-gantry-request-id")
      })
    })
  }
}

test("the vendor's own request headers travel to it, and to no other format", async () => {
  const anthropic = { "anthropic-beta": "context-1m-2025-08-07,files-api-2025-04-14", "anthropic-version": "2023-06-01" }
  const own = await exchange("messages", "messages", { headers: anthropic })
  expect(own.request.headers.get("anthropic-beta")).toBe(anthropic["anthropic-beta"])
  expect(own.request.headers.get("anthropic-version")).toBe("2023-06-01")
  const foreign = await exchange("messages", "chat", { headers: anthropic })
  expect(foreign.request.headers.get("anthropic-beta")).toBeNull()
  expect(foreign.request.headers.get("anthropic-version")).toBeNull()

  for (const spoken of ["chat", "responses"] as const) {
    const headers = { "openai-beta": "responses=v1" }
    expect((await exchange(spoken, spoken, { headers })).request.headers.get("openai-beta")).toBe("responses=v1")
    expect((await exchange(spoken, "messages", { headers })).request.headers.get("openai-beta")).toBeNull()
  }
})

test("an account that the stored key does not belong to is not named beside it", async () => {
  for (const client of spokenWires) {
    const headers = { "openai-organization": "org-1", "openai-project": "proj-1" }
    const { request } = await exchange(client, client, { headers })
    for (const name of Object.keys(headers)) expect(request.headers.get(name)).toBeNull()
  }
})

test("a version is sent where the caller has none", async () => {
  expect((await exchange("messages", "messages", {})).request.headers.get("anthropic-version")).toBe("2023-06-01")
  expect((await exchange("chat", "messages", {})).request.headers.get("anthropic-version")).toBe("2023-06-01")
})

test("a query travels on a relay and stays behind in translation", async () => {
  const relayed = await exchange("messages", "messages", { query: "?beta=true&x=%20y" })
  expect(relayed.request.path).toBe("/v1/messages?beta=true&x=%20y")
  const translated = await exchange("messages", "chat", { query: "?beta=true" })
  expect(translated.request.path).toBe("/v1/chat/completions")
})
