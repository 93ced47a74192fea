import { expect, test } from "bun:test"
import fc from "fast-check"
import { backoff } from "../../src/lib/backoff.ts"

test("doubles up to the bound", () => {
  const delays = [0, 1, 2, 3, 4, 5000].map((attempt) => backoff(attempt, { baseMs: 100, maxMs: 1000, jitter: 0 }))
  expect(delays).toEqual([100, 200, 400, 800, 1000, 1000])
})

test("jitter takes away at most its share", () => {
  expect(backoff(0, { baseMs: 100, maxMs: 1000, random: () => 0 })).toBe(100)
  fc.assert(
    fc.property(fc.nat(50), fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), (attempt, draw) => {
      const whole = backoff(attempt, { baseMs: 10, maxMs: 5000, jitter: 0 })
      const delay = backoff(attempt, { baseMs: 10, maxMs: 5000, jitter: 0.25, random: () => draw })
      expect(delay).toBeLessThanOrEqual(whole)
      expect(delay).toBeGreaterThanOrEqual(Math.floor(whole * 0.75))
    }),
  )
})
