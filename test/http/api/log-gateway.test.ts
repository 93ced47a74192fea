import { expect, test } from "bun:test"
import type { LogEntryView } from "../../../src/http/api/log-entry.ts"
import type { LogsView } from "../../../src/http/api/types.ts"
import { chat, gatewayWith, messages, post, provider } from "../../dispatch/gateway.ts"
import { fakeUpstream } from "../../support/upstream.ts"

test("the log of a running gateway: by provider and model, with times of a microsecond", async () => {
  await using gateway = await gatewayWith({
    client: { enable_logging: true },
    providers: { mock: { network_config: { max_retries: 0 } } },
  })
  for (const stream of [undefined, true])
    await (await post(gateway, chat, chat.body("mock/error-500", { stream, fallbacks: ["mock/echo"] }))).text()
  const list = async (query: string) => {
    const response = await fetch(`${gateway.url}/api/logs?${query}`)
    expect(response.status).toBe(200)
    return ((await response.json()) as LogsView).logs
  }
  const found = await list(`models=mock/echo&start_time=${Math.floor(Date.now() / 1_000) - 60}`)
  expect(found).toHaveLength(2)
  expect(await list("models=other/echo")).toEqual([])
  for (const { tries } of found) {
    expect(tries).toHaveLength(2)
    for (const { startMs, endMs, queueMs } of tries)
      for (const ms of [startMs, endMs, queueMs]) expect(String(ms)).toMatch(/^\d+(\.\d{1,3})?$/)
  }
})

test("a key that a streamed answer spells out is not shown, relayed or translated", async () => {
  const key = "sk-test-0123456789abcdef"
  const pieces = ["It is s", "k-te", "st-", "0123456", "", "789ab", "cdef."]
  const chunk = (delta: object, finish: string | null = null) =>
    `data: ${JSON.stringify({ id: "c", object: "chat.completion.chunk", choices: [{ index: 0, delta, finish_reason: finish }] })}\n\n`
  await using upstream = await fakeUpstream({
    script: async (writer) => {
      writer.head(200, { "content-type": "text/event-stream" })
      for (const content of pieces) await writer.write(chunk({ content }))
      await writer.write(`${chunk({}, "stop")}data: [DONE]\n\n`)
      await writer.end()
    },
  })
  await using gateway = await gatewayWith({ client: { enable_logging: true }, providers: { only: provider(upstream.url) } })
  for (const client of [chat, messages]) {
    const response = await post(gateway, client, client.body("only/m", { stream: true }))
    const id = response.headers.get("x-gantry-request-id")
    await response.text()
    const { payloads } = (await (await fetch(`${gateway.url}/api/logs/${id}`)).json()) as LogEntryView
    const answer = payloads.find(({ side }) => side === "client-response")
    expect(JSON.stringify(answer?.decoded)).toContain(`"It is ${"*".repeat(key.length)}."`)
    for (const piece of ["k-te", "0123456", "789ab"]) expect(answer?.text).not.toContain(piece)
  }
})
