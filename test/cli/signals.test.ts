import { describe, expect, setDefaultTimeout, test } from "bun:test"
import { once } from "node:events"
import { writeFile } from "node:fs/promises"
import { connect } from "node:net"
import { join } from "node:path"
import { clients } from "../dispatch/gateway.ts"
import { startGateway } from "../support/gateway.ts"
import { tempFolder } from "../support/temp.ts"
import { stall } from "../support/upstream/faults.ts"
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
  ] as const)("a second %s ends at once with code %p, and a stream with an error that says why", async (signal, code) => {
    await using held = await heldCall()
    const { gateway, answer, release } = held
    gateway.kill(signal)
    await untilPrinted(gateway, signal)
    // one that follows on the heels of the first is taken for its echo
    await Bun.sleep(400)
    gateway.kill(signal)
    const text = await answer.text()
    expect(text).toContain('"one "')
    expect(text).toContain("the gateway is shutting down")
    expect(text).not.toContain("[DONE]")
    expect(await gateway.exited).toBe(code)
    release()
  })

  test("calls that a drain does not wait for any longer are told so, in every format, and are in the log", async () => {
    const folder = await tempFolder()
    await using upstream = await fakeUpstream({ script: stall([]) })
    const config = { ...providerAt(upstream.url), client: { drain_seconds: 0.2 } }
    const gateway = await startGateway({ config, folder })
    const asked = clients.flatMap((client) =>
      [false, true].map(async (stream) => {
        const body = JSON.stringify(client.body("shop/m", { stream }))
        const headers = { "content-type": "application/json", "x-request-id": `${client.id}-${stream}` }
        const response = await fetch(gateway.url + client.path, { method: "POST", headers, body })
        expect(response.headers.get("x-should-retry")).toBeNull()
        expect(response.status).toBe(503)
        expect(client.errorMessage(await response.json())).toBe("the gateway is shutting down and did not wait for this answer")
      }),
    )
    await upstream.received(asked.length - 1)
    gateway.kill("SIGTERM")
    await Promise.all(asked)
    expect(await gateway.exited).toBe(0)
    await using next = await startGateway({ config, folder })
    const { logs } = (await (await fetch(`${next.url}/api/logs`)).json()) as { logs: { error?: { kind: string } }[] }
    expect(logs.map(({ error }) => error?.kind)).toEqual(asked.map(() => "draining"))
    await folder.remove()
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
