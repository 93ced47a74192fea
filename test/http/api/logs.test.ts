import { afterAll, beforeAll, describe, expect, test } from "bun:test"
import { Elysia } from "elysia"
import type { LogStore, Payload } from "../../../src/core/record.ts"
import { logRoutes } from "../../../src/http/api/logs.ts"
import { RawJson } from "../../../src/lib/json.ts"
import { secretBox } from "../../../src/lib/secret-box.ts"
import { offLogStore } from "../../../src/store/off.ts"
import { sampleEntry, samplePayload } from "../../store/sample.ts"
import { type Folder, temporaryLog } from "../../store/sqlite/folder.ts"
import { settled } from "../../store/suite.ts"

const noon = Date.UTC(2026, 10, 22, 12)
let folder: Folder
let store: LogStore
let current: () => LogStore = () => store
const box = secretBox()
box.add("our-own-key-0123456789")
const app = new Elysia().use(logRoutes({ store: () => current(), decode: decoded, secrets: box }))

function decoded({ side, bytes }: Payload) {
  if (side === "client-request" && bytes.length > 100) return { said: new TextDecoder().decode(bytes) }
  if (side === "upstream-request") throw new Error("unreadable")
  return side === "client-request" ? { big: new RawJson("12345678901234567890") } : undefined
}

beforeAll(async () => {
  folder = temporaryLog()
  store = folder.open()
  const binary = { ...samplePayload("upstream-response", ""), bytes: Uint8Array.from([0xff, 0xfe]), size: 2 }
  const half = new TextEncoder().encode("née").subarray(0, 2)
  store.write(
    sampleEntry({ id: "whole/é", at: noon }, [
      samplePayload("client-request", '{"a":1}'),
      { ...samplePayload("client-response", ""), bytes: half, size: 4 },
      samplePayload("upstream-request", "text"),
      binary,
    ]),
  )
  for (let index = 1; index < 60; index++) {
    store.write(
      sampleEntry({ id: `call-${index}`, at: noon + index, provider: index % 2 ? "north" : "south", durationMs: index }),
    )
  }
  const telling = `{"say":"our-own-key-0123456789","and":"sk-somebody-elses-0123456789","password":"x","pad":"${"é".repeat(60)}"}`
  const login = Buffer.from("me:our-own-key-0123456789").toString("base64")
  store.write(sampleEntry({ id: "login", at: noon - 3 }, [samplePayload("client-request", `Basic ${login}`)]))
  store.write(
    sampleEntry({ id: "telling", at: noon - 1 }, [
      samplePayload("client-request", telling),
      { ...samplePayload("upstream-response", ""), bytes: Buffer.concat([Uint8Array.of(0xff), Buffer.from(telling)]), size: 999 },
    ]),
  )
  const cut = { ...samplePayload("client-request", '{"say":"our-own-ke'), size: 999 }
  store.write(sampleEntry({ id: "cut", at: noon - 2 }, [cut]))
  await settled(store)
  app.listen({ port: 0, hostname: "127.0.0.1" })
})
afterAll(async () => {
  await app.server?.stop(true)
  await folder.close()
})

const address = () => `127.0.0.1:${app.server?.port}`
async function ask(path: string): Promise<{ status: number; body: never }> {
  const response = await fetch(`http://${address()}${path}`)
  return { status: response.status, body: (await response.json()) as never }
}

