import { expect, test } from "bun:test"
import { parseDuration } from "../../src/lib/duration.ts"

test("reads units, sums and bare numbers", () => {
  const read = ["500ms", "30s", "5m", "1h", "1d", "1w", "1h30m", "1.5s", " 2s "].map((text) => parseDuration(text))
  expect(read).toEqual([500, 30_000, 300_000, 3_600_000, 86_400_000, 604_800_000, 5_400_000, 1500, 2000])
  expect(parseDuration(30, "s")).toBe(30_000)
  expect(parseDuration("30", "m")).toBe(1_800_000)
  for (const text of ["", "s", "-1s", "1 s", "1y", "1h 30m", "1e3", "Infinity", "1.s"])
    expect(parseDuration(text)).toBeUndefined()
  expect(parseDuration(-1)).toBeUndefined()
  expect(parseDuration(Number.NaN)).toBeUndefined()
})
