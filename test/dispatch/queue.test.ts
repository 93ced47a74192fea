import { describe, expect, test } from "bun:test"
import { reply } from "../support/answers/turn.ts"
import { closing } from "../support/closing.ts"
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
  const limits = (slots: number, places: number) => ({ concurrency_and_buffer_size: { concurrency: slots, buffer_size: places } })
  const other = await fakeUpstream({ script: { on: (request) => reply(chat.voice, request.json(), { text: "from the other" }) } })
  const config = (slots: number, places: number) => ({
    providers: { gate: provider(upstream.url, { more: limits(slots, places) }), other: provider(other.url) },
    ...rest,
  })
  const gateway = await gatewayWith(config(concurrency, buffer))
  const load = async () => {
    const text = await (await fetch(`${gateway.url}/metrics`)).text()
    const gauge = (name: string) => Number(new RegExp(`^${name}\\{provider="gate"\\} (\\d+)$`, "m").exec(text)?.[1] ?? 0)
    return { running: gauge("gantry_provider_running_requests"), waiting: gauge("gantry_provider_waiting_requests") }
  }
  const ask = (user: string, init: RequestInit = {}) =>
    post(gateway, chat, chat.body("gate/m", { user, ...(fallback !== undefined && { fallbacks: [fallback] }) }), init)
  return closing(
    {
      upstream,
      next,
      most,
      ask,
      gateway,
      load,
      /** Until so many are in line. */
      async waiting(count: number) {
        while ((await load()).waiting !== count) await Bun.sleep(5)
      },
      async limit(slots: number, places: number) {
        await gateway.write(config(slots, places))
        await gateway.gateway.reload()
      },
    },
    gateway,
    upstream,
    other,
  )
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

  test("a full queue is 503 at once where excess is dropped; with a fallback it goes there in any case", async () => {
    for (const [drop, fallback] of [
      [true, undefined],
      [true, "other/m"],
      [false, "other/m"],
    ] as const) {
      await using one = await gate(1, 1, { client: { drop_excess_requests: drop } }, fallback)
      const first = one.ask("1")
      await one.upstream.received(0)
      const second = one.ask("2")
      await one.waiting(1)
      const third = await one.ask("3")
      expect(third.status).toBe(fallback === undefined ? 503 : 200)
      if (fallback === undefined) expect(Number(third.headers.get("retry-after"))).toBeGreaterThan(0)
      else expect(await third.text()).toContain("from the other")
      for (let turn = 0; turn < 2; turn++) one.next()
      expect((await first).status).toBe(200)
      expect(await (await second).text()).toContain("for 2")
    }
  })

  test("where excess is not dropped as many again wait for room, and no more", async () => {
    await using one = await gate(1, 2)
    const answers = [one.ask("0")]
    await one.upstream.received(0)
    for (let place = 1; place <= 4; place++) {
      answers.push(one.ask(String(place)))
      await one.waiting(place)
    }
    const refused = await one.ask("too many")
    expect(refused.status).toBe(503)
    expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(0)
    for (let turn = 0; turn < 5; turn++) {
      await one.upstream.received(turn)
      one.next()
    }
    for (const [index, answer] of answers.entries()) expect(await (await answer).text()).toContain(`for ${index}`)
    expect(one.most()).toBe(1)
  })

  test("room in front of a full queue is waited for no longer than in it", async () => {
    await using one = await gate(1, 1, { routing: { queue_wait_in_seconds: 0.1 } })
    const first = one.ask("1")
    await one.upstream.received(0)
    const others = await Promise.all([one.ask("2"), one.ask("3")])
    expect(others.map(({ status }) => status)).toEqual([503, 503])
    one.next()
    expect((await first).status).toBe(200)
  })

  test("an edit of the limits holds at once, for those who wait too, and forgets nobody who runs", async () => {
    await using one = await gate(1, 10)
    const answers = [one.ask("0"), one.ask("1"), one.ask("2")]
    await one.upstream.received(0)
    await one.waiting(2)
    await one.limit(2, 10)
    await one.upstream.received(1)
    await one.waiting(1)
    expect((await one.load()).running).toBe(2)
    await one.limit(1, 10)
    one.next()
    await answers[0]
    expect([(await one.load()).running, one.upstream.requests.length]).toEqual([1, 2])
    for (let turn = 0; turn < 2; turn++) one.next()
    for (const [index, answer] of answers.entries()) expect(await (await answer).text()).toContain(`for ${index}`)
    expect(one.most()).toBe(2)
  })

  test("who leaves while waiting takes no slot", async () => {
    await using one = await gate(1, 10)
    const first = one.ask("1")
    await one.upstream.received(0)
    const leaving = new AbortController()
    const second = one.ask("2", { signal: leaving.signal }).catch(() => "left")
    await one.waiting(1)
    const third = one.ask("3")
    await one.waiting(2)
    leaving.abort()
    expect(await second).toBe("left")
    await one.waiting(1)
    for (let turn = 0; turn < 2; turn++) one.next()
    expect((await first).status).toBe(200)
    expect((await third).status).toBe(200)
    expect(one.upstream.requests.map((request) => request.json().user)).toEqual(["1", "3"])
  })
})
