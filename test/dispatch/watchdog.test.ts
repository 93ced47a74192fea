import { afterEach, describe, expect, test } from "bun:test"
import { type Deadline, endWatch, startWatch, type Watch } from "../../src/dispatch/watchdog.ts"

const open: Watch[] = []
afterEach(() => {
  for (const watch of open.splice(0)) endWatch(watch)
})

/** A watch with what it has said, and a promise of its next words. */
function watched(totalMs: number) {
  const said: Deadline[] = []
  let told = Promise.withResolvers<Deadline>()
  const watch = startWatch(totalMs, {
    expire(deadline) {
      said.push(deadline)
      told.resolve(deadline)
      told = Promise.withResolvers()
    },
    leave: () => {},
  })
  open.push(watch)
  return { watch, said, next: () => told.promise }
}

describe("a total deadline", () => {
  test("is told once and ends the wait", async () => {
    const { watch, said, next } = watched(20)
    watch.waiting = performance.now()
    watch.waitLimit = 60
    expect(await next()).toBe("total")
    const other = watched(100)
    await other.next()
    expect(said).toEqual(["total"])
  })

  test("that runs out while the client takes nothing leaves the watch for the stalled client", async () => {
    const { watch, said, next } = watched(20)
    watch.offering = performance.now()
    watch.offerLimit = 80
    expect(await next()).toBe("total")
    expect(await next()).toBe("client-stall")
    expect(said).toEqual(["total", "client-stall"])
  })
})

for (const deadline of ["first-byte", "total"] as const)
  test(`a ${deadline} deadline leaves the watch for a client that then takes nothing of the error`, async () => {
    const { watch, said, next } = watched(deadline === "total" ? 20 : 60_000)
    watch.waiting = performance.now()
    watch.waitLimit = deadline === "total" ? 60_000 : 20
    watch.offerLimit = 80
    expect(await next()).toBe(deadline)
    watch.waiting = 0
    watch.offering = performance.now()
    expect(await next()).toBe("client-stall")
    expect(said).toEqual([deadline, "client-stall"])
  })

test("a client that leaves after a deadline is noticed", async () => {
  const client = new AbortController()
  const left = Promise.withResolvers<void>()
  const expired = Promise.withResolvers<Deadline>()
  const watch = startWatch(20, { expire: expired.resolve, leave: left.resolve }, client)
  open.push(watch)
  expect(await expired.promise).toBe("total")
  client.abort()
  await left.promise
})

test("quiet is called again and again, and does not put off the end of the wait", async () => {
  const { watch, next } = watched(60_000)
  let quiets = 0
  watch.quietAfter = 30
  watch.quiet = () => {
    quiets += 1
  }
  watch.waitLimit = 250
  watch.waiting = performance.now()
  expect(await next()).toBe("first-byte")
  expect(quiets).toBeGreaterThanOrEqual(2)
})
