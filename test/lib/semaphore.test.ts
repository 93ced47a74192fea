import { describe, expect, test } from "bun:test"
import fc from "fast-check"
import { type Release, SemaphoreFullError, SemaphoreTimeoutError, semaphore } from "../../src/lib/semaphore.ts"

describe("semaphore", () => {
  test("serves in order and bounds the line", async () => {
    const gate = semaphore({ permits: 1, maxWaiting: 2 })
    const first = await gate.acquire()
    const order: string[] = []
    const join = async (name: string): Promise<Release> => {
      const release = await gate.acquire()
      order.push(name)
      return release
    }
    const b = join("b")
    const c = join("c")
    await expect(gate.acquire()).rejects.toBeInstanceOf(SemaphoreFullError)
    expect(gate.tryAcquire()).toBeUndefined()
    first()
    first()
    expect(gate.inUse()).toBe(1)
    ;(await b)()
    ;(await c)()
    expect(order).toEqual(["b", "c"])
    expect([gate.inUse(), gate.waiting()]).toEqual([0, 0])
  })

  test("an abort or a timeout leaves the line and keeps no permit", async () => {
    const gate = semaphore({ permits: 1, maxWaiting: 5 })
    const release = await gate.acquire()
    const controller = new AbortController()
    const reason = new Error("gone")
    const aborted = gate.acquire({ signal: controller.signal })
    const late = gate.acquire({ timeoutMs: 1 })
    controller.abort(reason)
    expect(await aborted.catch((error) => error)).toBe(reason)
    expect(await late.catch((error) => error)).toBeInstanceOf(SemaphoreTimeoutError)
    expect(await gate.acquire({ signal: controller.signal }).catch((error) => error)).toBe(reason)
    expect(gate.waiting()).toBe(0)
    release()
    expect(gate.inUse()).toBe(0)
  })

  test("growing serves the line, shrinking waits for releases", async () => {
    const gate = semaphore({ permits: 1, maxWaiting: 5 })
    const releases = [await gate.acquire()]
    const waiting = gate.acquire()
    gate.resize({ permits: 2, maxWaiting: 5 })
    releases.push(await waiting)
    gate.resize({ permits: 1, maxWaiting: 5 })
    releases.pop()?.()
    expect(gate.tryAcquire()).toBeUndefined()
    releases.pop()?.()
    expect(gate.tryAcquire()).toBeDefined()
  })

  test("no sequence of events leaks a permit or exceeds the limit", async () => {
    const step = fc.constantFrom("acquire", "release", "abort", "try")
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 3 }), fc.array(step, { maxLength: 40 }), async (permits, steps) => {
        const gate = semaphore({ permits, maxWaiting: 3 })
        const held: Release[] = []
        const aborts: AbortController[] = []
        for (const each of steps) {
          if (each === "acquire") {
            const controller = new AbortController()
            aborts.push(controller)
            gate.acquire({ signal: controller.signal }).then(
              (release) => held.push(release),
              () => {},
            )
          } else if (each === "try") {
            const release = gate.tryAcquire()
            if (release) held.push(release)
          } else if (each === "release") held.shift()?.()
          else aborts.shift()?.abort()
          await Promise.resolve()
          expect(gate.inUse()).toBeLessThanOrEqual(permits)
          expect(gate.waiting()).toBeLessThanOrEqual(3)
        }
        while (gate.inUse() > 0) {
          await new Promise((resolve) => setImmediate(resolve))
          for (const release of held.splice(0)) release()
        }
        expect(gate.waiting()).toBe(0)
      }),
    )
  })
})
