import { beforeEach, describe, expect, test } from "bun:test"
import { type Cooldowns, cooldowns } from "../../src/dispatch/cooldown.ts"

let now = 0
let held: Cooldowns
beforeEach(() => {
  now = 1_000_000
  held = cooldowns(() => now)
})

const coolFor = (model = "m"): number => {
  const health = held.of("p", "k", model)
  return health === undefined ? 0 : health.until - now
}

describe("a rate limit", () => {
  test("lasts as long as the vendor says", () => {
    held.short("p", "k", "m", 42_000)
    expect(coolFor()).toBe(42_000)
    now += 42_000
    expect(coolFor()).toBe(0)
  })

  test("lasts an hour at most, whatever the vendor says", () => {
    held.short("p", "k", "m", 1e12)
    expect(coolFor()).toBe(3_600_000)
  })

  test("lasts a second where the vendor says nothing, and doubles up to a minute", () => {
    const seen: number[] = []
    for (let turn = 0; turn < 8; turn++) {
      held.short("p", "k", "m")
      seen.push(coolFor())
      now += coolFor()
    }
    expect(seen).toEqual([1, 2, 4, 8, 16, 32, 60, 60].map((seconds) => seconds * 1_000))
  })

  test("begins anew after an answer", () => {
    held.short("p", "k", "m")
    now += 1_000
    held.short("p", "k", "m")
    now += 2_000
    held.healthy("p", "k", "m", now)
    held.short("p", "k", "m")
    expect(coolFor()).toBe(1_000)
  })
})

describe("credential trouble", () => {
  test("lasts ten minutes and doubles up to an hour", () => {
    const seen: number[] = []
    for (let turn = 0; turn < 5; turn++) {
      held.long("p", "k", "refused")
      seen.push(coolFor())
      now += coolFor()
    }
    expect(seen).toEqual([10, 20, 40, 60, 60].map((minutes) => minutes * 60_000))
  })

  test("of one model leaves the key to the others", () => {
    held.long("p", "k", "no access", "m")
    expect(coolFor("m")).toBe(600_000)
    expect(coolFor("other")).toBe(0)
  })

  test("is probed at most every fifteen seconds", () => {
    held.long("p", "k", "refused")
    expect(held.probeable("p", "k", "m")).toBe(false)
    now += 15_000
    expect(held.probeable("p", "k", "m")).toBe(true)
    expect(held.probeable("p", "k", "m")).toBe(false)
    now += 15_000
    expect(held.probeable("p", "k", "m")).toBe(true)
  })

  test("is over once a probe was answered", () => {
    held.long("p", "k", "refused")
    now += 15_000
    held.probeable("p", "k", "m")
    held.healthy("p", "k", "m", now)
    expect(coolFor()).toBe(0)
  })
})

test("a rate limit is never probed before its time", () => {
  held.short("p", "k", "m", 60_000)
  now += 30_000
  expect(held.probeable("p", "k", "m")).toBe(false)
})

test("an answer to a call that began before the refusal changes nothing", () => {
  const began = now
  now += 5
  held.short("p", "k", "m", 60_000)
  held.long("p", "other", "refused")
  now += 5
  held.healthy("p", "k", "m", began)
  held.healthy("p", "other", "m", began)
  expect(coolFor()).toBe(59_995)
  expect(held.of("p", "other", "m")).toBeDefined()
})

test("refusals of calls that ran side by side are one", () => {
  for (let turn = 0; turn < 20; turn++) {
    held.short("p", "k", "m")
    held.long("p", "other", "refused")
  }
  expect(coolFor()).toBe(1_000)
  expect(held.of("p", "other", "m")?.until).toBe(now + 600_000)
})

test("the longer of two refusals holds", () => {
  held.short("p", "k", "m", 60_000)
  held.short("p", "k", "m", 1_000)
  expect(coolFor()).toBe(60_000)
  held.long("p", "k", "refused")
  held.short("p", "k", "m", 5_000)
  expect(coolFor()).toBe(600_000)
})

test("keys of other providers are not affected", () => {
  held.short("p", "k", "m")
  expect(held.of("q", "k", "m")).toBeUndefined()
  expect(held.list()).toEqual([{ provider: "p", key: "k", health: { until: now + 1_000, long: false, reason: "rate limit" } }])
})

test("however many keys there were, a bounded number is remembered", () => {
  for (let index = 0; index < 10_500; index++) held.short("p", `k${index}`, "m")
  expect(held.list().length).toBe(10_000)
  expect(held.of("p", "k10499", "m")).toBeDefined()
})
