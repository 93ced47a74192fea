import { describe, expect, test } from "bun:test"
import type { ProviderEntry } from "../../src/core/registry.ts"
import { stalledClient } from "../support/stalled-client.ts"
import type { Answer } from "../support/upstream/exchange.ts"
import { pause } from "../support/upstream/exchange.ts"
import { endlessSse, renderFrames } from "../support/upstream/well-formed.ts"
import { fakeUpstream } from "../support/upstream.ts"
import { type ClientWire, chat, clients, gatewayWith, messages, post, provider, type TestGateway } from "./gateway.ts"

const turn = { text: "one two three four five six" }

/** Frames up to a place, a silence, the rest. */
const interrupted = (wire: ClientWire, count: number, quietMs: number): Answer => {
  const frames = wire.voice.frames(turn)
  return async (writer) => {
    writer.head(200, { "content-type": "text/event-stream" })
    await writer.write(renderFrames(frames.slice(0, count)))
    await pause(quietMs, writer.gone)
    await writer.write(renderFrames(frames.slice(count)))
    await writer.end()
  }
}

const base = (wire: ClientWire) => (wire === messages ? ("anthropic" as const) : ("openai" as const))

/** Shorter than a file may say. */
function withIdleLimit({ gateway }: TestGateway, idleMs: number): void {
  const providers = gateway.registry.providers as Map<string, ProviderEntry>
  for (const [id, entry] of providers) providers.set(id, { ...entry, timeouts: { ...entry.timeouts, idleMs } })
}

async function stream(wire: ClientWire, answer: Answer, client: object): Promise<string> {
  await using upstream = await fakeUpstream({ script: answer })
  await using gateway = await gatewayWith({ providers: { only: provider(upstream.url, { base: base(wire) }) }, client })
  const body = wire.body("only/m", { stream: true, ...(wire === chat && { stream_options: { include_usage: true } }) })
  return (await post(gateway, wire, body)).text()
}

describe("a stream that falls silent", () => {
  for (const wire of clients) {
    const whole = renderFrames(wire.voice.frames(turn))

    test(`${wire.id}: is kept alive by comments between frames, and nothing else is changed`, async () => {
      const told = await stream(wire, interrupted(wire, 7, 400), { stream_keep_alive_seconds: 0.1 })
      expect(told.match(/^: ?keep-alive$/gm)?.length ?? 0).toBeGreaterThanOrEqual(2)
      expect(told.replaceAll(/: ?keep-alive\n\n/g, "")).toBe(whole)
    })

    test(`${wire.id}: gets none before its first words, and none where they are switched off`, async () => {
      expect(await stream(wire, interrupted(wire, 1, 300), { stream_keep_alive_seconds: 0.1 })).toBe(whole)
      expect(await stream(wire, interrupted(wire, 7, 300), { stream_keep_alive_seconds: 0 })).toBe(whole)
    })

    test(`${wire.id}: for longer than is allowed, it ends in an error`, async () => {
      await using upstream = await fakeUpstream({ script: interrupted(wire, wire === chat ? 4 : 7, 60_000) })
      await using gateway = await gatewayWith({
        providers: { only: provider(upstream.url, { base: base(wire) }) },
      })
      withIdleLimit(gateway, 200)
      const response = await post(gateway, wire, wire.body("only/m", { stream: true }))
      const told = await response.text()
      expect(told).toContain("one")
      expect(told).toMatch(/"error"|event: error/)
      expect(told).not.toContain("six")
      expect(await upstream.requests[0]?.ended).toBe("aborted")
    })
  }
})

for (const wire of clients) {
  test(`${wire.id}: cut within a frame, whole frames go through and the error can be read`, async () => {
    const whole = Buffer.from(renderFrames(wire.voice.frames(turn).slice(0, 7)))
    const cut: Answer = async (writer) => {
      writer.head(200, { "content-type": "text/event-stream" })
      await writer.write(whole.subarray(0, whole.length - 20))
      await writer.end()
    }
    await using upstream = await fakeUpstream({ script: cut })
    await using gateway = await gatewayWith({ providers: { only: provider(upstream.url, { base: base(wire) }) } })
    const usage = wire === chat && { stream_options: { include_usage: true } }
    const told = await (await post(gateway, wire, wire.body("only/m", { stream: true, ...usage }))).text()
    const data = [...told.matchAll(/^data: (.*)$/gm)].map(([, text]) => JSON.parse(text ?? "") as object)
    expect(JSON.stringify(data.at(-1))).toContain("before it was complete")
    const lastWhole = whole.lastIndexOf("\n\n", whole.length - 3) + 2
    expect(told.startsWith(whole.subarray(0, lastWhole).toString())).toBe(true)
  })
}

