import { expect, test } from "bun:test"
import { keptWorker } from "../../../src/store/sqlite/kept-worker.ts"

const script = `self.onmessage = ({ data }) => {
  if (data.die) process.exit(3)
  self.postMessage(data)
}`

function kept() {
  const file = URL.createObjectURL(new Blob([script], { type: "text/javascript" }))
  const said: unknown[] = []
  let starts = 0
  const again = Promise.withResolvers<void>()
  const died = Promise.withResolvers<string>()
  const heard = Promise.withResolvers<void>()
  const worker = keptWorker<object>({
    start() {
      starts += 1
      if (starts === 2) again.resolve()
      return new Worker(file, { ref: false })
    },
    receive(message) {
      said.push(message)
      heard.resolve()
    },
    died: died.resolve,
  })
  return { worker, said, starts: () => starts, again: again.promise, died: died.promise, heard: heard.promise }
}

test("a Worker that dies is told of, and another takes its place", async () => {
  const { worker, said, starts, again, died, heard } = kept()
  worker.post({ die: true })
  expect((await died).length).toBeGreaterThan(0)
  expect(worker.alive).toBe(false)
  worker.post({ lost: true })
  await again
  worker.post({ word: 1 })
  await heard
  expect(said).toEqual([{ word: 1 }])
  await worker.stop({ word: 2 }, 50)
  expect(worker.alive).toBe(false)
  expect(starts()).toBe(2)
}, 20_000)

test("one that answers its end is not waited for any longer, and nothing follows it", async () => {
  const { worker, starts, heard } = kept()
  const stopped = worker.stop({ word: "end" }, 3_600_000)
  await heard
  worker.ended()
  await stopped
  expect(worker.alive).toBe(false)
  expect(starts()).toBe(1)
}, 20_000)
