import { afterAll, beforeAll, expect, test } from "bun:test"
import { Elysia } from "elysia"
import type { Payload } from "../../../src/core/record.ts"
import { readPayload } from "../../../src/dialects/read-payload.ts"
import { logRoutes } from "../../../src/http/api/logs.ts"
import { viewLink } from "../../../src/http/api/view-link.ts"
import { secretBox } from "../../../src/lib/secret-box.ts"
import type { SqliteLogStore } from "../../../src/store/sqlite/log-store.ts"
import { sampleEntry, samplePayload } from "../../store/sample.ts"
import { type Folder, temporaryLog } from "../../store/sqlite/folder.ts"
import { settled } from "../../store/suite.ts"

const secret = 'a "secret" of/our own-0123456789'
const box = secretBox()
let decodedHere = 0
const decode = (payload: Payload) => {
  decodedHere += 1
  return readPayload(payload)
}
let folder: Folder
let store: SqliteLogStore
beforeAll(() => {
  folder = temporaryLog()
  store = folder.open()
})
afterAll(() => folder.close())

const wire = "openai-chat"
const text = `${"said é\n".repeat(20_000)}${secret}`
const request = JSON.stringify({
  model: "m",
  messages: [{ role: "user", content: text }],
  seed: 12345678901234567890n.toString(),
})
const frame = (content: string) =>
  `data: ${JSON.stringify({ id: "c", object: "chat.completion.chunk", model: "m", choices: [{ index: 0, delta: { content } }] })}\n\n`
const stream = `${frame("long ".repeat(20_000))}${[...secret].map(frame).join("")}data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n`
const cases: [string, readonly Payload[]][] = [
  ["a request", [{ ...samplePayload("client-request", request), wire }]],
  ["a stream", [{ ...samplePayload("client-response", stream), wire, contentType: "text/event-stream" }]],
  ["one that was cut", [{ ...samplePayload("client-request", request.slice(0, 100_001)), size: 999_999, wire }]],
  ["no text", [{ ...samplePayload("upstream-response", ""), bytes: new Uint8Array(100_000).fill(0xff), size: 100_000 }]],
  ["several", [{ ...samplePayload("client-request", request), wire }, samplePayload("upstream-request", request)]],
  ["megabytes", [samplePayload("client-request", JSON.stringify({ text: "word ".repeat(600_000) }))]],
]

test.each(cases)("a large call is shown as a small one is, and this thread does not decode it: %s", async (id, payloads) => {
  store.write(sampleEntry({ id }, payloads))
  await settled(store)
  const forget = box.add(secret)
  const options = { store: () => store, decode, secrets: box }
  const here = new Elysia().use(logRoutes(options))
  const elsewhere = new Elysia().use(logRoutes({ ...options, elsewhere: viewLink() }))
  const ask = (app: { handle(request: Request): Promise<Response> }) =>
    app.handle(new Request(`http://localhost/api/logs/${encodeURIComponent(id)}`))
  const expected = await (await ask(here)).text()
  decodedHere = 0
  const response = await ask(elsewhere)
  expect(response.status).toBe(200)
  expect(response.headers.get("content-type")).toBe("application/json")
  expect(await response.text()).toBe(expected)
  expect(decodedHere).toBe(0)
  expect(expected).not.toContain(JSON.stringify(secret).slice(1, -1))
  forget()
})

test("a call that cannot be shown is refused as the log's trouble", async () => {
  store.write(sampleEntry({ id: "large" }, [samplePayload("client-request", "x".repeat(100_000))]))
  await settled(store)
  const elsewhere = async () => Promise.reject(new Error("no Worker"))
  const response = await new Elysia()
    .use(logRoutes({ store: () => store, elsewhere }))
    .handle(new Request("http://localhost/api/logs/large"))
  expect(response.status).toBe(500)
  expect(await response.json()).toMatchObject({ error: { type: "internal" } })
})
