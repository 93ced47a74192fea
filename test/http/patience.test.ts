import { afterAll, beforeAll, expect, jest, test } from "bun:test"
import type { Server } from "bun"
import { awaitsAnswer, hasAnswer, idleSeconds } from "../../src/http/patience.ts"

beforeAll(() => void jest.useFakeTimers())
afterAll(() => void jest.useRealTimers())

/** A request, and what its server is told of its idle limit, in seconds. */
function waiting(ageMs: number) {
  const told: number[] = []
  const server = { timeout: (_request: Request, seconds: number) => void told.push(seconds) } as unknown as Server<unknown>
  const one = awaitsAnswer(new Request("http://gantry.test/"), server, performance.now() - ageMs)
  return { told, answered: (goesOn: boolean) => hasAnswer(one, goesOn) }
}

test("calls that last are exempted from the idle limit, each once, until their answer is there", () => {
  const short = waiting(0)
  const long = waiting(60_000)
  const answered = waiting(60_000)
  const other = waiting(60_000)
  answered.answered(false)
  jest.advanceTimersByTime(11_000)
  expect([short.told, long.told, answered.told, other.told]).toEqual([[], [0], [], [0]])
  short.answered(false)
  long.answered(false)
  other.answered(true)
  expect([short.told, long.told, other.told]).toEqual([[], [0, idleSeconds], [0]])
})

test("an answer that goes on is exempted at once", () => {
  const stream = waiting(0)
  stream.answered(true)
  expect(stream.told).toEqual([0])
})

test("nobody who has an answer is looked at again", () => {
  const all = Array.from({ length: 9 }, () => waiting(60_000))
  for (const place of [4, 0, 8, 7]) all[place]?.answered(false)
  jest.advanceTimersByTime(6_000)
  expect(all.map(({ told }) => told.length)).toEqual([0, 1, 1, 1, 0, 1, 1, 0, 0])
  for (const one of all) one.answered(false)
})
