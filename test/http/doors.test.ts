import { afterAll, beforeAll, describe, expect, test } from "bun:test"
import { type ClientWire, chat, clients, gatewayWith, messages, responses } from "../dispatch/gateway.ts"
import { type Lanes, openLanes, refusedBy } from "./lanes.ts"
import { bodyOf, rawExchange, statusOf } from "./raw.ts"

let lanes: Lanes
beforeAll(async () => {
  lanes = await openLanes({
    allowed_origins: ["https://app.example", "https://*.pages.example"],
    allowed_hosts: ["Gateway.Internal", "ported.internal:8080", "*.below.internal"],
  })
})
afterAll(() => lanes[Symbol.asyncDispose]())

const ask = (path: string, init: RequestInit = {}): Promise<Response> => fetch(lanes.url + path, init)

const asHost = (host: string, path = "/v1/models", more = ""): Promise<string> =>
  rawExchange(lanes.url, `GET ${path} HTTP/1.1\r\nHost: ${host}\r\n${more}Connection: close\r\n\r\n`)

describe("methods and paths", () => {
  for (const client of clients) {
    test(`${client.path} takes POST and nothing else`, async () => {
      for (const method of ["GET", "PUT", "PATCH", "DELETE"]) {
        const response = await ask(client.path, { method })
        expect(response.headers.get("allow")).toBe("POST")
        const refused = await refusedBy(client, response)
        expect(refused.status).toBe(405)
        expect(refused.message).toContain(method)
      }
    })
  }

  const near: readonly (readonly [string, string])[] = [
    ["/v1/chat/completion", "/v1/chat/completions"],
    ["/v1/response", "/v1/responses"],
    ["/v1/mesages", "/v1/messages"],
    ["/chat/completions", "/v1/chat/completions"],
    ["/v1/v1/chat/completions", "/v1/chat/completions"],
    ["/openai/v1/chat/complete", "/openai/v1/chat/completions"],
    ["/anthropic/v1/message", "/anthropic/v1/messages"],
    ["/v1/anthropic/v1/messages", "/anthropic/v1/messages"],
    ["/some/path/of/a/proxy/v1/chat/completions", "/v1/chat/completions"],
    ["/v1/model", "/v1/models"],
    ["/metric", "/metrics"],
  ]
  for (const [path, meant] of near) {
    test(`${path} is 404 and thinks of ${meant}`, async () => {
      const response = await ask(path, { method: "POST", body: "{}" })
      expect(response.status).toBe(404)
      expect(await response.text()).toContain(`Did you mean ${meant}?`)
    })
  }

  const bases: readonly (readonly [path: string, client: ClientWire, below: string])[] = [
    ["/", chat, "/v1"],
    ["/v1", chat, "/v1"],
    ["/v1/", chat, "/v1"],
    ["/openai", chat, "/openai"],
    ["/openai/v1", chat, "/openai/v1"],
    ["/anthropic", messages, "/anthropic"],
    ["/anthropic/v1", messages, "/anthropic/v1"],
  ]
  for (const [path, client, below] of bases) {
    test(`POST ${path}, a base URL, names the endpoints and what base URLs should be`, async () => {
      const refused = await refusedBy(client, await ask(path, { method: "POST", body: "{}" }))
      expect(refused.status).toBe(404)
      expect(refused.message).toContain(`POST ${below}/chat/completions, POST ${below}/responses, POST ${below}/messages`)
      const host = new URL(lanes.url).host
      expect(refused.message).toContain(`a client that adds /chat/completions or /responses should end in ${host}${below}.`)
      expect(refused.message).toEndWith(`a client that adds /v1/messages should end in ${host}${below.replace(/\/v1$/, "")}.`)
    })
  }

  const doubled: readonly (readonly [path: string, client: ClientWire, meant: string, base: string])[] = [
    ["/v1/v1/chat/completions", chat, "/v1/chat/completions", "/v1"],
    ["/chat/completions", chat, "/v1/chat/completions", "/v1"],
    ["/v1/chat/completions/chat/completions", chat, "/v1/chat/completions", "/v1"],
    ["/v1/responses/responses", responses, "/v1/responses", "/v1"],
    ["/v1/v1/messages", messages, "/v1/messages", ""],
    ["/messages", messages, "/v1/messages", ""],
    ["/v1/messages/v1/messages", messages, "/v1/messages", ""],
    ["/anthropic/v1/v1/messages", messages, "/anthropic/v1/messages", "/anthropic"],
    ["/openai/v1/v1/responses", responses, "/openai/v1/responses", "/openai/v1"],
  ]
  for (const [path, client, meant, base] of doubled) {
    test(`${path} is told what the base URL should be`, async () => {
      const refused = await refusedBy(client, await ask(path, { method: "POST", body: "{}" }))
      expect(refused.status).toBe(404)
      expect(refused.message).toContain(`Did you mean ${meant}? `)
      expect(refused.message).toEndWith(` should end in ${new URL(lanes.url).host}${base}.`)
    })
  }

  test("a path that a later version may have says so, in the shape of whoever asks", async () => {
    const unbuilt = [
      ["POST", "/v1/embeddings", chat],
      ["POST", "/openai/v1/audio/speech", chat],
      ["GET", "/v1/responses/resp_1", responses],
      ["POST", "/anthropic/v1/messages/count_tokens?beta=true", messages],
      ["POST", "/v1/messages/batches", messages],
      ["POST", "/anthropic/v1/complete", messages],
      ["POST", "/genai/v1beta/models/x:generateContent", chat],
      ["POST", "/mcp", chat],
    ] as const
    for (const [method, path, client] of unbuilt) {
      const refused = await refusedBy(client, await ask(path, { method }))
      expect(refused.status).toBe(404)
      expect(refused.message).toContain(
        `${method} ${path.split("?")[0]} is not built yet; this version serves /v1/chat/completions`,
      )
    }
    const claimed = await ask("/v1/embeddings", { method: "POST", headers: { "anthropic-version": "2023-06-01" } })
    expect((await refusedBy(messages, claimed)).message).toContain("not built yet")
  })

  test("a path that is only read takes no POST", async () => {
    for (const path of ["/v1/models", "/anthropic/v1/models", "/v1/models/a/b", "/openai/models/gpt-5", "/health"]) {
      for (const method of ["POST", "DELETE"]) {
        const response = await ask(path, { method, body: "{}" })
        expect(response.status).toBe(405)
        expect(response.headers.get("allow")).toBe("GET, HEAD")
      }
    }
  })

  test("a path like nothing known has no hint", async () => {
    for (const path of ["/x", "/v2/oh/something/else/entirely", "/favicon.ico"])
      expect(await (await ask(path)).text()).not.toContain("Did you mean")
  })

  test("a path like nothing known is 404 in the caller's shape", async () => {
    const plain = await ask("/v1/%00%ff/../../etc/passwd?x=<script>", { method: "POST", body: "{}" })
    expect(plain.status).toBe(404)
    expect(await plain.json()).toMatchObject({ error: { type: expect.any(String) } })
    const anthropic = await ask("/v1/frobnicate", { method: "POST", body: "{}", headers: { "anthropic-version": "2023-06-01" } })
    expect(await refusedBy(messages, anthropic)).toMatchObject({ status: 404 })
    expect(await refusedBy(messages, await ask("/anthropic/v1/frobnicate", { method: "POST", body: "{}" }))).toMatchObject({
      status: 404,
    })
  })

  test("names of models that are no UTF-8 or no escapes are 404", async () => {
    for (const name of ["%E0%A4%A", "%ff%fe", "%", "a%2Fb", "..%2F..%2Fx", "%00"]) {
      const answer = await asHost("localhost", `/v1/models/${name}`)
      expect(statusOf(answer)).toBe(404)
    }
  })

  test("a WebSocket is answered 426, in the wire's shape", async () => {
    const answer = await rawExchange(
      lanes.url,
      [
        "GET /v1/responses HTTP/1.1",
        "Host: localhost",
        "Connection: Upgrade, close",
        "Upgrade: websocket",
        "Sec-WebSocket-Version: 13",
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
        "\r\n",
      ].join("\r\n"),
    )
    expect(statusOf(answer)).toBe(426)
    expect(responses.errorMessage(JSON.parse(bodyOf(answer)))).toContain("WebSocket")
  })

  test("HEAD on a base URL is 200, for agents that look first", async () => {
    for (const path of ["/", "/v1", "/anthropic", "/anthropic/", "/openai/v1"])
      expect((await ask(path, { method: "HEAD" })).status).toBe(200)
  })
})

