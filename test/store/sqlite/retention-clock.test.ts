import { expect, test } from "bun:test"
import { retentionClock } from "../../../src/store/sqlite/retention-clock.ts"

const hour = 3_600_000
const start = Date.UTC(2026, 10, 22)

function clock() {
  let wall = start
  let steady = 0
  const read = retentionClock(
    () => wall,
    () => steady,
  )
  return {
    hours: () => (read() - start) / hour,
    pass(hours: number) {
      wall += hours * hour
      steady += hours * hour
    },
    set: (hours: number) => {
      wall = start + hours * hour
    },
  }
}

test("time passes, also over the sleep of a machine, and backwards", () => {
  const { hours, pass, set } = clock()
  expect(hours()).toBe(0)
  pass(1_000)
  expect(hours()).toBe(1_000)
  set(1_040)
  expect(hours()).toBe(1_040)
  set(10)
  expect(hours()).toBe(10)
})

test("a clock that is put far forward is not believed for a day, and not at all when it is put right again", () => {
  const { hours, pass, set } = clock()
  set(90_000)
  expect(hours()).toBe(0)
  pass(23)
  expect(hours()).toBe(23)
  set(23)
  expect(hours()).toBe(23)
  set(90_000)
  pass(10)
  expect(hours()).toBe(33)
  pass(24)
  expect(hours()).toBe(90_034)
})
