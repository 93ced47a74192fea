import { expect, test } from "bun:test"
import fc from "fast-check"
import { keptBytes } from "../../src/lib/kept-bytes.ts"

test("is the beginning of all that was added", () => {
  fc.assert(
    fc.property(
      fc.array(fc.uint8Array({ maxLength: 3_000 }), { maxLength: 20 }),
      fc.integer({ min: 0, max: 9_000 }),
      (pieces, limit) => {
        const kept = keptBytes(limit)
        for (const piece of pieces) kept.add(piece)
        expect(Buffer.compare(kept.bytes(), Buffer.concat(pieces).subarray(0, limit))).toBe(0)
      },
    ),
  )
})

test("holds no piece that was added", () => {
  const kept = keptBytes(10)
  const piece = new Uint8Array([1, 2, 3])
  kept.add(piece)
  piece.fill(9)
  expect([...kept.bytes()]).toEqual([1, 2, 3])
})

test("gives its memory back when it is released", () => {
  const kept = keptBytes(10_000)
  kept.add(new Uint8Array(5_000))
  const bytes = kept.bytes()
  kept.release()
  expect(bytes.buffer.byteLength).toBe(0)
  expect(kept.bytes().length).toBe(0)
})
