import { describe, expect, test } from "bun:test"
import { chat, clients, gatewayWith, post, provider } from "../dispatch/gateway.ts"
import { failing, unary } from "../support/answers/turn.ts"
import { fakeUpstream } from "../support/upstream.ts"

const told = (response: Response) =>
  Object.fromEntries(
    ["provider", "model", "key-name", "route", "lane", "attempts"].map((name) => [
      name,
      response.headers.get(`x-gantry-${name}`),
    ]),
  )

describe("a failed answer tells where the call came to its end", () => {
  test("in every format, whole and streamed: the target that was tried last", async () => {
    await using upstream = await fakeUpstream({ script: failing(chat.voice, "server error") })
    const alias = {
      keys: [{ name: "spare", value: "sk-0123456789abcdef", models: ["*"], weight: 1, aliases: { m2: "real-m2" } }],
    }
    await using gateway = await gatewayWith({ providers: { a: provider(upstream.url), b: provider(upstream.url, alias) } })
    for (const client of clients) {
      for (const stream of [undefined, true]) {
        const alone = await post(gateway, client, client.body("a/m", { stream }))
        expect(alone.status).toBeGreaterThanOrEqual(500)
        expect(told(alone)).toMatchObject({
          provider: "a",
          model: "m",
          "key-name": "only",
          route: "named by prefix a/",
          attempts: "1",
        })
        const both = await post(gateway, client, client.body("a/m", { stream }), { headers: { "x-gantry-fallbacks": "b/m2" } })
        expect(told(both)).toMatchObject({
          provider: "b",
          model: "real-m2",
          "key-name": "spare",
          route: "fallback 1",
          attempts: "2",
        })
        expect(both.headers.get("x-gantry-lane")).not.toBeNull()
        await Promise.all([alone.text(), both.text()])
      }
    }
  })

  test("before any try: who was meant, and that nobody was asked", async () => {
    await using gateway = await gatewayWith({ providers: { openai: {}, groq: {} } })
    const response = await post(gateway, chat, chat.body("openai/m"))
    expect(told(response)).toEqual({
      provider: "openai",
      model: "m",
      "key-name": null,
      route: "named by prefix openai/",
      lane: null,
      attempts: "0",
    })
    expect(response.headers.get("x-should-retry")).toBe("false")
    const lost = await post(gateway, chat, chat.body("nobody/m"))
    expect(told(lost)).toMatchObject({ provider: null, attempts: "0" })
  })

  test("a name too long for a header is cut", async () => {
    await using upstream = await fakeUpstream({ script: failing(chat.voice, "server error") })
    await using gateway = await gatewayWith({ providers: { a: provider(upstream.url) } })
    const response = await post(gateway, chat, chat.body(`a/${"m".repeat(20_000)}`))
    expect(response.headers.get("x-gantry-model")).toBe("m".repeat(256))
  })
})

describe("fallbacks that cannot be asked", () => {
  const leftOut = "fallback-left-out wrokshop/m2"

  test("are named in a header of the answer", async () => {
    await using upstream = await fakeUpstream({ script: unary(chat.voice, { text: "fine" }) })
    await using gateway = await gatewayWith({ providers: { a: provider(upstream.url), workshop: provider(upstream.url) } })
    const byBody = await post(gateway, chat, chat.body("a/m", { fallbacks: ["wrokshop/m2"] }))
    const byHeader = await post(gateway, chat, chat.body("a/m"), { headers: { "x-gantry-fallbacks": "wrokshop/m2" } })
    for (const response of [byBody, byHeader]) {
      expect(response.status).toBe(200)
      expect(response.headers.get("x-gantry-notices")).toBe(leftOut)
    }
    const right = await post(gateway, chat, chat.body("a/m", { fallbacks: ["workshop/m2"] }))
    expect(right.headers.get("x-gantry-notices")).toBeNull()
  })

  test("are named in the error when all others failed, in every format, with what the vendor said", async () => {
    await using down = await fakeUpstream({ script: failing(chat.voice, "server error") })
    await using gateway = await gatewayWith({ providers: { a: provider(down.url), workshop: provider(down.url) } })
    const plain = chat.errorMessage(await (await post(gateway, chat, chat.body("a/m"))).json())
    for (const client of clients) {
      const response = await post(gateway, client, client.body("a/m"), { headers: { "x-gantry-fallbacks": "wrokshop/m2" } })
      expect(response.headers.get("x-gantry-notices")).toContain(leftOut)
      const message = client.errorMessage(await response.json())
      expect(message).toBe(`${plain}; fallback wrokshop/m2 left out: no such provider, did you mean workshop?`)
    }
  })

  test("stand in the log's route after those that can", async () => {
    await using upstream = await fakeUpstream({ script: unary(chat.voice, { text: "fine" }) })
    const client = { enable_logging: true }
    await using gateway = await gatewayWith({ providers: { a: provider(upstream.url), b: provider(upstream.url) }, client })
    const body = chat.body("a/m", { fallbacks: ["wrokshop/m2", "b/m3"] })
    await (await post(gateway, chat, body, { headers: { "x-request-id": "told" } })).text()
    let logged = await fetch(`${gateway.url}/api/logs/told`)
    while (logged.status === 404) logged = await fetch(`${gateway.url}/api/logs/told`)
    const { record } = (await logged.json()) as { record: { route: readonly string[] } }
    expect(record.route).toEqual([
      "a/m: named by prefix a/",
      "b/m3: fallback 1",
      "fallback wrokshop/m2 left out: no such provider",
    ])
  })

  test("are no matter where the request itself is wrong", async () => {
    await using upstream = await fakeUpstream({ script: failing(chat.voice, "bad request") })
    await using gateway = await gatewayWith({ providers: { a: provider(upstream.url) } })
    const response = await post(gateway, chat, chat.body("a/m", { fallbacks: ["b/m2"] }))
    expect(response.status).toBe(400)
    expect(await response.text()).not.toContain("left out")
  })

  test("with no model to them are 400 in the body as in the header", async () => {
    await using gateway = await gatewayWith({ providers: { mock: {} } })
    for (const client of clients) {
      const response = await post(gateway, client, client.body("mock/echo", { fallbacks: ["mock/lorem", "nonsense"] }))
      expect(response.status).toBe(400)
      expect(client.errorMessage(await response.json())).toBe('fallbacks holds "nonsense", which is not provider/model')
    }
  })

  test("beyond what a call may try are named too, a few of many", async () => {
    await using gateway = await gatewayWith({ providers: { mock: {} } })
    const fallbacks = Array.from({ length: 5_000 }, (_, index) => `mock/lorem-${index}`)
    const response = await post(gateway, chat, chat.body("mock/echo", { fallbacks }))
    expect(response.status).toBe(200)
    expect(response.headers.get("x-gantry-notices")).toStartWith("fallback-left-out mock/lorem-4, ")
    expect(response.headers.get("x-gantry-notices")?.length).toBeLessThanOrEqual(1_024)
  })
})