describe("GET /api/logs", () => {
  test("gives the newest page and the way to the next", async () => {
    const first = await ask("/api/logs")
    const { logs, pagination, complete } = first.body as {
      logs: { id: string }[]
      pagination: { cursor: string }
      complete: boolean
    }
    expect(first.status).toBe(200)
    expect(logs.map(({ id }) => id)).toEqual(Array.from({ length: 50 }, (_, index) => `call-${59 - index}`))
    expect(pagination).toEqual({ limit: 50, cursor: expect.any(String), has_more: true } as never)
    expect(complete).toBe(true)
    const second = await ask(`/api/logs?cursor=${pagination.cursor}`)
    expect(second.body).toMatchObject({ pagination: { limit: 50, has_more: false } })
    expect((second.body as { logs: unknown[] }).logs).toHaveLength(13)
  })

  test("filters", async () => {
    const { body } = await ask("/api/logs?providers=south&min_latency=50&end_time=2026-11-22T12:00:00.058Z")
    expect((body as { logs: { id: string }[] }).logs.map(({ id }) => id)).toEqual([
      "call-58",
      "call-56",
      "call-54",
      "call-52",
      "call-50",
    ])
  })

  test.each(["limit=0", "status=odd", "cursor=rubbish", "surprise=1"])("refuses %s, and names it", async (parameter) => {
    const { status, body } = await ask(`/api/logs?${parameter}`)
    expect(status).toBe(400)
    expect(body).toMatchObject({
      error: { type: "invalid-request", param: parameter.split("=")[0], message: expect.any(String) },
    })
  })

  test("names the days of which calls are missing", async () => {
    current = () => ({ ...offLogStore(), list: async () => ({ records: [], complete: false, unreadable: ["2026-11-21"] }) })
    const { body } = await ask("/api/logs")
    current = () => store
    expect(body).toMatchObject({ logs: [], complete: false, unreadable_days: ["2026-11-21"] })
  })

  test("says when the log cannot be read", async () => {
    const closed = folder.open()
    await closed.stop(1_000)
    current = () => closed
    const { status, body } = await ask("/api/logs")
    current = () => store
    expect(status).toBe(503)
    expect(body).toMatchObject({ error: { type: "overloaded", message: expect.stringContaining("closed") } })
  })
})

describe("GET /api/logs/:id", () => {
  test("gives the record and its payloads as text where they are text", async () => {
    const response = await fetch(`http://${address()}/api/logs/${encodeURIComponent("whole/é")}`)
    const text = await response.text()
    expect(JSON.parse(text)).toMatchObject({
      record: { id: "whole/é", provider: "north" },
      payloads: [
        { side: "client-request", contentType: "application/json", size: 7, text: '{"a":1}' },
        { side: "client-response", size: 4, cut: true, text: "n" },
        { side: "upstream-request", text: "text" },
        { side: "upstream-response", size: 2, base64: "//4=" },
      ],
    })
    expect(text).toContain('"decoded":{"big":12345678901234567890}')
    expect(text.match(/"decoded"/g)).toHaveLength(1)
  })

  test("shows no secret of the gateway's own, in any form, and leaves all else as it was said", async () => {
    const response = await fetch(`http://${address()}/api/logs/telling`)
    const { payloads } = (await response.json()) as { payloads: { text?: string; base64?: string; decoded?: { said: string } }[] }
    const [asText, asBytes] = payloads
    const clean = `{"say":"[redacted]","and":"sk-somebody-elses-0123456789","password":"x","pad":"${"é".repeat(60)}"}`
    expect(asText?.text).toBe(clean)
    expect(asText?.decoded?.said).toBe(clean)
    expect(Buffer.from(asBytes?.base64 ?? "", "base64")).toEqual(Buffer.concat([Uint8Array.of(0xff), Buffer.from(clean)]))
  })

  test("shows none in base64", async () => {
    const response = await fetch(`http://${address()}/api/logs/login`)
    const { payloads } = (await response.json()) as { payloads: { text?: string }[] }
    expect(payloads[0]?.text).toBe("Basic bWU6[redacted]*******************Q==")
  })

  test("shows no beginning of a secret in the middle of which a payload was cut", async () => {
    const { body } = await ask("/api/logs/cut")
    expect(body).toMatchObject({ payloads: [{ cut: true, text: '{"say":"**********' }] })
  })

  test("is 404 for an id that is not there", async () => {
    expect(await ask("/api/logs/nobody")).toMatchObject({ status: 404, body: { error: { type: "not-found" } } as never })
  })
})

test("GET /api/logs/dropped tells what was lost", async () => {
  expect(await ask("/api/logs/dropped")).toEqual({ status: 200, body: { dropped: 0, queued: 0, state: "ok" } as never })
  current = offLogStore
  expect((await ask("/api/logs/dropped")).body).toEqual({ dropped: 0, queued: 0, state: "off" } as never)
  expect((await ask("/api/logs")).body).toMatchObject({ logs: [], complete: true })
  current = () => store
})
