import { describe, expect, test } from "bun:test"
import { reply } from "../support/answers/turn.ts"
import type { Answer } from "../support/upstream/exchange.ts"
import { fakeUpstream } from "../support/upstream.ts"
import { chat, clients, gatewayWith, post, provider } from "./gateway.ts"

/** A vendor that answers as many requests as it was told to. */
async function slowVendor() {
  const waiting: (() => void)[] = []
  let allowed = 0
  let running = 0
  let most = 0
  const answer: Answer = async (writer, request) => {
    running += 1
    most = Math.max(most, running)
    if (allowed > 0) allowed -= 1
    else await new Promise<void>((resolve) => waiting.push(resolve))
    running -= 1
    await reply(chat.voice, request.json(), { text: `for ${request.json().user}` })(writer, request)
  }
  const upstream = await fakeUpstream({ script: answer })
  const next = () => {
    const resume = waiting.shift()
    if (resume) resume()
    else allowed += 1
  }
  return { upstream, next, most: () => most }
}

async function gate(concurrency: number, buffer: number, rest: object = {}, fallback?: string) {
  const { upstream, next, most } = await slowVendor()
  const limits = { concurrency_and_buffer_size: { concurrency, buffer_size: buffer } }
  const other = await fakeUpstream({ script: { on: (request) => reply(chat.voice, request.json(), { text: "from the other" }) } })
  const gateway = await gatewayWith({
    providers: { gate: provider(upstream.url, { more: limits }), other: provider(other.url) },
    ...rest,
  })
  const ask = (user: string, init: RequestInit = {}) =>
    post(gateway, chat, chat.body("gate/m", { user, ...(fallback !== undefined && { fallbacks: [fallback] }) }), init)
  return {
    upstream,
    next,
    most,
    ask,
    gateway,
    async [Symbol.asyncDispose]() {
      await gateway[Symbol.asyncDispose]()
      await upstream.stop()
      await other.stop()
    },
  }
}

describe("a provider's slots", () => {
  test("calls wait for one, and all are answered", async () => {
    await using one = await gate(2, 10)
    const answers = Array.from({ length: 8 }, (_, index) => one.ask(`user ${index}`))
    await one.upstream.received(1)
    for (let turn = 0; turn < 8; turn++) {
      await one.upstream.received(turn)
      one.next()
    }
    for (const [index, answer] of answers.entries()) expect(await (await answer).text()).toContain(`for user ${index}`)
    expect(one.most()).toBe(2)
  })

  test("waiting too long is 503 with a time to come back", async () => {
    await using one = await gate(1, 10, { routing: { queue_wait_in_seconds: 0.1 } })
    const first = one.ask("1")
    await one.upstream.received(0)
    for (const wire of clients) {
      const response = await post(one.gateway, wire, wire.body("gate/m"))
      expect(response.status).toBe(503)
      expect(Number(response.headers.get("retry-after"))).toBeGreaterThan(0)
      expect(wire.errorMessage(await response.json())).toContain("queue is full")
    }
    expect(one.upstream.requests.length).toBe(1)
    one.next()
    expect((await first).status).toBe(200)
  })

  test("a full queue is 503 at once, or goes to the fallback", async () => {
    for (const fallback of [undefined, "other/m"]) {
      await using one = await gate(1, 1, { client: { drop_excess_requests: true } }, fallback)
      const first = one.ask("1")
      await one.upstream.received(0)
      const second = await one.ask("2")
      expect(second.status).toBe(fallback === undefined ? 503 : 200)
      if (fallback !== undefined) expect(await second.text()).toContain("from the other")
      one.next()
      expect((await first).status).toBe(200)
    }
  })

  test("who leaves while waiting takes no slot", async () => {
    await using one = await gate(1, 10)
    const first = one.ask("1")
    await one.upstream.received(0)
    const leaving = new AbortController()
    const second = one.ask("2", { signal: leaving.signal }).catch(() => "left")
    await (await fetch(`${one.gateway.url}/health`)).text()
    const third = one.ask("3")
    leaving.abort()
    expect(await second).toBe("left")
    for (let turn = 0; turn < 3; turn++) one.next()
    expect((await first).status).toBe(200)
    expect((await third).status).toBe(200)
    // if its place came free before the gateway heard of its leaving, its vendor has heard of it since
    for (const request of one.upstream.requests) if (request.json().user === "2") expect(await request.ended).toBe("aborted")
  })
})
