import { expect, test } from "bun:test"
import { inTurn } from "../../src/lib/in-turn.ts"

test("work is done one after the other, also after a failure", async () => {
  const next = inTurn()
  const done: string[] = []
  const gate = Promise.withResolvers<void>()
  const first = next(async () => {
    await gate.promise
    done.push("first")
    throw new Error("no luck")
  })
  const second = next(async () => done.push("second"))
  done.push("asked")
  gate.resolve()
  await expect(first).rejects.toThrow("no luck")
  expect(await second).toBe(3)
  expect(done).toEqual(["asked", "first", "second"])
})
