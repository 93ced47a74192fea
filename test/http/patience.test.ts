import { expect, test } from "bun:test"
import type { Server } from "bun"
import { idleSeconds, type Patience, patience } from "../../src/http/patience.ts"

const lastingMs = 1_000_000

/** A request, and what its server is told of its idle limit, in seconds. */
function waiting(calls: Patience, ageMs: number) {
  const told: number[] = []
  const heard = Promise.withResolvers<void>()
  const server = {
    timeout(_request: Request, seconds: number) {
      told.push(seconds)
      heard.resolve()
    },
  } as unknown as Server<unknown>
  const one = calls.begin(new Request("http://gantry.test/"), server, performance.now() - ageMs)
  return { told, heard: heard.promise, answered: (goesOn: boolean) => calls.answered(one, goesOn) }
}

test("calls that last are exempted from the idle limit, each once, until their answer is there", async () => {
  const calls = patience(lastingMs, 1)
  const short = waiting(calls, 0)
  const long = waiting(calls, 2 * lastingMs)
  const over = waiting(calls, 2 * lastingMs)
  const stream = waiting(calls, 2 * lastingMs)
  over.answered(false)
  await Promise.all([long.heard, stream.heard])
  // of the next sweep at the latest
  const later = waiting(calls, 2 * lastingMs)
  await later.heard
  expect([short.told, long.told, over.told, stream.told]).toEqual([[], [0], [], [0]])
  short.answered(false)
  long.answered(false)
  stream.answered(true)
  later.answered(false)
  expect([short.told, long.told, stream.told]).toEqual([[], [0, idleSeconds], [0]])
})

test("an answer that goes on is exempted at once", () => {
  const stream = waiting(patience(), 0)
  stream.answered(true)
  expect(stream.told).toEqual([0])
})

test("nobody who has an answer is looked at again, in whatever order they come", async () => {
  const calls = patience(lastingMs, 1)
  const all = Array.from({ length: 9 }, () => waiting(calls, 2 * lastingMs))
  const early = [4, 0, 8, 7]
  for (const place of early) all[place]?.answered(false)
  const left = all.filter((_, place) => !early.includes(place))
  await Promise.all(left.map(({ heard }) => heard))
  expect(all.map(({ told }) => told.length)).toEqual([0, 1, 1, 1, 0, 1, 1, 0, 0])
  for (const one of left) one.answered(false)
})
