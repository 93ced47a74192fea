import { expect, test } from "bun:test"
import type { LogsView } from "../../../src/http/api/types.ts"
import { chat, gatewayWith, post } from "../../dispatch/gateway.ts"

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
