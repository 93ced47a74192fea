import { describe, expect, test } from "bun:test"
import { reply, streamed } from "../support/answers/turn.ts"
import { type Gateway, startGateway } from "../support/gateway.ts"
import { tempFolder } from "../support/temp.ts"
import { type Answer, pause } from "../support/upstream/exchange.ts"
import { renderFrames } from "../support/upstream/well-formed.ts"
import { fakeUpstream } from "../support/upstream.ts"
import { customProvider, type Spoken, spokenWires, voices } from "./directions.ts"
import { post, smallest } from "./raw-client.ts"

const turn = { text: "one two three four" }
const config = (url: string, client: object = {}) => ({ providers: { chat: customProvider("chat", "chat", url) }, client })

/** Answers that stop in the middle until they are told to go on. */
function gated(spoken: Spoken = "chat") {
  const gate = Promise.withResolvers<void>()
  const frames = voices[spoken].frames(turn)
  const stream: Answer = async (writer) => {
    writer.head(200, { "content-type": "text/event-stream" })
    await writer.write(renderFrames(frames.slice(0, 3)))
    await gate.promise
    await writer.write(renderFrames(frames.slice(3)))
    await writer.end()
  }
  const unary: Answer = async (writer, request) => {
    await gate.promise
    await reply(voices[spoken], request.json(), { text: `${"long ".repeat(40_000)}end` })(writer, request)
  }
  return { stream, unary, goOn: gate.resolve }
}

async function refusesNewCalls(gateway: Gateway): Promise<void> {
  for (;;) {
    const response = await fetch(`${gateway.url}/health`)
    const { status } = (await response.json()) as { status: string }
    if (status === "draining") return expect(response.status).toBe(503)
    await Bun.sleep(5)
  }
}

describe("SIGTERM", () => {
  test("running calls finish whole, new ones are told to come back, then it ends well", async () => {
    const { stream, unary, goOn } = gated()
    await using upstream = await fakeUpstream({ script: [stream, unary] })
    await using gateway = await startGateway({ config: config(upstream.url) })
    const running = await post(gateway.url, "chat", smallest.chat("chat/m", { stream: true }))
    const waiting = post(gateway.url, "chat", smallest.chat("chat/m"))
    await upstream.received(1)
    gateway.kill("SIGTERM")
    await refusesNewCalls(gateway)
    for (const spoken of spokenWires) {
      const refused = await post(gateway.url, spoken, smallest[spoken]("chat/m"))
      expect(refused.status).toBe(503)
      expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(0)
      const body = (await refused.json()) as { type?: string; error: { message: string } }
      expect(body.error.message).toContain("shutting down")
      if (spoken === "messages") expect(body.type).toBe("error")
    }
    expect(upstream.requests.length).toBe(2)
    goOn()
    expect(await running.text()).toEndWith("data: [DONE]\n\n")
    expect(await (await waiting).text()).toContain('end"')
    expect(await gateway.exited).toBe(0)
  })

  test("an idle gateway ends at once", async () => {
    await using upstream = await fakeUpstream({ script: streamed(voices.chat, turn) })
    await using gateway = await startGateway({ config: config(upstream.url) })
    await (await post(gateway.url, "chat", smallest.chat("chat/m", { stream: true }))).text()
    const began = performance.now()
    gateway.kill("SIGINT")
    expect(await gateway.exited).toBe(0)
    expect(performance.now() - began).toBeLessThan(5_000)
  })

  test("a call that takes longer than the drain is cut off", async () => {
    const { stream, goOn } = gated()
    await using upstream = await fakeUpstream({ script: stream })
    await using gateway = await startGateway({ config: config(upstream.url, { drain_seconds: 0.2 }) })
    const running = await post(gateway.url, "chat", smallest.chat("chat/m", { stream: true }))
    gateway.kill("SIGTERM")
    expect(await gateway.exited).toBe(0)
    const told = await running.text().catch(() => "cut off")
    expect(told).not.toContain("[DONE]")
    goOn()
  })

  test("a second signal ends it on the spot", async () => {
    const { stream, goOn } = gated()
    await using upstream = await fakeUpstream({ script: stream })
    await using gateway = await startGateway({ config: config(upstream.url) })
    const running = await post(gateway.url, "chat", smallest.chat("chat/m", { stream: true }))
    gateway.kill("SIGTERM")
    await refusesNewCalls(gateway)
    // one signal may reach a program twice, so a second one counts only after a moment
    const again = setInterval(() => gateway.kill("SIGTERM"), 300)
    const began = performance.now()
    const code = await gateway.exited
    clearInterval(again)
    expect(code).not.toBe(0)
    expect(performance.now() - began).toBeLessThan(10_000)
    await running.text().catch(() => undefined)
    goOn()
  })
})