describe("hosts", () => {
  for (const host of [
    "localhost",
    "localhost:8080",
    "127.0.0.1:1",
    "127.8.8.8",
    "[::1]:80",
    "a.localhost",
    "LOCALHOST",
    "gateway.internal:99",
    "GATEWAY.internal",
    "ported.internal:9",
    "A.b.below.internal",
  ]) {
    test(`${host} is served`, async () => expect(statusOf(await asHost(host))).toBe(200))
  }

  for (const host of [
    "evil.example",
    "localhost.evil.example",
    "127.0.0.1.evil.example",
    "[::2]",
    "10.0.0.1",
    "169.254.169.254",
    "evil.example:80",
    "below.internal",
    ".below.internal",
    "evil/.below.internal",
  ]) {
    test(`${host} is refused, whatever is asked for`, async () => {
      for (const path of ["/v1/models", "/health", "/", "/api/config", "/v1/chat/completions"]) {
        const answer = await asHost(host, path)
        expect(statusOf(answer)).toBe(403)
        expect(bodyOf(answer)).toContain("allowed_hosts")
      }
    })
  }
})

describe("origins", () => {
  const from = (origin: string, method = "GET", path = "/v1/models") =>
    ask(path, {
      method,
      headers: { origin, "access-control-request-method": "POST", "access-control-request-headers": "x-a,authorization" },
    })

  test("a foreign page is refused, and may not read why", async () => {
    for (const origin of [
      "https://evil.example",
      "null",
      "http://localhost:1",
      "https://app.example.evil",
      "http://app.example",
      "https://pages.example",
      "http://a.pages.example",
      "https://a.pages.example:444",
      "https://evil.example/.pages.example",
      "file://",
    ]) {
      for (const method of ["GET", "POST", "OPTIONS"]) {
        const response = await from(origin, method)
        expect(response.status).toBe(403)
        expect(response.headers.get("access-control-allow-origin")).toBeNull()
        expect(await response.text()).toContain("allowed_origins")
      }
    }
  })

  test("our own page and listed ones are let in", async () => {
    for (const origin of ["https://app.example", "https://a.pages.example", "https://a.b.pages.example", lanes.url]) {
      const response = await from(origin)
      expect(response.status).toBe(200)
      expect(response.headers.get("access-control-allow-origin")).toBe(origin)
    }
  })

  test("a preflight is answered for every endpoint", async () => {
    for (const { path } of clients) {
      const response = await from("https://app.example", "OPTIONS", path)
      expect(response.status).toBe(204)
      expect(response.headers.get("access-control-allow-origin")).toBe("https://app.example")
      expect(response.headers.get("access-control-allow-methods")).toContain("POST")
      expect(response.headers.get("access-control-allow-headers")).toContain("authorization")
    }
  })

  test("an error is readable by a listed page too", async () => {
    const response = await ask("/v1/chat/completions", { method: "POST", body: "{", headers: { origin: "https://app.example" } })
    expect(response.status).toBe(400)
    expect(response.headers.get("access-control-allow-origin")).toBe("https://app.example")
  })
})

