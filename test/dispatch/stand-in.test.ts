import { describe, expect, test } from "bun:test"
import { unary } from "../support/answers/turn.ts"
import { fakeUpstream } from "../support/upstream.ts"
import { chat, clients, gatewayWith, post, provider } from "./gateway.ts"

describe("the mock", () => {
  test("fails as it is asked to, and answers the next call", async () => {
    await using gateway = await gatewayWith({ providers: { mock: {} } })
    for (const [model, status] of [
      ["error-401", 401],
      ["error-429", 429],
      ["error-500", 500],
    ] as const) {
      const failed = await post(gateway, chat, chat.body(`mock/${model}`))
      expect(failed.status).toBe(status)
      const next = await post(gateway, chat, chat.body("mock/echo"))
      expect(await next.text()).toContain("hello")
    }
  })
})

test.each(clients)("the mock refuses a body that is no JSON inside: $id", async (voice) => {
  await using gateway = await gatewayWith({ providers: { mock: {} } })
  const body = JSON.stringify(voice.body("mock/echo", { metadata: { a: "b" } })).replace('"b"', '"b",')
  const response = await fetch(`${gateway.url}${voice.path}`, { method: "POST", body })
  expect(response.status).toBe(400)
  expect(await response.text()).toContain("not valid JSON")
})

describe("a slip in a provider's name", () => {
  test("is told, not sent to the only provider there is", async () => {
    await using upstream = await fakeUpstream({ script: unary(chat.voice, { text: "never" }) })
    await using gateway = await gatewayWith({ providers: { workshop: provider(upstream.url), mock: {} } })
    for (const model of ["workshp/tiny", "mock"]) {
      const response = await post(gateway, chat, chat.body(model))
      expect(response.status).toBe(404)
      if (model.includes("/")) expect(await response.text()).toContain("workshop/tiny")
    }
    expect(upstream.requests.length).toBe(0)
    expect((await post(gateway, chat, chat.body("some-model"))).status).toBe(200)
    expect((await post(gateway, chat, chat.body("vendor/some-model"))).status).toBe(200)
  })
})