test("keep-alives do not make a dead upstream look alive", async () => {
  await using upstream = await fakeUpstream({ script: interrupted(chat, 4, 60_000) })
  await using gateway = await gatewayWith({
    providers: { only: provider(upstream.url) },
    client: { stream_keep_alive_seconds: 0.1 },
  })
  withIdleLimit(gateway, 350)
  const told = await (await post(gateway, chat, chat.body("only/m", { stream: true }))).text()
  expect(told).toContain("keep-alive")
  expect(told).toContain("sent nothing more within 0.35 s")
  expect(await upstream.requests[0]?.ended).toBe("aborted")
})

test("one JSON body for a streamed request is told as a stream that ends well", async () => {
  const whole: Answer = async (writer) => {
    writer.head(200, { "content-type": "application/json" })
    await writer.write(JSON.stringify(chat.voice.body(turn)))
    await writer.end()
  }
  await using upstream = await fakeUpstream({ script: whole })
  await using gateway = await gatewayWith({ providers: { only: provider(upstream.url) } })
  for (const wire of [chat, messages]) {
    const told = await (await post(gateway, wire, wire.body("only/m", { stream: true }))).text()
    expect(told).toContain("six")
    expect(told).not.toMatch(/"error"|event: error/)
  }
  const counted = await (await fetch(`${gateway.url}/metrics`)).text()
  expect(counted).toMatch(/^bifrost_success_requests_total\{.*\} 2$/m)
})

test("a client that stops reading is hung up on, and its slot is free again", async () => {
  const filler = { data: { choices: [{ index: 0, delta: { content: "x".repeat(16_000) } }] } }
  await using upstream = await fakeUpstream({ script: endlessSse(chat.voice.frames(turn).slice(0, 3), filler, 0) })
  const limits = { concurrency_and_buffer_size: { concurrency: 1, buffer_size: 1 } }
  await using gateway = await gatewayWith({
    providers: { only: provider(upstream.url, { more: limits }) },
    routing: { queue_wait_in_seconds: 0 },
  })
  Object.assign(gateway.gateway.registry.limits, { clientStallMs: 300 })
  const socket = stalledClient(gateway.url, chat.path, chat.body("only/m", { stream: true }))
  const closed = new Promise<void>((resolve) => socket.once("close", () => resolve()))
  const request = await upstream.received(0)
  expect((await post(gateway, chat, chat.body("only/m"))).status).toBe(503)
  expect(await request.ended).toBe("aborted")
  upstream.use(async (writer) => {
    writer.head(200, { "content-type": "application/json" })
    await writer.write(JSON.stringify(chat.voice.body(turn)))
    await writer.end()
  })
  expect((await post(gateway, chat, chat.body("only/m"))).status).toBe(200)
  socket.resume()
  await closed
}, 20_000)

test("a client that reads slowly is not hung up on, and holds the vendor back", async () => {
  const filler = { data: { choices: [{ index: 0, delta: { content: "y".repeat(16_000) } }] } }
  let sent = 0
  const paced: Answer = async (writer) => {
    writer.head(200, { "content-type": "text/event-stream" })
    await writer.write(renderFrames(chat.voice.frames(turn).slice(0, 3)))
    while (!writer.gone.aborted && sent < 200 << 20) {
      await writer.write(renderFrames([filler]))
      sent += 16_000
    }
  }
  await using upstream = await fakeUpstream({ script: paced })
  await using gateway = await gatewayWith({ providers: { only: provider(upstream.url) } })
  Object.assign(gateway.gateway.registry.limits, { clientStallMs: 2_000 })
  const leaving = new AbortController()
  const response = await post(gateway, chat, chat.body("only/m", { stream: true }), { signal: leaving.signal })
  const reader = response.body?.getReader()
  const began = performance.now()
  let got = 0
  while (performance.now() - began < 3_000) {
    got += (await reader?.read())?.value?.length ?? 0
    await Bun.sleep(100)
  }
  expect(got).toBeGreaterThan(0)
  expect(upstream.requests[0]?.aborted).toBe(false)
  // what the sockets' buffers hold on the way, and not much more
  expect(sent - got).toBeLessThan(64 << 20)
  leaving.abort()
  expect(await upstream.requests[0]?.ended).toBe("aborted")
}, 20_000)
