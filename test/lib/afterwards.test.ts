import { expect, test } from "bun:test"
import { afterwards } from "../../src/lib/afterwards.ts"

const turn = () => new Promise((resolve) => setImmediate(resolve))

test("items are worked on together and in order, after what runs now", async () => {
  const seen: number[] = []
  const later = afterwards((item: number) => {
    seen.push(item)
    if (item === 2) later(3)
  })
  later(1)
  later(2)
  await Promise.resolve()
  expect(seen).toEqual([])
  await turn()
  expect(seen).toEqual([1, 2])
  await turn()
  expect(seen).toEqual([1, 2, 3])
})