describe("every origin", () => {
  const ofPage = (url: string, path: string, headers: Record<string, string> = {}) =>
    fetch(url + path, { headers: { origin: "https://anywhere.example", ...headers } })

  test("calls models, and gets no further where nobody is asked for a credential", async () => {
    await using any = await openLanes({ allowed_origins: ["*", "https://named.example"] })
    for (const path of ["/v1/models", "/health"]) expect((await ofPage(any.url, path)).status).toBe(200)
    for (const path of ["/api/status", "/api/logs", "/metrics", "/api/config/reload", "/ws"]) {
      const refused = await ofPage(any.url, path)
      expect(refused.status).toBe(403)
      expect(refused.headers.get("access-control-allow-origin")).toBeNull()
    }
    expect((await ofPage(any.url, "/api/status", { origin: "https://named.example" })).status).toBe(200)
    expect((await ofPage(any.url, "/api/status", { origin: any.url })).status).toBe(200)
  })

  test("gets as far as it has a credential for where one is asked for", async () => {
    await using guarded = await gatewayWith({
      admin: { token: "a-token-of-the-operator" },
      client: { allowed_origins: ["*"] },
      providers: { mock: {} },
    })
    expect((await ofPage(guarded.url, "/api/status")).status).toBe(401)
    const entered = await ofPage(guarded.url, "/api/status", { authorization: "Bearer a-token-of-the-operator" })
    expect(entered.status).toBe(200)
    expect(entered.headers.get("access-control-allow-origin")).toBe("https://anywhere.example")
  })
})
