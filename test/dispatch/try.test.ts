import { expect, test } from "bun:test"
import { fault, type GatewayFault } from "../../src/core/error.ts"
import type { ProviderEntry, Registry, Transport } from "../../src/core/registry.ts"
import type { Plan } from "../../src/dispatch/plan.ts"
import { streamReply } from "../../src/dispatch/stream.ts"
import { fetchSending } from "../../src/dispatch/transport.ts"
import { Try, type TryParts } from "../../src/dispatch/try.ts"
import { ResponseAnswer } from "../../src/lib/http1/answer.ts"
import { openaiChat } from "../../src/wires/openai-chat/index.ts"
import { sampleCall, sampleTarget } from "../plugins/sample-call.ts"

const fetchTransportOf = (answer: () => Response): Transport => ({
  send: () => fetchSending(async () => answer()),
  close: () => {},
})

function tryFor(signal: AbortSignal, callTotalMs = 60_000, transport?: Transport, call = callOf(signal)) {
  let released = 0
  const trying = new Try({
    call,
    target: sampleTarget,
    provider: {
      id: "p",
      keys: [],
      timeouts: { streamTotalMs: 60_000, unaryTotalMs: 60_000 },
      transport,
    } as unknown as ProviderEntry,
    key: { id: "k", name: "k" },
    plan: { stream: false, translation: { notices: () => [] }, route: { wire: {} } } as unknown as Plan,
    slot: { queueMs: 0, release: () => void released++ },
    registry: { limits: { callTotalMs, clientStallMs: 60_000 } } as unknown as Registry,
  } as unknown as TryParts)
  return { trying, call, released: () => released }
}

const callOf = (signal: AbortSignal) => sampleCall({ signal, started: performance.now() })

test("a client that left before its answer was ready settles it all the same", async () => {
  const leaving = new AbortController()
  const early = tryFor(leaving.signal)
  const late = tryFor(leaving.signal)
  const end = ({ trying }: typeof early) => trying.onAbandon(() => trying.settle({ end: "aborted", responseBytes: 0 }))
  end(early)
  expect(early.released()).toBe(0)
  leaving.abort()
  end(late)
  for (const { trying, released } of [early, late]) {
    expect((await trying.settled).end).toBe("aborted")
    expect(released()).toBe(1)
    expect(trying.stopped).toBeDefined()
  }
})

test("nothing is sent for a client that left between two tries", async () => {
  const leaving = new AbortController()
  let sent = 0
  const transport = fetchTransportOf(() => {
    sent += 1
    return new Response("{}")
  })
  const { trying, call } = tryFor(leaving.signal, 60_000, transport)
  await trying.send("http://p.test", { method: "POST", headers: new Headers() })
  trying.fail(fault("network", "broken").error)
  leaving.abort()
  const next = tryFor(leaving.signal, 60_000, transport, call)
  const asked = next.trying.send("http://p.test", { method: "POST", headers: new Headers() })
  expect(await asked.catch((error: GatewayFault) => error.error.kind)).toBe("cancelled")
  expect(sent).toBe(1)
  next.trying.fail(fault("cancelled", "the client closed the request").error)
  expect(next.released()).toBe(1)
})

test("the time a stream was held in silence is its vendor's, not ours", async () => {
  const call = sampleCall({ wire: openaiChat, started: performance.now() })
  const trying = new Try({
    call,
    target: sampleTarget,
    provider: {
      id: "p",
      keys: [],
      timeouts: { streamTotalMs: 60_000, firstByteMs: 60_000 },
      sendBack: { request: false, response: false },
    } as unknown as ProviderEntry,
    key: { id: "k", name: "k" },
    plan: { stream: true, relayAnswer: true, translation: { notices: () => [] }, route: { wire: openaiChat } } as unknown as Plan,
    slot: { queueMs: 0, release: () => {} },
    registry: { limits: { callTotalMs: 60_000, clientStallMs: 60_000 } } as unknown as Registry,
  } as unknown as TryParts)
  const replied = streamReply(trying, new ResponseAnswer(new Response(new ReadableStream())))
  await Bun.sleep(50)
  trying.watch.quiet()
  expect((await replied).status).toBe(200)
  expect(call.trail.waitedMs).toBeGreaterThan(0)
  expect(trying.watch.waiting).toBe(0)
  trying.settle({ end: "aborted", responseBytes: 0 })
})

test("an answer that nobody ever reads is over when its time is", async () => {
  const { trying, released } = tryFor(new AbortController().signal, 20)
  trying.onAbandon(() => trying.settle({ end: "aborted", responseBytes: 0 }))
  expect((await trying.settled).end).toBe("aborted")
  expect(released()).toBe(1)
  expect(trying.stopped).toBeDefined()
})

test("a reply that is cancelled lets its upstream go and settles, once", async () => {
  const { trying, released } = tryFor(new AbortController().signal)
  const reply = trying.reply(200, {}, new Uint8Array())
  trying.onAbandon(() => trying.settle({ end: "aborted", responseBytes: 0 }))
  reply.cancel()
  reply.cancel()
  expect((await reply.settled).end).toBe("aborted")
  expect(trying.stopped).toBeDefined()
  expect(released()).toBe(1)
})
