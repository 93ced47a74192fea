import { expect, test } from "bun:test"
import fc from "fast-check"
import { instantOf } from "../../src/lib/instant.ts"

const ten = Date.UTC(2026, 10, 22, 10)

test.each([
  ["2026-11-22T10:00:00Z", ten],
  ["2026-11-22t10:00z", ten],
  ["2026-11-22 10:00:00.250Z", ten + 250],
  ["2026-11-22T11:30:00+01:30", ten],
  ["2026-11-22T11:30:00 01:30", ten],
  ["2026-11-22T05:00:00-0500", ten],
  ["2026-11-22", Date.UTC(2026, 10, 22)],
  ["2026-11", Date.UTC(2026, 10)],
  ["2024-02-29", Date.UTC(2024, 1, 29)],
  [String(ten), ten],
  [String(ten / 1_000), ten],
  [`${ten / 1_000}.125`, ten + 125],
  ["0", 0],
])("%s is %d", (text, ms) => {
  expect(instantOf(text)).toBe(ms)
})

test.each([
  "",
  "yesterday",
  "-5",
  "1",
  "20261122",
  "179534520000",
  "1795345200000000",
  "1e12",
  "0x10",
  "2026-11-22T10:00:00",
  "2026-13-01",
  "2026-02-30",
  "2026-11-22T24:00:00Z",
  "2026-11-22T10:60:00Z",
  "2026-11-22T10:00:00+99:00",
  "2026-11-22T10:00:00Z and more",
  "2026",
])("%p is not plainly a time", (text) => {
  expect(instantOf(text)).toBeUndefined()
})

test("what Date writes is read back, in any of three ways", () => {
  fc.assert(
    fc.property(fc.date({ min: new Date("2001-09-10"), max: new Date("2286-01-01"), noInvalidDate: true }), (date) => {
      const ms = date.getTime()
      expect([date.toISOString(), String(ms), (ms / 1_000).toFixed(3)].map(instantOf)).toEqual([ms, ms, ms])
    }),
  )
})
