import { describe, expect, test } from "bun:test"
import { dispatchState } from "../../src/dispatch/state.ts"
import { transportPool } from "../../src/dispatch/transport-pool.ts"

const limits = (id: string, concurrency = 1, bufferSize = 4) => ({ id, concurrency, bufferSize })
const ids = (state: ReturnType<typeof dispatchState>) => state.load().map(({ provider }) => provider)

describe("slots", () => {
  test("keep their pool when the limits change: who runs still counts, who waits is served", async () => {
    const state = dispatchState()
    const release = state.slots(limits("a")).tryAcquire()
    const next = state.slots(limits("a")).acquire()
    state.limit([limits("a", 2)])
    const second = await next
    expect(state.load()).toEqual([{ provider: "a", running: 2, waiting: 0 }])
    state.limit([limits("a", 1)])
    second()
    expect(state.slots(limits("a")).tryAcquire()).toBeUndefined()
    release?.()
    expect(state.slots(limits("a")).tryAcquire()).toBeDefined()
  })

  test("an earlier configuration's call does not bring its limits back", () => {
    const state = dispatchState()
    state.limit([limits("a", 3)])
    const pool = state.slots(limits("a", 1))
    expect([pool.tryAcquire(), pool.tryAcquire(), pool.tryAcquire()].every(Boolean)).toBe(true)
    expect(pool.tryAcquire()).toBeUndefined()
  })

  test("of a provider that is gone are dropped once nobody has one", () => {
    const state = dispatchState()
    const releases = ["a", "b"].map((id) => state.slots(limits(id)).tryAcquire())
    state.limit([limits("b")])
    expect(ids(state)).toEqual(["a", "b"])
    for (const release of releases) release?.()
    expect(ids(state)).toEqual(["b"])
  })
})

test("transports of providers that are gone are closed, the others are kept", () => {
  const pool = transportPool()
  const options = (provider: string) => ({
    provider,
    http2: "auto" as const,
    connectMs: 1_000,
    insecureSkipVerify: false,
    allowPrivateNetwork: false,
  })
  const [kept, dropped] = [pool.of(options("kept")), pool.of(options("dropped"))]
  pool.keep(new Set(["kept"]))
  expect(pool.of(options("kept"))).toBe(kept)
  expect(pool.of(options("dropped"))).not.toBe(dropped)
  pool.keep(new Set())
})
