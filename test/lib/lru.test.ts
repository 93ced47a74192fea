import { expect, test } from "bun:test"
import fc from "fast-check"
import { lru } from "../../src/lib/lru.ts"

test("the least recently used entry makes room", () => {
  const cache = lru<string, number>({ max: 2 })
  cache.set("a", 1)
  cache.set("b", 2)
  expect(cache.get("a")).toBe(1)
  cache.set("c", 3)
  expect([cache.get("a"), cache.get("b"), cache.get("c")]).toEqual([1, undefined, 3])
  expect(cache.delete("a")).toBe(true)
  cache.clear()
  expect(cache.size()).toBe(0)
})

test("entries end at their time, counted from set", () => {
  let clock = 0
  const cache = lru<string, number>({ max: 2, ttlMs: 10, now: () => clock })
  cache.set("a", 1)
  clock = 9
  expect(cache.get("a")).toBe(1)
  clock = 10
  expect(cache.get("a")).toBeUndefined()
  expect(cache.size()).toBe(0)
})

test("never more than max, and the latest is there", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 5 }), fc.array(fc.nat(9)), (max, keys) => {
      const cache = lru<number, number>({ max })
      keys.forEach((key, index) => {
        cache.set(key, index)
        expect(cache.get(key)).toBe(index)
        expect(cache.size()).toBeLessThanOrEqual(max)
      })
    }),
  )
})
