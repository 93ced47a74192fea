import { expect, test } from "bun:test"
import fc from "fast-check"
import { parseHttpDate, retryAfterMs } from "../../src/lib/http-date.ts"

const NOW = Date.UTC(2026, 0, 1)

test("reads the three forms of the RFC", () => {
  const expected = Date.UTC(1994, 10, 6, 8, 49, 37)
  for (const text of ["Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994"]) {
    expect(parseHttpDate(text, NOW)).toBe(expected)
  }
  for (const text of ["", "yesterday", "2026-01-01", "Sun, 06 Foo 1994 08:49:37 GMT"])
    expect(parseHttpDate(text, NOW)).toBeUndefined()
  fc.assert(
    fc.property(fc.date({ min: new Date(0), max: new Date(4e12), noInvalidDate: true }), (date) => {
      expect(parseHttpDate(date.toUTCString())).toBe(Math.floor(date.getTime() / 1000) * 1000)
    }),
  )
})

test("retry-after in milliseconds, seconds or as a date", () => {
  const read = (fields: Record<string, string>) => retryAfterMs(new Headers(fields), NOW)
  expect(read({ "retry-after": "120" })).toBe(120_000)
  expect(read({ "retry-after": "0.5" })).toBe(500)
  expect(read({ "retry-after": "1", "retry-after-ms": "250" })).toBe(250)
  expect(read({ "retry-after": "1", "retry-after-ms": "soon" })).toBe(1000)
  expect(read({ "retry-after": new Date(NOW + 5000).toUTCString() })).toBe(5000)
  expect(read({ "retry-after": new Date(NOW - 5000).toUTCString() })).toBe(0)
  expect(read({ "retry-after": "-1" })).toBeUndefined()
  expect(read({})).toBeUndefined()
})
