import { describe, expect, test } from "bun:test"
import { fault } from "../../src/core/error.ts"
import type { ProviderEntry, Registry } from "../../src/core/registry.ts"
import type { Wire } from "../../src/core/wire.ts"
import type { Plan } from "../../src/dispatch/plan.ts"
import { streamReply } from "../../src/dispatch/stream.ts"
import { Try, type TryParts } from "../../src/dispatch/try.ts"
import { Exchange } from "../../src/lib/http1/exchange.ts"
import { ResponseHead } from "../../src/lib/http1/response-head.ts"
import { openaiChat } from "../../src/wires/openai-chat/index.ts"
import { sampleCall, sampleTarget } from "../plugins/sample-call.ts"

/** A streamed reply of which the first words are there, and the upstream's end of it. */
async function begun(upstream: Wire = openaiChat) {
  const trying = new Try({
    call: sampleCall({ wire: openaiChat, started: performance.now() }),
    target: sampleTarget,
    provider: {
      id: "p",
      keys: [],
      timeouts: { streamTotalMs: 60_000, firstByteMs: 60_000, idleMs: 60_000 },
      sendBack: { request: false, response: false },
    } as unknown as ProviderEntry,
    key: { id: "k", name: "k" },
    plan: { stream: true, relayAnswer: true, translation: { notices: () => [] }, route: { wire: upstream } } as unknown as Plan,
    slot: { queueMs: 0, release: () => {} },
    registry: {
      limits: { callTotalMs: 60_000, clientStallMs: 60_000, keepAliveMs: 0 },
      providers: new Map(),
    } as unknown as Registry,
  } as unknown as TryParts)
  const exchange = new Exchange({ head: "", headEnd: "", body: [] })
  exchange.begin(new ResponseHead("HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n"))
  const say = (text: string) => exchange.push(Buffer.from(text))
  say(words("first"))
  const reply = await streamReply(trying, exchange)
  return { say, exchange, trying, told: () => new Response(reply.body as BodyInit).text() }
}

const words = (content: string) => `data: {"choices":[{"index":0,"delta":{"content":"${content}"}}]}\n\n`
const refusal = 'data: {"error":{"type":"server_error","code":null,"param":null,"message":"broke"}}\n\n'

describe("a stream that says an error", () => {
  test("ends with it, whatever has come after it", async () => {
    const { say, exchange, trying, told } = await begun()
    say(refusal)
    say(words("after"))
    exchange.end()
    expect(await told()).toBe(words("first") + refusal)
    expect(trying.outcome).toMatchObject({ end: "error", error: { message: "broke" } })
  })
})

describe("a stream that cannot be read on", () => {
  const broken = (): Wire => ({
    ...openaiChat,
    stream: {
      ...openaiChat.stream,
      tap: () => {
        const tap = openaiChat.stream.tap()
        return {
          push(frame) {
            if (frame.data.includes("odd")) throw new Error("not understood")
            return tap.push(frame)
          },
          flush() {
            throw new Error("nor is its end")
          },
        }
      },
    },
  })

  test("ends in one error, and nothing is thrown at the connection", async () => {
    const { say, exchange, trying, told } = await begun(broken())
    const heard = told()
    await Bun.sleep(0)
    say(words("odd"))
    exchange.end()
    const text = await heard
    expect(text.startsWith(words("first"))).toBe(true)
    expect(text.match(/"error":/g)).toHaveLength(1)
    expect(trying.outcome?.end).toBe("truncated")
  })

  test("nor when it breaks off", async () => {
    const { exchange, trying, told } = await begun(broken())
    const heard = told()
    await Bun.sleep(0)
    exchange.fail(fault("timeout", "too late"))
    expect(await heard).toContain("too late")
    expect(trying.outcome).toMatchObject({ end: "error", error: { kind: "timeout" } })
  })
})
