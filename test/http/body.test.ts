import { describe, expect, test } from "bun:test"
import { gzipSync } from "node:zlib"
import { GatewayFault } from "../../src/core/error.ts"
import { bodyReader } from "../../src/http/body.ts"

const limits = { maxBytes: 8 << 20, heldBytes: 4 << 20 }
const request = (body: BodyInit, headers: Record<string, string> = {}) =>
  new Request("http://localhost/", { method: "POST", body, headers })

/** A body that has said so many bytes and goes on when told. */
function halting(bytes: number, headers: Record<string, string> = {}) {
  const { promise, resolve } = Promise.withResolvers<void>()
  async function* pieces() {
    yield new Uint8Array(bytes)
    await promise
  }
  return { request: request(pieces() as unknown as BodyInit, headers), go: resolve }
}

const kindOf = async (reading: Promise<unknown>) => {
  const error = await reading.then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  return error instanceof GatewayFault ? error.error.kind : error
}

describe("a body that nobody reads any more", () => {
  test("frees its memory at once when it is large, and its share of the bound", async () => {
    const bodies = bodyReader()
    for (const size of [1 << 10, 1 << 17, 3 << 20]) {
      const held = await bodies.read(request(new Uint8Array(size).fill(1)), limits)
      const { bytes } = held
      expect(bytes.length).toBe(size)
      held.discard()
      expect(bytes.length).toBe(size > 1 << 16 ? 0 : size)
      expect(bodies.held()).toBe(0)
      held.discard()
      held.release()
      expect(bodies.held()).toBe(0)
    }
  })
})

describe("the bound of all bodies", () => {
  test("counts a body while it comes", async () => {
    const bodies = bodyReader()
    const slow = halting(3 << 20)
    const reading = bodies.read(slow.request, limits)
    while (bodies.held() === 0) await new Promise((resolve) => setImmediate(resolve))
    expect(bodies.held()).toBe(3 << 20)
    expect(await kindOf(bodies.read(request(new Uint8Array(2 << 20)), limits))).toBe("memory-full")
    const small = await bodies.read(request("{}"), limits)
    slow.go()
    const whole = await reading
    expect(bodies.held()).toBe((3 << 20) + 2)
    for (const body of [small, whole, whole]) body.release()
    expect(bodies.held()).toBe(0)
  })

  test("counts a large body by what it declares only while half of the bound stays free", async () => {
    const bodies = bodyReader()
    const large = halting(1_500_000, { "content-length": "1500000" })
    const first = bodies.read(large.request, limits)
    expect(bodies.held()).toBe(1_500_000)
    const slow = halting(1, { "content-length": "1500000" })
    const second = bodies.read(slow.request, limits)
    while (bodies.held() === 1_500_000) await new Promise((resolve) => setImmediate(resolve))
    expect(bodies.held()).toBe(1_500_001)
    large.go()
    slow.go()
    expect((await first).bytes.length).toBe(1_500_000)
    expect((await second).bytes.length).toBe(1)
  })

  test("counts a body while it inflates, and stops one that finds no room before it is whole", async () => {
    const bodies = bodyReader()
    const packed = { "content-encoding": "gzip" }
    const zipped = new Uint8Array(gzipSync(new Uint8Array(3 << 20)))
    const sizes = new Set<number>()
    let done = false
    const reading = bodies.read(request(zipped, packed), limits).finally(() => {
      done = true
    })
    while (!done) {
      sizes.add(bodies.held())
      await new Promise((resolve) => setImmediate(resolve))
    }
    expect([...sizes].some((size) => size > zipped.length && size < 3 << 20)).toBe(true)
    const refused = await Promise.all(
      [1, 2, 3].map(async () => {
        const kind = await kindOf(bodies.read(request(zipped, packed), { ...limits, maxBytes: 1 << 30 }))
        expect(bodies.held()).toBeLessThanOrEqual(limits.heldBytes)
        return kind
      }),
    )
    expect(refused).toEqual(["memory-full", "memory-full", "memory-full"])
    const whole = await reading
    expect(bodies.held()).toBe(3 << 20)
    whole.release()
  })

  test("counts what a body was inflated to, and nothing of one that was refused", async () => {
    const bodies = bodyReader()
    const zipped = new Uint8Array(gzipSync(new Uint8Array(3 << 20)))
    const held = await bodies.read(request(zipped, { "content-encoding": "gzip" }), limits)
    expect(bodies.held()).toBe(3 << 20)
    expect(await kindOf(bodies.read(request(zipped, { "content-encoding": "gzip" }), limits))).toBe("memory-full")
    expect(await kindOf(bodies.read(request("nonsense", { "content-encoding": "gzip" }), limits))).toBe("invalid-request")
    expect(await kindOf(bodies.read(request("", { "content-length": String(9 << 20) }), limits))).toBe("too-large")
    expect(bodies.held()).toBe(3 << 20)
    held.release()
    expect(bodies.held()).toBe(0)
  })
})
