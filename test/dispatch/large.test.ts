import { describe, expect, test } from "bun:test"
import { stalledClient } from "../support/stalled-client.ts"
import type { Answer } from "../support/upstream/exchange.ts"
import { fakeUpstream } from "../support/upstream.ts"
import { chat, gatewayWith, post, provider } from "./gateway.ts"

const mebibyte = "x".repeat(1 << 20)

/** A JSON answer with so many MiB of text in it, of unknown length beforehand. */
const large = (mebibytes: number): Answer => {
  const [before = "", after = ""] = JSON.stringify(chat.voice.body({ text: "HERE" })).split("HERE")
  return async (writer) => {
    writer.head(200, { "content-type": "application/json" })
    await writer.write(before)
    for (let count = 0; count < mebibytes && !writer.gone.aborted; count++) await writer.write(mebibyte)
    await writer.write(after)
    await writer.end()
  }
}

const oneSlot = { concurrency_and_buffer_size: { concurrency: 1, buffer_size: 1 } }

describe("an answer too large to hold", () => {
  test("goes through whole, and its slot is free again", async () => {
    await using upstream = await fakeUpstream({ script: large(12) })
    await using gateway = await gatewayWith({ providers: { only: provider(upstream.url, { more: oneSlot }) } })
    for (let turn = 0; turn < 2; turn++) {
      const said = (await (await post(gateway, chat, chat.body("only/m"))).json()) as {
        choices: { message: { content: string } }[]
      }
      expect(said.choices[0]?.message.content.length).toBe(12 << 20)
    }
  }, 20_000)

  test("goes through as it comes also where it says that it is short, which its chunks belie", async () => {
    const seen = Promise.withResolvers<void>()
    const [before = "", after = ""] = JSON.stringify(chat.voice.body({ text: "HERE" })).split("HERE")
    const inChunk = (text: string) => `${text.length.toString(16)}\r\n${text}\r\n`
    await using upstream = await fakeUpstream({
      script: async (writer) => {
        const fields = ["content-type: application/json", "content-length: 3", "transfer-encoding: chunked"]
        await writer.raw(`HTTP/1.1 200 OK\r\n${fields.join("\r\n")}\r\n\r\n${inChunk(before)}`)
        for (let count = 0; count < 9; count++) await writer.raw(inChunk(mebibyte))
        await seen.promise
        await writer.raw(`${inChunk(after)}0\r\n\r\n`)
        writer.close()
      },
    })
    await using gateway = await gatewayWith({ providers: { only: provider(upstream.url) } })
    const reply = await post(gateway, chat, chat.body("only/m"))
    seen.resolve()
    const said = (await reply.json()) as { choices: { message: { content: string } }[] }
    expect(said.choices[0]?.message.content.length).toBe(9 << 20)
  })

  test("that its client does not take is given up, and its slot is free again", async () => {
    await using upstream = await fakeUpstream({ script: large(200) })
    await using gateway = await gatewayWith({
      providers: { only: provider(upstream.url, { more: oneSlot }) },
      routing: { queue_wait_in_seconds: 0 },
    })
    Object.assign(gateway.gateway.registry.limits, { clientStallMs: 300 })
    const socket = stalledClient(gateway.url, chat.path, chat.body("only/m"))
    const request = await upstream.received(0)
    expect((await post(gateway, chat, chat.body("only/m"))).status).toBe(503)
    expect(await request.ended).toBe("aborted")
    upstream.use(large(0))
    expect((await post(gateway, chat, chat.body("only/m"))).status).toBe(200)
    socket.destroy()
  }, 20_000)
})
