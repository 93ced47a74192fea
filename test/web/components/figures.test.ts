import { describe, expect, test } from "bun:test"
import { briefClock, bytes, clock, count, duration, longSpan, moment, money } from "../../../web/components/figures.ts"

describe("figures", () => {
  test.each([
    [0, "0 ms"],
    [0.412, "0.4 ms"],
    [9.96, "10 ms"],
    [87.4, "87 ms"],
    [999.6, "1.00 s"],
    [1_243, "1.24 s"],
    [9_996, "10.0 s"],
    [59_960, "1 min 00 s"],
    [185_000, "3 min 05 s"],
    [3_600_000, "1 h 00 min"],
    [200_000_000, "2 d 7 h"],
  ])("%p ms are %p", (ms, text) => expect(duration(ms)).toBe(text))

  test.each([
    [0, "$0"],
    [0.000_000_4, "< $0.000001"],
    [0.000_031, "$0.000031"],
    [0.000_946_2, "$0.00095"],
    [0.031_27, "$0.0313"],
    [12.5, "$12.50"],
  ])("%p dollars are %p", (dollars, text) => expect(money(dollars)).toBe(text))

  test.each([
    [0, "0 B"],
    [1_023, "1,023 B"],
    [5_212, "5.1 KiB"],
    [18_733, "18 KiB"],
    [3_500_000, "3.3 MiB"],
  ])("%p bytes are %p", (size, text) => expect(bytes(size)).toBe(text))

  test("a time of today has no date, another day's has one, and the moment has its offset", () => {
    const at = new Date(2026, 10, 22, 9, 5, 7, 42).getTime()
    expect(clock(at, at + 3_600_000)).toBe("09:05:07")
    expect(clock(at, at + 86_400_000)).toBe("2026-11-22 09:05:07")
    expect(moment(at)).toMatch(/^2026-11-22 09:05:07\.042 UTC[+−]\d\d:\d\d$/)
  })
})

test("a time of day of another day is told with its day, in at most 12 characters", () => {
  const now = new Date(2026, 10, 23, 12, 0, 0).getTime()
  expect(briefClock(new Date(2026, 10, 23, 9, 5, 7).getTime(), now)).toBe("09:05:07")
  expect(briefClock(new Date(2026, 10, 22, 23, 59, 58).getTime(), now)).toBe("22 Nov 23:59")
  expect(briefClock(new Date(2025, 0, 2, 23, 59, 58).getTime(), now)).toBe("2 Jan 2025")
})

test("what goes on for long is told without seconds", () => {
  expect([59_999, 60_000, 3_599_999, 3_600_000, 200_000_000].map(longSpan)).toEqual([
    ...["59 s", "1 min", "59 min", "1 h 00 min", "2 d 7 h"],
  ])
})

test("less than nothing has a minus sign", () => {
  expect(count(-1_032)).toBe("−1,032")
})
