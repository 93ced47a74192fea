import { describe, expect, setDefaultTimeout, test } from "bun:test"
import { once } from "node:events"
import { writeFile } from "node:fs/promises"
import { connect } from "node:net"
import { join } from "node:path"
import { startGateway } from "../support/gateway.ts"
import { json } from "../support/upstream/well-formed.ts"
import { fakeUpstream } from "../support/upstream.ts"
import { call, heldCall, providerAt, untilPrinted } from "./shop.ts"

setDefaultTimeout(30_000)

describe("signals", () => {
  test("a signal lets a running stream end, then the process with code 0", async () => {
    await using held = await heldCall()
    const { gateway, answer, release } = held
    gateway.kill("SIGTERM")
    await untilPrinted(gateway, "SIGTERM")
    const late = await call(gateway)
    expect(late.status).toBe(503)
    release()
    const text = await answer.text()
    expect(text).toContain('"two"')
    expect(text).toContain("[DONE]")
    expect(await gateway.exited).toBe(0)
  })

  test("an answer that its client takes slowly arrives whole", async () => {
    const content = "x".repeat(8 << 20)
    const message = { index: 0, message: { role: "assistant", content }, finish_reason: "stop" }
    const body = { id: "c", object: "chat.completion", created: 1, model: "m", choices: [message] }
    await using upstream = await fakeUpstream({ script: json(200, body) })
    await using gateway = await startGateway({ config: providerAt(upstream.url) })
    const socket = connect(gateway.port, "127.0.0.1")
    const request = JSON.stringify({ model: "shop/m", messages: [{ role: "user", content: "Hello" }] })
    const head = `host: 127.0.0.1\r\ncontent-type: application/json\r\ncontent-length: ${request.length}\r\n`
    socket.write(`POST /v1/chat/completions HTTP/1.1\r\n${head}\r\n${request}`)
    let received = 0
    socket.on("data", (bytes) => {
      received += bytes.length
    })
    await once(socket, "data")
    socket.pause()
    gateway.kill("SIGTERM")
    await untilPrinted(gateway, "SIGTERM")
    socket.resume()
    await once(socket, "close")
    expect(received).toBeGreaterThan(content.length)
    expect(await gateway.exited).toBe(0)
  })

  test.each([
    ["SIGINT", 130],
    ["SIGTERM", 143],
  ] as const)("a second %s ends at once with code %p", async (signal, code) => {
    await using held = await heldCall()
    const { gateway, answer, release } = held
    gateway.kill(signal)
    await untilPrinted(gateway, signal)
    // one that follows on the heels of the first is taken for its echo
    const again = setInterval(() => gateway.kill(signal), 50)
    expect(await gateway.exited).toBe(code)
    clearInterval(again)
    release()
    await answer.text().catch(() => undefined)
  })

  test("an echo of the first signal is not a second one", async () => {
    await using held = await heldCall()
    const { gateway, answer, release } = held
    gateway.kill("SIGINT")
    gateway.kill("SIGINT")
    await untilPrinted(gateway, "SIGINT")
    release()
    expect(await answer.text()).toContain("[DONE]")
    expect(await gateway.exited).toBe(0)
  })

  test("SIGHUP reads the configuration again", async () => {
    await using gateway = await startGateway({ config: { providers: { mock: {} } } })
    const file = join(gateway.folder.path, "config.json")
    gateway.kill("SIGHUP")
    await untilPrinted(gateway, "the configuration is as it was")
    await writeFile(file, JSON.stringify({ providers: { mock: {}, ollama: {} } }))
    gateway.kill("SIGHUP")
    await untilPrinted(gateway, "is in force")
    await writeFile(file, "{")
    gateway.kill("SIGHUP")
    await untilPrinted(gateway, "the edited configuration is not used")
    gateway.kill("SIGHUP")
    await untilPrinted(gateway, "still cannot be used")
  })
})
