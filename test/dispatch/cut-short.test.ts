import { expect, test } from "bun:test"
import type { StatusView } from "../../src/http/api/types.ts"
import { stall } from "../support/upstream/faults.ts"
import { json } from "../support/upstream/well-formed.ts"
import { fakeUpstream } from "../support/upstream.ts"
import { chat, gatewayWith, post, provider } from "./gateway.ts"

test("calls that wait for their turn when the gateway ends are told so too", async () => {
  await using upstream = await fakeUpstream()
  upstream.on(({ method }) => (method === "POST" ? stall() : json(404, {})))
  const more = { concurrency_and_buffer_size: { concurrency: 1, buffer_size: 20 } }
  await using gateway = await gatewayWith({ providers: { slow: provider(upstream.url, { more }) } })
  const asked = Array.from({ length: 12 }, () => post(gateway, chat, chat.body("slow/m")))
  const active = async () => ((await (await fetch(`${gateway.url}/api/status`)).json()) as StatusView).totals.active
  while ((await active()) < asked.length) await new Promise(setImmediate)
  await gateway.gateway.cutShort()
  const answers = await Promise.all(asked)
  const said = await Promise.all(answers.map(async (answer) => chat.errorMessage(await answer.json())))
  expect(said).toEqual(asked.map(() => "the gateway is shutting down and did not wait for this answer"))
})
