import { expect, test } from "bun:test"
import type { CallRecord } from "../../src/core/record.ts"
import { rawServer, withLength } from "../lib/http1/raw-server.ts"
import { chat, gatewayWith, post, provider } from "./gateway.ts"

test("a request that met the end of a kept connection and was sent again says so in its try", async () => {
  const answer = withLength(JSON.stringify(chat.voice.body({ text: "hello" })), "content-type: application/json")
  await using server = await rawServer(async (peer) => {
    await peer.request()
    await peer.write(answer)
    if (await peer.request()) peer.end()
  })
  await using gateway = await gatewayWith({ providers: { shop: provider(server.url) }, client: { enable_logging: true } })
  for (const expected of [undefined, true] as const) {
    const response = await post(gateway, chat, chat.body("shop/m"))
    expect(response.status).toBe(200)
    expect(response.headers.get("x-gantry-attempts")).toBe("1")
    const { tries } = await recordOf(gateway.url, response.headers.get("x-gantry-request-id") ?? "")
    expect(tries).toHaveLength(1)
    expect(tries[0]?.resent).toBe(expected)
  }
  expect(server.peers.length).toBe(2)
  expect(await (await fetch(`${gateway.url}/metrics`)).text()).toContain('gantry_upstream_resent_total{provider="shop"} 1')
})

/** The call's entry in the log, once it is there. */
async function recordOf(url: string, id: string): Promise<CallRecord> {
  for (;;) {
    const response = await fetch(`${url}/api/logs/${id}`)
    if (response.ok) return ((await response.json()) as { record: CallRecord }).record
    await Bun.sleep(20)
  }
}
