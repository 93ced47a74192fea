import { describe, expect, test } from "bun:test"
import { deadlineFault } from "../../src/dispatch/deadline-fault.ts"
import * as faults from "../support/upstream/faults.ts"
import { renderFrames } from "../support/upstream/well-formed.ts"
import { fakeUpstream } from "../support/upstream.ts"
import { type ClientWire, chat, clients, gatewayWith, post, provider } from "./gateway.ts"

const timeouts = { connectMs: 5_000, firstByteMs: 120_000, idleMs: 30_500, unaryTotalMs: 600_000, streamTotalMs: 700_000 }
const limits = { provider: "shop", timeouts, stream: true, callTotalMs: 900_000, leftMs: 900_000, clientStallMs: 120_000 }

test("each deadline says how long was waited, and which setting has it so", () => {
  const told = (...args: Parameters<typeof deadlineFault>) => deadlineFault(...args).error.message
  const whole = { ...limits, stream: false }
  const late = { ...limits, leftMs: 1_000 }
  expect([
    told("connect", limits),
    told("first-byte", limits),
    told("idle", limits),
    told("total", limits),
    told("total", whole),
    told("total", late),
    told("client-stall", limits),
  ]).toEqual([
    "shop did not accept a connection within 5 s (set by network_config.connect_timeout_in_seconds)",
    "shop sent nothing of its stream within 120 s (set by network_config.first_byte_timeout_in_seconds)",
    "shop sent nothing more within 30.5 s (set by network_config.stream_idle_timeout_in_seconds)",
    "shop did not finish its answer within 700 s (set by network_config.total_timeout_in_seconds)",
    "shop did not finish its answer within 600 s (set by network_config.default_request_timeout_in_seconds)",
    "the call, all of its tries together, did not end within 900 s (set by routing.total_timeout_in_seconds)",
    "the client took nothing for 120 s",
  ])
})

describe("callers read it, in every format", () => {
  const one = { total_timeout_in_seconds: 1 }
  const cases = [
    [false, { default_request_timeout_in_seconds: 1 }, {}, "1 s (set by network_config.default_request_timeout_in_seconds)"],
    [true, { first_byte_timeout_in_seconds: 1 }, {}, "1 s (set by network_config.first_byte_timeout_in_seconds)"],
    [true, one, {}, "1 s (set by network_config.total_timeout_in_seconds)"],
    [false, {}, one, "1 s (set by routing.total_timeout_in_seconds)"],
  ] as const
  for (const [stream, network, routing, words] of cases)
    test(words, async () => {
      await using upstream = await fakeUpstream({ script: faults.hang() })
      await using gateway = await gatewayWith({ providers: { shop: provider(upstream.url, { network }) }, routing })
      const ask = async (client: ClientWire) => {
        const response = await post(gateway, client, client.body("shop/m", { stream }))
        expect(response.status).toBe(504)
        return client.errorMessage(await response.json())
      }
      for (const message of await Promise.all(clients.map(ask))) expect(message).toEndWith(words)
    })

  test("in mid-stream", async () => {
    const frames = chat.voice.frames({ text: "one two three" }).slice(0, 3)
    await using upstream = await fakeUpstream({ script: faults.stall(frames) })
    const network = { stream_idle_timeout_in_seconds: 5 }
    await using gateway = await gatewayWith({ providers: { shop: provider(upstream.url, { network }) } })
    const response = await post(gateway, chat, chat.body("shop/m", { stream: true }))
    const text = await response.text()
    expect(text).toStartWith(renderFrames(frames.slice(0, 1)).toString().slice(0, 20))
    expect(text).toContain("shop sent nothing more within 5 s (set by network_config.stream_idle_timeout_in_seconds)")
  }, 20_000)
})
