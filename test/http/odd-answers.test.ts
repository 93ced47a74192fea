import { afterAll, beforeAll, describe, expect, test } from "bun:test"
import fc from "fast-check"
import { type ClientWire, clients, post } from "../dispatch/gateway.ts"
import type { Turn, Voice } from "../support/answers/turn.ts"
import type { Answer } from "../support/upstream/exchange.ts"
import { renderFrames } from "../support/upstream/well-formed.ts"
import { directions, type Lanes, openLanes } from "./lanes.ts"

let lanes: Lanes
beforeAll(async () => {
  lanes = await openLanes()
})
afterAll(() => lanes[Symbol.asyncDispose]())

const turn: Turn = {
  reasoning: { text: "Hm, 東京.", seal: "c2VhbA==" },
  text: "It rains 🌧️ there.",
  calls: [
    { id: "call_1", name: "look", input: '{"city":"Bern"}' },
    { id: "call_2", name: "look", input: "{}" },
  ],
}

const voiceOf = (id: string): Voice => {
  const wire = clients.find((client) => client.id === id)
  if (!wire) throw new Error(`no voice for ${id}`)
  return wire.voice
}

type Damage = { readonly at: number; readonly take: number; readonly put: Uint8Array | "again" }

const damage: fc.Arbitrary<Damage> = fc.record({
  at: fc.nat(100_000),
  take: fc.oneof(fc.constant(0), fc.nat(40), fc.nat(2_000)),
  put: fc.oneof(
    fc.constant("again" as const),
    fc.uint8Array({ maxLength: 5 }),
    fc
      .constantFrom("\n\n", "data: ", "null", "[]", "{}", '"', "\\", "}}", "event: error\n", "data: [DONE]\n\n", "\u0000")
      .map((text) => Buffer.from(text)),
  ),
})

function damaged(bytes: Buffer, all: readonly Damage[]): Buffer {
  return all.reduce((whole, { at, take, put }) => {
    const from = whole.length === 0 ? 0 : at % whole.length
    const gone = whole.subarray(from, from + take)
    return Buffer.concat([
      whole.subarray(0, from),
      put === "again" ? Buffer.concat([gone, gone]) : put,
      whole.subarray(from + take),
    ])
  }, bytes)
}

const serve = (body: Uint8Array, type: string, size: number): Answer => {
  return async (writer) => {
    writer.head(200, { "content-type": type })
    for (let at = 0; at < body.length && !writer.gone.aborted; at += size) await writer.write(body.subarray(at, at + size))
    await writer.end()
  }
}

/** An error of the wire, or a stream that ends as the wire's streams end, or in an error. */
async function expectSense(client: ClientWire, response: Response): Promise<void> {
  const text = await response.text()
  expect(text).not.toContain("the gateway failed")
  if (!(response.headers.get("content-type") ?? "").includes("event-stream")) {
    if (response.status === 200) return void JSON.parse(text)
    expect(response.status).toBeGreaterThanOrEqual(400)
    return expect(client.errorMessage(JSON.parse(text)), text.slice(0, 300)).toBeString()
  }
  expect(response.status).toBe(200)
  expect(text, text.slice(-600)).toMatch(
    /\[DONE\]|finish_reason"\s*:\s*"|message_stop|response\.(completed|incomplete|failed)|"error"|event: error/,
  )
}

describe("whatever a vendor's answer is turned into, the caller gets an answer, an error or both", () => {
  for (const [client, upstream] of directions) {
    const voice = voiceOf(upstream)
    const whole = Buffer.from(renderFrames(voice.frames(turn)))

    test(`${client.id} over ${upstream}, streamed`, async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(damage, { minLength: 1, maxLength: 3 }), fc.constantFrom(1 << 20, 97), async (all, size) => {
          lanes.upstreams.get(upstream)?.use(serve(damaged(whole, all), "text/event-stream", size))
          await expectSense(client, await post(lanes.gateway, client, client.body(`${upstream}/m`, { stream: true })))
        }),
        { numRuns: 60 },
      )
    })

    const body = Buffer.from(JSON.stringify(voice.body(turn)))
    test(`${client.id} over ${upstream}, whole`, async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(damage, { minLength: 1, maxLength: 2 }), async (all) => {
          lanes.upstreams.get(upstream)?.use(serve(damaged(body, all), "application/json", 1 << 20))
          await expectSense(client, await post(lanes.gateway, client, client.body(`${upstream}/m`)))
        }),
        { numRuns: 60 },
      )
    })
  }
})
