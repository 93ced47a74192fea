import { describe, expect, test } from "bun:test"
import { feed } from "../../src/dispatch/feed.ts"
import { endWatch, startWatch } from "../../src/dispatch/watchdog.ts"
import { ResponseAnswer } from "../../src/lib/http1/answer.ts"

function body() {
  let controller: ReadableStreamDefaultController<Uint8Array> | undefined
  const stream = new ReadableStream<Uint8Array>({
    start(given) {
      controller = given
    },
  })
  const watch = startWatch(60_000, { expire: () => {}, leave: () => {} })
  endWatch(watch)
  const source = feed(new ResponseAnswer(new Response(stream)), watch)
  const say = (text: string) => controller?.enqueue(Buffer.from(text))
  const next = async () => {
    try {
      const { value: chunk } = await source.read()
      return chunk && Buffer.from(chunk).toString()
    } catch (error) {
      if (source.wasQuiet()) return quiet
      throw error
    }
  }
  return { watch, say, next, end: () => controller?.close(), fail: (error: Error) => controller?.error(error) }
}

const quiet = Symbol("quiet")
const settled = () => new Promise((resolve) => setImmediate(resolve))

async function overtaken(given: ReturnType<typeof body>) {
  const waiting = given.next()
  given.watch.quiet()
  expect(await waiting).toBe(quiet)
}

describe("a read that was overtaken by quiet", () => {
  test("is the next answer when it ends later", async () => {
    const given = body()
    await overtaken(given)
    const next = given.next()
    given.say("late")
    expect(await next).toBe("late")
  })

  test("is the next answer with what came since, when it ended before anybody asked", async () => {
    const given = body()
    await overtaken(given)
    given.say("early")
    await settled()
    given.say("then more")
    given.end()
    expect(await given.next()).toBe("early")
    expect(await given.next()).toBe("then more")
    expect(await given.next()).toBeUndefined()
  })

  test("tells of a break that nobody waited for", async () => {
    const given = body()
    await overtaken(given)
    given.fail(new Error("broken off"))
    await settled()
    expect(given.next()).rejects.toThrow("broken off")
  })

  test("tells of an end that nobody waited for", async () => {
    const given = body()
    await overtaken(given)
    given.end()
    await settled()
    expect(await given.next()).toBeUndefined()
    expect(await given.next()).toBeUndefined()
  })
})
