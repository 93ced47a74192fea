import { describe, expect, test } from "bun:test"
import { httpTransport } from "../../src/dispatch/transport.ts"
import { editBytes, keptOf } from "../../src/lib/edited-bytes.ts"
import { failing, reply } from "../support/answers/turn.ts"
import { makeCertificate } from "../support/certificate.ts"
import { json } from "../support/upstream/well-formed.ts"
import { fakeUpstream, type Upstream } from "../support/upstream.ts"
import { chat, gatewayWith, post, provider } from "./gateway.ts"
import { plain } from "./sending.ts"

const line = 'A "line" with\ta tab, a backslash \\ and an umlaut ü.\n'
const content = (index: number, size = 200_000): string => `${index} ${line.repeat(Math.ceil(size / line.length))}`
const spoken = (index: number, size?: number): string =>
  `"messages" : [ {"role":"user","content":${JSON.stringify(content(index, size))}} ]`

/** Bodies of every layout in which an edit can fall: before the long part, after it, on both sides, shorter and longer. */
const layouts: readonly ((model: string, index: number, more?: string) => string)[] = [
  (model, index, more = "") => `{"model":"${model}", ${more}${spoken(index)}, "x":1.0}`,
  (model, index, more = "") => `{ ${spoken(index)}${more && `,${more.slice(0, -1)}`}, "model" : "${model}"\n}`,
  (model, index, more = "") => `{"model":"${model}", ${spoken(index)}, ${more}"mod\\u0065l":"${model}"}`,
]

const answering = () =>
  fakeUpstream({
    script: { on: (request) => reply(chat.voice, request.json(), { text: request.text().slice(-40) }) },
  })

const down = () => fakeUpstream({ script: failing(chat.voice, "server error") })
const sent = ({ requests }: Upstream, index = 0): string => Buffer.from(requests[index]?.body ?? []).toString()

describe("a large request", () => {
  test("reaches each provider that is tried with that one's model and every other byte", async () => {
    await using first = await down()
    await using second = await down()
    await using third = await answering()
    await using gateway = await gatewayWith({
      providers: { a: provider(first.url), "another-name": provider(second.url), c: provider(third.url) },
      routing: { fallbacks: ["another-name/a-model-with-a-name-that-is-longer-than-any-other", "c/m3"] },
    })
    for (const [index, layout] of layouts.entries()) {
      const response = await post(gateway, chat, layout("a/m1", index))
      expect(response.status).toBe(200)
      await response.text()
      expect(sent(first, index) === layout("m1", index)).toBe(true)
      expect(sent(second, index) === layout("a-model-with-a-name-that-is-longer-than-any-other", index)).toBe(true)
      expect(sent(third, index) === layout("m3", index)).toBe(true)
    }
  }, 20_000)

  test("loses our own fallbacks and asks for usage, and no other byte is changed", async () => {
    await using upstream = await answering()
    await using gateway = await gatewayWith({ providers: { a: provider(upstream.url) } })
    for (const [index, layout] of layouts.entries()) {
      const asked = layout("a/m", index, '"fallbacks":["a/n"],"stream":true,')
      await (await post(gateway, chat, asked)).text()
      const wanted = layout("m", index, '"stream":true,')
      const end = wanted.trimEnd().length - 1
      const last = wanted.slice(0, end).trimEnd().length
      const whole = `${wanted.slice(0, last)},"stream_options":{"include_usage":true}${wanted.slice(last)}`
      expect(sent(upstream, index) === whole).toBe(true)
    }
  }, 20_000)

  test("is nobody else's among many at once", async () => {
    await using upstream = await answering()
    await using gateway = await gatewayWith({ providers: { a: provider(upstream.url) } })
    const count = 24
    const bodies = Array.from({ length: count }, (_, index) => layouts[index % layouts.length]?.("a/m", index) ?? "")
    const answers = await Promise.all(bodies.map((body) => post(gateway, chat, body)))
    expect(answers.map(({ status }) => status)).toEqual(Array(count).fill(200))
    await Promise.all(answers.map((answer) => answer.text()))
    const received = new Set(upstream.requests.map(({ body }) => Bun.hash(body)))
    const wanted = bodies.map((_, index) => Bun.hash(layouts[index % layouts.length]?.("m", index) ?? ""))
    expect(received).toEqual(new Set(wanted))
  }, 20_000)

  test("is shown as it was sent, and kept in the log as it came", async () => {
    await using upstream = await answering()
    await using gateway = await gatewayWith({ providers: { a: provider(upstream.url) }, client: { enable_logging: true } })
    const small = (model: string) => `{"model":"${model}", ${spoken(7, 70_000)}}`
    const response = await post(gateway, chat, small("a/m"), {
      headers: { "x-bf-send-back-raw-request": "true", "x-request-id": "shown" },
    })
    expect(response.status).toBe(200)
    await response.text()
    expect(sent(upstream) === small("m")).toBe(true)
    const kept = await payloads(gateway.url, "shown")
    expect(kept["client-request"] === small("a/m")).toBe(true)
    expect(kept["upstream-request"] === small("m")).toBe(true)
  }, 20_000)

  test("is counted with the length it came with, also where nobody keeps it", async () => {
    await using upstream = await answering()
    const client = { enable_logging: true, disable_content_logging: true }
    await using gateway = await gatewayWith({ providers: { a: provider(upstream.url) }, client })
    const body = layouts[0]?.("a/m", 1) ?? ""
    await (await post(gateway, chat, body, { headers: { "x-request-id": "counted" } })).text()
    const { record } = await entry(gateway.url, "counted")
    expect(record.requestBytes).toBe(Buffer.byteLength(body))
  }, 20_000)
})

interface Entry {
  readonly record: { readonly requestBytes: number }
  readonly payloads: readonly { readonly side: string; readonly text: string }[]
}

/** A call as soon as the log has it. */
async function entry(url: string, id: string): Promise<Entry> {
  for (;;) {
    const response = await fetch(`${url}/api/logs/${id}`)
    if (response.status === 200) return (await response.json()) as Entry
    await Bun.sleep(50)
  }
}

/** The texts of its payloads by side. */
async function payloads(url: string, id: string): Promise<Readonly<Record<string, string>>> {
  return Object.fromEntries((await entry(url, id)).payloads.map(({ side, text }) => [side, text]))
}

describe("a body lent to fetch", () => {
  const source = () => new TextEncoder().encode(spoken(1))
  const shorter = (body: Uint8Array) => editBytes(body, [{ start: 0, end: 10, text: "{" }])
  const longer = (body: Uint8Array) => editBytes(body, [{ start: 0, end: 0, text: "123456789" }])
  const certificate = makeCertificate()

  for (const protocol of ["h2", "http/1.1"] as const) {
    test(`is copied before fetch returns, over ${protocol}`, async () => {
      await using upstream = await fakeUpstream({ script: json(200, {}), certificate, ...(protocol === "h2" && { protocol }) })
      const transport = httpTransport({ ...plain, caPem: certificate.cert, http2: protocol === "h2" ? "on" : "off" })
      // the first call over a transport looks the host up before it sends
      for (const make of [shorter, longer, shorter]) {
        const body = source()
        const wanted = Buffer.from(keptOf(make(source()))).toString()
        const edited = make(body)
        const { answer } = transport.send(`${upstream.url}/`, { method: "POST", headers: new Headers(), body: edited })
        if (upstream.requests.length > 0) body.fill(0)
        expect((await answer).status).toBe(200)
        expect(sent(upstream, upstream.requests.length - 1) === wanted).toBe(true)
      }
      transport.close()
    })
  }
})
