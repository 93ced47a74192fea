import { afterEach, beforeEach, expect, jest, test } from "bun:test"
import { feed } from "../../src/plugins/feed.ts"
import { sampleRecord } from "../store/sample.ts"

beforeEach(() => void jest.useFakeTimers())
afterEach(() => void jest.useRealTimers())

/** A listener with a valve. */
function listener() {
  const frames: { operation: string; payload: { id?: string; count?: number } }[] = []
  let held = 0
  return {
    frames,
    hold: (bytes: number) => {
      held = bytes
    },
    send: (frame: string) => void frames.push(JSON.parse(frame)),
    buffered: () => held,
  }
}

test("every listener gets each record, until it leaves", () => {
  const hub = feed()
  const [one, two] = [listener(), listener()]
  const leave = hub.subscribe(one)
  hub.subscribe(two)
  const record = sampleRecord()
  hub.publish(record)
  leave?.()
  hub.publish(record)
  expect(one.frames).toEqual([{ type: "log", operation: "create", payload: record }] as never)
  expect(two.frames).toHaveLength(2)
  expect(hub.listeners).toBe(1)
})

test("a slow listener loses frames, is told how many, and the others lose none", () => {
  const hub = feed({ maxBuffered: 1_000 })
  const [slow, quick] = [listener(), listener()]
  hub.subscribe(slow)
  hub.subscribe(quick)
  slow.hold(1_001)
  for (let index = 0; index < 5; index++) hub.publish(sampleRecord())
  jest.advanceTimersByTime(1_000)
  expect(slow.frames).toEqual([])
  slow.hold(0)
  jest.advanceTimersByTime(1_000)
  hub.publish(sampleRecord({ id: "after" }))
  expect(slow.frames.map(({ operation, payload }) => [operation, payload.count ?? payload.id])).toEqual([
    ["dropped", 5],
    ["create", "after"],
  ])
  expect(quick.frames).toHaveLength(6)
})

test("more records a second than a page can show become a number", () => {
  const hub = feed({ maxPerSecond: 10 })
  const one = listener()
  hub.subscribe(one)
  for (let index = 0; index < 25; index++) hub.publish(sampleRecord())
  expect(one.frames).toHaveLength(10)
  jest.advanceTimersByTime(1_000)
  expect(one.frames.at(-1)).toMatchObject({ operation: "dropped", payload: { count: 15 } })
  hub.publish(sampleRecord({ id: "next" }))
  expect(one.frames.at(-1)?.payload.id).toBe("next")
})

test("listeners are bounded", () => {
  const hub = feed({ maxListeners: 2 })
  const leave = hub.subscribe(listener())
  hub.subscribe(listener())
  expect(hub.subscribe(listener())).toBeUndefined()
  leave?.()
  expect(hub.subscribe(listener())).toBeDefined()
})

test("a listener that throws is left out from then on", () => {
  const hub = feed()
  const broken = {
    send: () => {
      throw new Error("gone")
    },
    buffered: () => 0,
  }
  const other = listener()
  hub.subscribe(broken)
  hub.subscribe(other)
  hub.publish(sampleRecord())
  expect(hub.listeners).toBe(1)
  expect(other.frames).toHaveLength(1)
})
