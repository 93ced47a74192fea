import { describe, expect, test } from "bun:test"
import type { CallRecord } from "../../src/core/record.ts"
import { chat, clients, gatewayWith, post, provider, type TestGateway } from "../dispatch/gateway.ts"
import { failing, unary } from "../support/answers/turn.ts"
import { fakeUpstream } from "../support/upstream.ts"

const told = (response: Response) =>
  Object.fromEntries(
    ["provider", "model", "key-name", "route", "lane", "attempts"].map((name) => [
      name,
      response.headers.get(`x-gantry-${name}`),
    ]),
  )

/** The entry of an answer's call in the log, once it is there. */
async function recordOf(gateway: TestGateway, response: Response): Promise<CallRecord> {
  const address = `${gateway.url}/api/logs/${response.headers.get("x-gantry-request-id")}`
  let logged = await fetch(address)
  while (logged.status === 404) logged = await fetch(address)
  return ((await logged.json()) as { record: CallRecord }).record
}

describe("a failed answer tells where the call came to its end", () => {
  test("in every format, whole and streamed: the target whose error it is, and in short what became of the others", async () => {
    await using upstream = await fakeUpstream({ script: failing(chat.voice, "server error") })
    await using busy = await fakeUpstream({ script: failing(chat.voice, "unavailable") })
    const alias = {
      keys: [{ name: "spare", value: "sk-0123456789abcdef", models: ["*"], weight: 1, aliases: { m2: "real-m2" } }],
    }
    await using gateway = await gatewayWith({
      providers: { a: provider(upstream.url, alias), b: provider(busy.url) },
      client: { enable_logging: true },
    })
    for (const client of clients) {
      for (const stream of [undefined, true]) {
        const body = client.body("a/m2", { stream })
        const alone = await post(gateway, client, body)
        const named = { provider: "a", model: "real-m2", "key-name": "spare", route: "named by prefix a/" }
        expect(told(alone)).toMatchObject({ ...named, attempts: "1" })
        const both = await post(gateway, client, body, { headers: { "x-gantry-fallbacks": "b/m3" } })
        expect(both.status).toBe(alone.status)
        expect(told(both)).toMatchObject({ ...named, attempts: "2" })
        expect(both.headers.get("x-gantry-lane")).not.toBeNull()
        const words = client.errorMessage(await alone.json())
        const message = `${words}; nor did b/m3 (overloaded, 503) answer`
        expect(client.errorMessage(await both.json())).toBe(message)
        expect(await recordOf(gateway, both)).toMatchObject({
          provider: "a",
          model: "real-m2",
          keyName: "spare",
          error: { message },
        })
      }
    }
  })

  test("of a caller's own mistake: the target that found it", async () => {
    await using down = await fakeUpstream({ script: failing(chat.voice, "server error") })
    await using strict = await fakeUpstream({ script: failing(chat.voice, "bad request") })
    await using gateway = await gatewayWith({
      providers: { a: provider(down.url), b: provider(strict.url) },
      client: { enable_logging: true },
    })
    const response = await post(gateway, chat, chat.body("a/m", { fallbacks: ["b/m2"] }))
    expect(response.status).toBe(400)
    expect(told(response)).toMatchObject({ provider: "b", model: "m2", attempts: "2" })
    expect(await response.text()).not.toContain("answer")
    expect(await recordOf(gateway, response)).toMatchObject({ provider: "b", model: "m2", error: { kind: "invalid-request" } })
  })

  test("of one that could not be asked at all, before others failed: that one", async () => {
    await using down = await fakeUpstream({ script: failing(chat.voice, "server error") })
    await using gateway = await gatewayWith({
      providers: { openai: {}, b: provider(down.url) },
      client: { enable_logging: true },
    })
    const response = await post(gateway, chat, chat.body("openai/m", { fallbacks: ["b/m2"] }))
    expect(response.status).toBe(502)
    expect(told(response)).toMatchObject({ provider: "openai", model: "m", "key-name": null, lane: null, attempts: "1" })
    expect(chat.errorMessage(await response.json())).toEndWith("; nor did b/m2 (server-error, 500) answer")
    const record = await recordOf(gateway, response)
    expect(record).toMatchObject({ provider: "openai", model: "m", tries: [{ provider: "b" }] })
    expect(record.keyName).toBeUndefined()
  })

  test("when tries run out: who was not asked any more", async () => {
    await using down = await fakeUpstream({ script: failing(chat.voice, "server error") })
    await using gateway = await gatewayWith({
      providers: { a: provider(down.url), b: provider(down.url) },
      routing: { max_tries: 1 },
    })
    const response = await post(gateway, chat, chat.body("a/m", { fallbacks: ["b/m2"] }))
    expect(chat.errorMessage(await response.json())).toEndWith("; nor did b/m2 (not asked: no tries left) answer")
  })

  test("where a fallback lacks the key that the call names: that it was not asked, and which keys were refused", async () => {
    await using refusing = await fakeUpstream({ script: failing(chat.voice, "unauthorized") })
    const keys = ["one", "two"].map((name) => ({ name, value: `sk-test-0123456789-${name}`, models: ["*"] }))
    await using gateway = await gatewayWith({ providers: { a: provider(refusing.url, { keys }), b: provider(refusing.url) } })
    const response = await post(gateway, chat, chat.body("a/m", { fallbacks: ["b/m2"] }), {
      headers: { "x-gantry-api-key": "one" },
    })
    const message = chat.errorMessage(await response.json())
    expect(message).toStartWith("every key of a that this call may use was refused: ")
    expect(message).toEndWith("; nor did b/m2 (not asked: no key found with name one at b) answer")
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
    const response = await post(gateway, chat, body)
    await response.text()
    expect((await recordOf(gateway, response)).route).toEqual([
      "a/m: named by prefix a/",
      "b/m3: fallback 1",
      "fallback wrokshop/m2 left out: no such provider",
    ])
  })

  test("without a model are named as they were, with how to name one", async () => {
    await using upstream = await fakeUpstream({ script: failing(chat.voice, "server error") })
    await using gateway = await gatewayWith({ providers: { a: provider(upstream.url) } })
    const response = await post(gateway, chat, chat.body("a/m", { fallbacks: ["gpt-9"] }))
    expect(response.headers.get("x-gantry-notices")).toBe("fallback-left-out gpt-9")
    const message = chat.errorMessage(await response.json())
    expect(message).toEndWith("; fallback gpt-9 left out: no such provider; a model is named as provider/model")
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
      const response = await post(gateway, client, client.body("mock/echo", { fallbacks: ["mock/lorem", "/nonsense"] }))
      expect(response.status).toBe(400)
      expect(client.errorMessage(await response.json())).toBe(
        'fallbacks holds "/nonsense", which is neither provider/model nor a provider',
      )
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
