import { expect, test } from "bun:test"
import fc from "fast-check"
import { type Holding, keptBytes } from "../../src/lib/kept-bytes.ts"
import { opened } from "../../src/lib/partly-packed.ts"

const crowded = (): Holding => ({ held: 1, roomy: 0 })

/** Some that compress well, as a stream's frames do, and some that do not. */
const piece = fc.oneof(
  fc.uint8Array({ maxLength: 3_000 }),
  fc
    .integer({ min: 0, max: 400 })
    .map((count) => new TextEncoder().encode(`data: {"delta":{"content":"${count}"}}\n\n`.repeat(count))),
)

for (const [name, holding] of [
  ["with room", () => ({ held: 0, roomy: 1e9 })],
  ["in a crowd", crowded],
  ["when it becomes crowded", () => ({ held: 0, roomy: 6_000 })],
] as const)
  test(`is the beginning of all that was added, ${name}`, () => {
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 20 }), fc.integer({ min: 0, max: 60_000 }), (pieces, limit) => {
        const now = holding()
        const kept = keptBytes(limit, now)
        for (const one of pieces) kept.add(one)
        const whole = Buffer.concat(pieces).subarray(0, limit)
        const packed = kept.kept()
        expect(packed.length).toBe(whole.length)
        expect(Buffer.compare(opened(packed), whole)).toBe(0)
        expect(packed.bytes.length).toBeLessThanOrEqual(limit)
        kept.release()
        expect(now.held).toBe(holding().held)
      }),
    )
  })

test("holds no piece that was added", () => {
  const kept = keptBytes(10)
  const piece = new Uint8Array([1, 2, 3])
  kept.add(piece)
  piece.fill(9)
  expect([...kept.kept().bytes]).toEqual([1, 2, 3])
})

test("takes little memory in a crowd", () => {
  const kept = keptBytes(1e6, crowded())
  const frame = (word: number) => `data: {"id":"chatcmpl-1","choices":[{"index":0,"delta":{"content":" word${word}"}}]}\n\n`
  for (let word = 0; word < 1_000; word++) kept.add(new TextEncoder().encode(frame(word)))
  const { bytes, length } = kept.kept()
  expect(length).toBeGreaterThan(70_000)
  expect(bytes.buffer.byteLength).toBeLessThan(24_000)
})

test("a large piece in a crowd leaves no large memory behind", () => {
  const kept = keptBytes(1e6, crowded())
  for (const size of [200_000, 5_000, 10]) kept.add(new Uint8Array(size))
  expect(kept.kept().bytes.buffer.byteLength).toBeLessThan(24_000)
})

test("what one holds counts until it is handed over", () => {
  const holding: Holding = { held: 0, roomy: 1e9 }
  const kept = keptBytes(10_000, holding)
  kept.add(new Uint8Array(5_000))
  expect(holding.held).toBeGreaterThanOrEqual(5_000)
  kept.kept()
  kept.kept()
  expect(holding.held).toBe(0)
})

test("gives its memory back when it is released", () => {
  const kept = keptBytes(10_000)
  kept.add(new Uint8Array(5_000))
  const { bytes } = kept.kept()
  kept.release()
  expect(bytes.buffer.byteLength).toBe(0)
})
