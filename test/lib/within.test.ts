import { expect, test } from "bun:test"
import { within } from "../../src/lib/within.ts"

test("work is waited for, and no longer than it is given", async () => {
  let done = false
  await within(
    60_000,
    Promise.resolve().then(() => {
      done = true
    }),
  )
  expect(done).toBe(true)
  await within(1, new Promise(() => {}))
  await expect(within(60_000, Promise.reject(new Error("no")))).rejects.toThrow("no")
})

test("work that is done leaves nothing that keeps the process alive", async () => {
  const source = `import { within } from ${JSON.stringify(require.resolve("../../src/lib/within.ts"))}; await within(600_000, Promise.resolve())`
  const child = Bun.spawn([process.execPath, "-e", source], { env: { ...process.env, BUN_BE_BUN: "1" } })
  expect(await child.exited).toBe(0)
})