test("killed and started again on the same folder, it serves", async () => {
  await using folder = await tempFolder()
  await using upstream = await fakeUpstream({ script: { on: (request) => reply(voices.chat, request.json(), turn) } })
  const first = await startGateway({ config: config(upstream.url), folder })
  const calls = Array.from({ length: 20 }, () =>
    post(first.url, "chat", smallest.chat("chat/m", { stream: true })).catch(() => undefined),
  )
  await upstream.received(5)
  first.kill("SIGKILL")
  await first.exited
  await Promise.all(calls)
  await using second = await startGateway({ folder })
  const response = await post(second.url, "chat", smallest.chat("chat/m"))
  expect(response.status).toBe(200)
  expect(await response.text()).toContain("one two three four")
})

test("started on a broken file, it serves the last good one and says so, unless told to be strict", async () => {
  await using folder = await tempFolder()
  await using upstream = await fakeUpstream({ script: { on: (request) => reply(voices.chat, request.json(), turn) } })
  const first = await startGateway({ config: config(upstream.url), folder })
  await first.stop()
  await using second = await startGateway({ config: '{ "providers": { "chat": 5 } }', folder })
  expect((await post(second.url, "chat", smallest.chat("chat/m"))).status).toBe(200)
  const health = (await (await fetch(`${second.url}/health`)).json()) as { config: { source: string; problems: number } }
  expect(health.config.source).toBe("last-good")
  expect(health.config.problems).toBeGreaterThan(0)
  expect(second.output()).toContain("cannot be used")
  await second.stop()
  await expect(startGateway({ folder, args: ["--strict-config"] })).rejects.toThrow(/ended with code 78/)
})

test("an edited file is taken up, a broken one is not, and SIGHUP asks for a look", async () => {
  await using upstream = await fakeUpstream({ script: { on: (request) => reply(voices.chat, request.json(), turn) } })
  await using gateway = await startGateway({ config: config(upstream.url) })
  const file = `${gateway.folder.path}/config.json`
  const provider = async () => (await post(gateway.url, "chat", smallest.chat("m"))).headers.get("x-gantry-provider")
  expect(await provider()).toBe("chat")
  await Bun.write(file, JSON.stringify({ providers: { other: customProvider("chat", "other", upstream.url) } }))
  gateway.kill("SIGHUP")
  while ((await provider()) !== "other") await Bun.sleep(20)
  await Bun.write(file, "{ broken")
  gateway.kill("SIGHUP")
  const problems = async () =>
    ((await (await fetch(`${gateway.url}/health`)).json()) as { config: { problems: number } }).config.problems
  while ((await problems()) === 0) await Bun.sleep(20)
  expect(await provider()).toBe("other")
})

describe("many at once", () => {
  /** Streams that all wait for the last one to arrive. */
  function rendezvous(count: number): Answer {
    const all = Promise.withResolvers<void>()
    let here = 0
    const frames = voices.chat.frames(turn)
    return async (writer) => {
      writer.head(200, { "content-type": "text/event-stream" })
      await writer.write(renderFrames(frames.slice(0, 3)))
      here += 1
      if (here === count) all.resolve()
      await Promise.race([all.promise, pause(30_000, writer.gone)])
      await writer.write(renderFrames(frames.slice(3)))
      await writer.end()
    }
  }

  test("300 slow streams run side by side", async () => {
    const count = 300
    await using upstream = await fakeUpstream({ script: rendezvous(count) })
    await using gateway = await startGateway({ config: config(upstream.url) })
    const client = `
      const [url, count] = process.argv.slice(2)
      const body = JSON.stringify({ model: "chat/m", stream: true, messages: [{ role: "user", content: "x" }] })
      const one = async () => (await (await fetch(url + "/v1/chat/completions", { method: "POST", body })).text()).endsWith("data: [DONE]\\n\\n")
      const whole = await Promise.all(Array.from({ length: Number(count) }, one))
      console.log(whole.filter(Boolean).length)
    `
    await using folder = await tempFolder()
    const file = `${folder.path}/client.ts`
    await Bun.write(file, client)
    const child = Bun.spawn([process.execPath, "run", file, gateway.url, String(count)], {
      env: { ...process.env, BUN_CONFIG_MAX_HTTP_REQUESTS: "1000" },
      stdout: "pipe",
      stderr: "inherit",
    })
    expect(await new Response(child.stdout).text()).toBe(`${count}\n`)
    expect(await child.exited).toBe(0)
  }, 60_000)
})
