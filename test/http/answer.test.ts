import { expect, test } from "bun:test"
import { chat, gatewayWith, post, provider } from "../dispatch/gateway.ts"
import { unary } from "../support/answers/turn.ts"
import { fakeUpstream } from "../support/upstream.ts"

test("a provider's name need not fit into a header", async () => {
  await using upstream = await fakeUpstream({ script: unary(chat.voice, { text: "fine" }) })
  await using gateway = await gatewayWith({ providers: { 日本: provider(upstream.url) } })
  for (const stream of [false, true]) {
    const response = await post(gateway, chat, chat.body("日本/m", { stream: stream || undefined }))
    expect(response.status).toBe(200)
    expect(response.headers.get("x-gantry-provider")).toBe("??")
    expect(await response.text()).toContain("fine")
  }
})

test("a redirect with JSON in it is a failure of the upstream, not an answer", async () => {
  await using upstream = await fakeUpstream({
    script: async (writer) => {
      writer.head(307, { "content-type": "application/json", location: "http://127.0.0.1:1/elsewhere" })
      await writer.write("{}")
      await writer.end()
    },
  })
  await using gateway = await gatewayWith({ providers: { only: provider(upstream.url) } })
  const response = await post(gateway, chat, chat.body("only/m"), { redirect: "manual" })
  expect(response.status).toBe(502)
  expect(chat.errorMessage(await response.json())).toContain("status 307")
})

test("a header to be added that has no name is passed over", async () => {
  await using upstream = await fakeUpstream({ script: unary(chat.voice, { text: "fine" }) })
  await using gateway = await gatewayWith({ providers: { only: provider(upstream.url) } })
  const response = await post(gateway, chat, chat.body("only/m"), { headers: { "x-bf-eh-": "nameless", "x-bf-eh-x-b": "named" } })
  expect(response.status).toBe(200)
  expect(upstream.requests[0]?.headers.get("x-b")).toBe("named")
})
