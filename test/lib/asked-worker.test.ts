import { expect, test } from "bun:test"
import { askedWorker } from "../../src/lib/asked-worker.ts"
import type { Question } from "./asked.ts"

function asked({ most = 4, hungMs = 60_000, idleMs }: { most?: number; hungMs?: number; idleMs?: number } = {}) {
  const made: Worker[] = []
  const worker = askedWorker<Question, string | Uint8Array>({
    start() {
      const one = new Worker(new URL("./asked.ts", import.meta.url), { ref: false })
      made.push(one)
      return one
    },
    most,
    hungMs,
    ...(idleMs === undefined ? {} : { idleMs }),
    problem: (kind, message) => new Error(`${kind}: ${message}`),
  })
  return { ...worker, made }
}

test("answers come to their questions; one that fails harms no other", async () => {
  const { ask, stop, made } = asked()
  const answers = await Promise.allSettled([ask("echo"), ask("fail"), ask("count")])
  expect(answers).toMatchObject([
    { status: "fulfilled", value: new TextEncoder().encode("echo") },
    { status: "rejected", reason: { message: "broken: no idea" } },
    { status: "fulfilled", value: "3" },
  ])
  expect(made).toHaveLength(1)
  stop()
  expect(ask("echo")).rejects.toThrow("broken: it is closed")
})

test("a question that cannot be sent leaves nothing behind", async () => {
  const { ask, stop } = asked({ most: 1 })
  const gone = new ArrayBuffer(8)
  gone.transfer()
  await expect(ask("echo", { transfer: [gone] })).rejects.toThrow()
  expect(await ask("count")).toBe("1")
  stop()
})

test("too many questions are refused at once", async () => {
  const { ask, stop } = asked({ most: 2 })
  const answers = await Promise.allSettled([ask("echo"), ask("echo"), ask("echo")])
  expect(answers.map(({ status }) => status)).toEqual(["fulfilled", "fulfilled", "rejected"])
  expect(await ask("count")).toBe("3")
  stop()
})

test.each(["die", "throw later"] as const)(
  "a Worker that ends fails what waits, and the next question starts another: %s",
  async (end) => {
    const { ask, stop, made } = asked()
    const answers = await Promise.allSettled([ask(end), ask("echo")])
    expect(answers.map(({ status }) => status)).toEqual(["rejected", "rejected"])
    expect(await ask("count")).toBe("1")
    expect(made).toHaveLength(2)
    stop()
  },
)

test("a Worker that says nothing is replaced", async () => {
  const { ask, stop } = asked({ hungMs: 200 })
  await expect(ask("never")).rejects.toThrow("broken: its Worker does not answer")
  stop()
})

test("a question that nobody waits for is told to the Worker, which goes on", async () => {
  const { ask, stop, made } = asked()
  const abort = new AbortController()
  const given = ask("until cancelled", { signal: abort.signal })
  abort.abort()
  await expect(given).rejects.toThrow("cancelled")
  expect(await ask("count")).toBe("2")
  expect(made).toHaveLength(1)
  stop()
})

test("a Worker that nobody asks is ended, and started again when somebody does", async () => {
  const { ask, stop, made } = asked({ idleMs: 20 })
  expect(await ask("count")).toBe("1")
  const [first] = made
  await new Promise((resolve) => first?.addEventListener("close", resolve))
  expect(await ask("count")).toBe("1")
  expect(made).toHaveLength(2)
  stop()
})

test("a Worker whose only question could not be sent is ended like one that nobody asks", async () => {
  const { ask, stop, made } = asked({ idleMs: 20 })
  const gone = new ArrayBuffer(8)
  gone.transfer()
  await expect(ask("echo", { transfer: [gone] })).rejects.toThrow()
  const [first] = made
  await new Promise((resolve) => first?.addEventListener("close", resolve))
  expect(await ask("count")).toBe("1")
  stop()
})
