import { expect, test } from "bun:test"
import { guesses } from "../../src/http/guesses.ts"

const fiveMinutes = 300_000

test("wrong credentials are counted by address and forgotten after their time", () => {
  let now = 0
  const counted = guesses(() => now)
  for (let index = 0; index < 10; index++) {
    expect(counted.waitMs("a")).toBe(0)
    counted.wrong("a", `guess-${index}`)
  }
  expect(counted.quiet()).toBe(false)
  expect(counted.waitMs("a")).toBe(fiveMinutes)
  expect(counted.waitMs("b")).toBe(0)
  now = fiveMinutes
  expect(counted.waitMs("a")).toBe(0)
  expect(counted.quiet()).toBe(true)
})

test("the same one again is no new guess", () => {
  const counted = guesses(() => 0)
  for (let index = 0; index < 1_000; index++) counted.wrong("scraper", `old-token-${index % 9}`)
  expect(counted.waitMs("scraper")).toBe(0)
  expect(counted.pause()).toBeUndefined()
})

test("many addresses lock out nobody else: answers to wrong ones come late, and only so many at once", async () => {
  let now = 0
  const waiting: (() => void)[] = []
  const sleep = () => new Promise<void>((resolve) => void waiting.push(resolve))
  const counted = guesses(() => now, sleep)
  for (let index = 0; index < 200; index++) {
    expect(counted.pause()).toBeUndefined()
    counted.wrong(`address-${index}`, "guess")
  }
  expect(counted.waitMs("somebody")).toBe(0)
  const paused = Array.from({ length: 20 }, () => counted.pause())
  expect(paused.every((one) => one !== undefined)).toBe(true)
  expect(counted.waitMs("somebody")).toBe(1_000)
  counted.right("operator")
  expect(counted.waitMs("operator")).toBe(0)
  for (const end of waiting) end()
  await Promise.all(paused)
  expect(counted.waitMs("somebody")).toBe(0)
  now = fiveMinutes
  expect(counted.pause()).toBeUndefined()
})

test("an address that right ones came from waits all the same after ten wrong ones", () => {
  const counted = guesses(() => 0)
  counted.right("a")
  for (let index = 0; index < 10; index++) counted.wrong("a", `guess-${index}`)
  expect(counted.waitMs("a")).toBe(fiveMinutes)
})
