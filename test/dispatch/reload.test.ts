import { describe, expect, test } from "bun:test"
import { streamed } from "../support/answers/turn.ts"
import type { Answer } from "../support/upstream/exchange.ts"
import { renderFrames } from "../support/upstream/well-formed.ts"
import { fakeUpstream } from "../support/upstream.ts"
import { chat, gatewayWith, post, provider } from "./gateway.ts"
import { poolOf, poolProvider } from "./pool.ts"

/** A stream that waits in its middle until it is told to go on. */
function gatedStream() {
  const frames = chat.voice.frames({ text: "one two three four" })
  const gate = Promise.withResolvers<void>()
  const answer: Answer = async (writer) => {
    writer.head(200, { "content-type": "text/event-stream" })
    await writer.write(renderFrames(frames.slice(0, 3)))
    await gate.promise
    await writer.write(renderFrames(frames.slice(3)))
    await writer.end()
  }
  return { answer, goOn: gate.resolve }
}

describe("an edit of the file", () => {
  test("drops no running stream, not even of a provider that it takes away", async () => {
    const { answer, goOn } = gatedStream()
    await using first = await fakeUpstream({ script: answer })
    await using second = await fakeUpstream({ script: streamed(chat.voice, { text: "of the second" }) })
    await using gateway = await gatewayWith({ providers: { first: provider(first.url) } })
    const response = await post(gateway, chat, chat.body("first/m", { stream: true }))
    const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader()
    let told = (await reader?.read())?.value ?? ""
    await gateway.write({ providers: { second: provider(second.url) } })
    expect((await gateway.gateway.reload()).kind).toBe("applied")
    const other = await post(gateway, chat, chat.body("second/m", { stream: true }))
    expect(await other.text()).toContain("second")
    goOn()
    for (let chunk = await reader?.read(); chunk && !chunk.done; chunk = await reader?.read()) told += chunk.value
    expect(told).toContain("four")
    expect(told).toContain("[DONE]")
  })

  test("takes effect for the next call: addresses, keys, limits", async () => {
    await using pool = await poolOf({ keys: { old: {} } })
    expect(await pool.keyFor()).toBe("old")
    const providers = { pool: poolProvider(pool.upstream.url, { keys: { fresh: { models: ["m"] } } }) }
    await pool.gateway.write({ providers, client: { max_request_body_size_mb: 0.001 } })
    await pool.gateway.gateway.reload()
    expect(await pool.keyFor()).toBe("fresh")
    expect((await pool.ask({ model: "pool/other" })).status).toBe(404)
    expect((await pool.ask({ user: "x".repeat(2_000) })).status).toBe(413)
  })

  test("forgets no cool-down", async () => {
    await using pool = await poolOf({
      keys: { a: { weight: 1e9 }, b: { weight: 1e-3 } },
      answers: (key) => (key === "a" ? "unauthorized" : undefined),
    })
    expect(await pool.keyFor()).toBe("b")
    const keys = { a: { weight: 1e9 }, b: { weight: 1e-3 }, c: { weight: 1e-9 } }
    await pool.gateway.write({ providers: { pool: poolProvider(pool.upstream.url, { keys, network: { max_retries: 2 } }) } })
    expect((await pool.gateway.gateway.reload()).kind).toBe("applied")
    for (let turn = 0; turn < 5; turn++) expect(await pool.keyFor()).toBe("b")
    expect(pool.used().filter((key) => key === "a").length).toBe(1)
  })

  test("switches the log on and off", async () => {
    await using upstream = await fakeUpstream({ script: streamed(chat.voice, { text: "fine" }) })
    const providers = { only: provider(upstream.url) }
    await using gateway = await gatewayWith({ providers, client: { enable_logging: false } })
    const ask = async (enabled: boolean) => {
      await gateway.write({ providers, client: { enable_logging: enabled } })
      await gateway.gateway.reload()
      await (await post(gateway, chat, chat.body("only/m", { stream: true }))).text()
    }
    const logged = async () => {
      const { logs } = (await (await fetch(`${gateway.url}/api/logs`)).json()) as { logs: unknown[] }
      return logs.length
    }
    expect(await logged()).toBe(0)
    await ask(true)
    while ((await logged()) === 0) await Bun.sleep(50)
    await ask(false)
    await ask(true)
    while ((await logged()) < 2) await Bun.sleep(50)
    expect(await logged()).toBe(2)
  }, 20_000)

  test("that is wrong changes nothing", async () => {
    await using pool = await poolOf({ keys: { a: {} } })
    await pool.gateway.write({ providers: { pool: { keys: "none" } } })
    expect((await pool.gateway.gateway.reload()).kind).toBe("rejected")
    expect(await pool.keyFor()).toBe("a")
    const health = await fetch(`${pool.gateway.url}/health`)
    expect(health.status).toBe(200)
    expect(((await health.json()) as { config: { problems: number } }).config.problems).toBeGreaterThan(0)
  })

  test("is seen without being told of", async () => {
    await using pool = await poolOf({ keys: { old: {} } })
    expect(await pool.keyFor()).toBe("old")
    await pool.gateway.write({ providers: { pool: poolProvider(pool.upstream.url, { keys: { fresh: {} } }) } })
    while ((await pool.keyFor()) !== "fresh") await Bun.sleep(20)
  })
})
