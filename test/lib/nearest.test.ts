import { expect, test } from "bun:test"
import { nearest } from "../../src/lib/nearest.ts"

test("names within reach, nearest first", () => {
  const names = ["providers", "provider", "plugins", "governance", "Model"]
  expect(nearest("provider", names)).toEqual(["provider", "providers"])
  expect(nearest("modle", names)).toEqual(["Model"])
  expect(nearest("zzzz", names)).toEqual([])
  expect(nearest("a", ["b", "c", "d", "e"], { max: 2 })).toEqual(["b", "c"])
  expect(nearest("provider", names, { threshold: 0 })).toEqual(["provider"])
})
