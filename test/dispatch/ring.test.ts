import { expect, test } from "bun:test"
import type { Call, Plugin, Reply } from "../../src/core/call.ts"
import { fault, GatewayFault } from "../../src/core/error.ts"
import { callRing } from "../../src/dispatch/ring.ts"
import { replyThat, sampleCall, sampleOutcome } from "../plugins/sample-call.ts"

const answer = replyThat(Promise.resolve(sampleOutcome()))

function ringOf(plugins: readonly Plugin[], core: (call: Call) => Promise<Reply> = async () => answer) {
  const skipped: string[] = []
  let asked = 0
  const counted = (call: Call) => {
    asked += 1
    return core(call)
  }
  const ring = callRing<undefined>(counted, plugins, (name) => void skipped.push(name))
  return { ask: () => ring(sampleCall(), undefined), skipped, asked: () => asked }
}

const errorOf = async (work: Promise<unknown>) => {
  const error = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  return error instanceof GatewayFault ? error.error : error
}

test("plugins stand around each other, the first outermost", async () => {
  const order: string[] = []
  const named = (name: string): Plugin => ({
    name,
    async call(_, next) {
      order.push(`${name} in`)
      const reply = await next()
      order.push(`${name} out`)
      return reply
    },
  })
  expect(await ringOf([named("a"), named("b"), { name: "without a part in calls" }]).ask()).toBe(answer)
  expect(order).toEqual(["a in", "b in", "b out", "a out"])
})

test("one that fails before it asks is left out", async () => {
  const ring = ringOf([{ name: "broken", call: () => Promise.reject(new Error("no")) }])
  expect(await ring.ask()).toBe(answer)
  expect(ring.skipped).toEqual(["broken"])
  expect(ring.asked()).toBe(1)
})

test("one that fails after the answer does not ask for another", async () => {
  const call: Plugin["call"] = async (_, next) => {
    await next()
    throw new Error("no")
  }
  const ring = ringOf([{ name: "late", call }])
  expect(await ring.ask()).toBe(answer)
  expect(ring.skipped).toEqual(["late"])
  expect(ring.asked()).toBe(1)
})

test("one that is required fails the call", async () => {
  const broken = ringOf([{ name: "budget", required: true, call: () => Promise.reject(new Error("secret detail")) }])
  expect(await errorOf(broken.ask())).toMatchObject({ kind: "internal", blame: "gateway" })
  expect(JSON.stringify(await errorOf(broken.ask()))).not.toContain("secret detail")
  const refusing = ringOf([{ name: "budget", required: true, call: () => Promise.reject(fault("quota", "no money left")) }])
  expect(await errorOf(refusing.ask())).toMatchObject({ kind: "quota", message: "no money left" })
  expect(broken.asked() + refusing.asked()).toBe(0)
})

test("an answer that a required one fails after is cancelled, also one that comes later", async () => {
  for (const late of [false, true]) {
    const cancelled = Promise.withResolvers<string>()
    const arrival = Promise.withResolvers<Reply>()
    const begun: Reply = { ...answer, cancel: () => cancelled.resolve("cancelled") }
    const call: Plugin["call"] = async (_, next) => {
      const asked = next()
      if (!late) await asked
      throw new Error("no")
    }
    if (!late) arrival.resolve(begun)
    const ring = ringOf([{ name: "budget", required: true, call }], () => arrival.promise)
    expect(await errorOf(ring.ask())).toMatchObject({ kind: "internal" })
    if (late) arrival.resolve(begun)
    expect(await cancelled.promise).toBe("cancelled")
  }
})

test("what the call itself fails with is nobody else's failure", async () => {
  const passing: Plugin = { name: "passing", call: (_, next) => next() }
  for (const core of [
    () => Promise.reject<Reply>(fault("overloaded", "busy")),
    () => {
      throw fault("overloaded", "busy")
    },
  ]) {
    const ring = ringOf([passing], core)
    expect(await errorOf(ring.ask())).toMatchObject({ kind: "overloaded" })
    expect(ring.skipped).toEqual([])
    expect(ring.asked()).toBe(1)
  }
})

test("nobody asks twice", async () => {
  const greedy: Plugin = {
    name: "greedy",
    async call(_, next) {
      await next()
      return next()
    },
  }
  const ring = ringOf([greedy])
  expect(await ring.ask()).toBe(answer)
  expect(ring.skipped).toEqual(["greedy"])
  expect(ring.asked()).toBe(1)
})
