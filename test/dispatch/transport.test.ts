import { describe, expect, test } from "bun:test"
import http2 from "node:http2"
import type { AddressInfo } from "node:net"
import { httpTransport } from "../../src/dispatch/transport.ts"
import { unary } from "../support/answers/turn.ts"
import { makeCertificate } from "../support/certificate.ts"
import { json } from "../support/upstream/well-formed.ts"
import { fakeUpstream } from "../support/upstream.ts"
import { chat, gatewayWith, post, provider } from "./gateway.ts"
import { plain, send } from "./sending.ts"

const certificate = makeCertificate()
describe("TLS", () => {
  test("an authority of one's own is trusted where it is configured, and nowhere else", async () => {
    await using upstream = await fakeUpstream({ script: json(200, { ok: true }), certificate })
    const answer = await send({ caPem: certificate.cert }, upstream.url)
    expect(await answer.json()).toEqual({ ok: true })
    await expect(send({}, upstream.url)).rejects.toThrow()
  })

  test("verification can be switched off for one provider", async () => {
    await using upstream = await fakeUpstream({ script: json(200, { ok: true }), certificate })
    expect((await send({ insecureSkipVerify: true }, upstream.url)).status).toBe(200)
  })
})

describe("HTTP/2", () => {
  const tls = { caPem: certificate.cert }

  test("is spoken where it is on, and not where it is off", async () => {
    await using upstream = await fakeUpstream({ script: json(200, { ok: true }), certificate, protocol: "h2" })
    expect((await send({ ...tls, http2: "on" }, upstream.url)).status).toBe(200)
    expect(upstream.requests[0]?.protocol).toContain("2")
    await using older = await fakeUpstream({ script: json(200, { ok: true }), certificate })
    expect((await send({ ...tls, http2: "off" }, older.url)).status).toBe(200)
    expect(older.requests[0]?.protocol).toContain("1.1")
  })

  test("many calls share one connection, and an abort takes only its own", async () => {
    await using upstream = await fakeUpstream({ certificate, protocol: "h2" })
    upstream.on((request) =>
      request.path === "/hang"
        ? (writer) => new Promise((done) => writer.gone.addEventListener("abort", () => done()))
        : json(200, {}),
    )
    const transport = httpTransport({ ...plain, ...tls, http2: "on" })
    const ask = (path: string) =>
      transport.send(upstream.url + path, { method: "POST", headers: new Headers(), body: Buffer.from("{}") })
    const leaving = ask("/hang")
    const hung = leaving.answer.catch((error: unknown) => error)
    const request = await upstream.received(0)
    const others = await Promise.all(Array.from({ length: 20 }, () => ask("/answer").answer))
    expect(others.map((answer) => answer.status)).toEqual(Array(20).fill(200))
    leaving.cancel()
    expect(await request.ended).toBe("aborted")
    expect(await hung).toBeInstanceOf(Error)
  })
})

/** An HTTP/2 server over TLS that handles each stream by `serve`. */
async function rawHttp2(
  serve: (stream: http2.ServerHttp2Stream, session: http2.ServerHttp2Session, count: number, cut: () => void) => void,
) {
  const server = http2.createSecureServer({ key: certificate.key, cert: certificate.cert })
  const sessions = new Set<http2.ServerHttp2Session>()
  const sockets = new Set<{ destroy(): void }>()
  const cut = () => {
    for (const socket of sockets) socket.destroy()
  }
  server.on("secureConnection", (socket) => sockets.add(socket))
  let count = 0
  server.on("session", (session) => {
    sessions.add(session)
    session.on("error", () => sessions.delete(session))
    session.on("stream", (stream) => {
      stream.on("error", () => {})
      stream.resume()
      count += 1
      serve(stream, session, count, cut)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  return {
    url: `https://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      for (const session of sessions) session.destroy()
      await new Promise<void>((resolve) => server.close(() => resolve()))
    },
  }
}

describe("HTTP/2 faults go to the fallback, and the next call is served", () => {
  const answer = (stream: http2.ServerHttp2Stream) => {
    stream.respond({ ":status": 200, "content-type": "application/json" })
    stream.end(JSON.stringify(chat.voice.body({ text: "over http2" })))
  }
  const faults: readonly (readonly [
    string,
    (stream: http2.ServerHttp2Stream, session: http2.ServerHttp2Session, cut: () => void) => void,
  ])[] = [
    ["RST_STREAM before headers", (stream) => stream.close(http2.constants.NGHTTP2_REFUSED_STREAM)],
    ["GOAWAY before headers", (_stream, session) => session.destroy(undefined, http2.constants.NGHTTP2_ENHANCE_YOUR_CALM)],
    ["a connection that dies", (_stream, _session, cut) => cut()],
  ]
  for (const [name, fail] of faults) {
    test(name, async () => {
      await using first = await rawHttp2((stream, session, count, cut) =>
        count === 1 ? fail(stream, session, cut) : answer(stream),
      )
      await using second = await fakeUpstream({ script: unary(chat.voice, { text: "from the second" }) })
      const network = { http2: "on", ca_cert_pem: certificate.cert }
      await using gateway = await gatewayWith({
        providers: { first: provider(first.url, { network }), second: provider(second.url) },
      })
      const saved = await post(gateway, chat, chat.body("first/m", { fallbacks: ["second/m"] }))
      expect(await saved.text()).toContain("from the second")
      const next = await post(gateway, chat, chat.body("first/m"))
      expect(await next.text()).toContain("over http2")
    })
  }
})

describe("addresses that are never called", () => {
  for (const url of ["http://169.254.169.254/latest/meta-data", "http://[fe80::1]/", "http://0x7f000001.example.invalid/"]) {
    test(url, async () => {
      await expect(send({}, url)).rejects.toThrow()
    })
  }

  test("private ones only where the operator allows them", async () => {
    await expect(send({}, "http://10.0.0.1:9/")).rejects.toThrow(/allow_private_network/)
  })
})

describe("an address that is looked up without end", () => {
  const request = () => ({ method: "POST", headers: new Headers(), body: Buffer.from("{}") }) as const
  const endless = () => new Promise<never>(() => {})
  const ways = [
    ["over TLS", "https://models.example.invalid/", undefined],
    ["through a proxy", "http://models.example.invalid/", { url: "http://127.0.0.1:9" }],
    ["plain", "http://models.example.invalid/", undefined],
  ] as const

  for (const [way, url, proxy] of ways) {
    test(`is over with the time for connecting, ${way}`, async () => {
      const transport = httpTransport({ ...plain, connectMs: 20, proxy }, endless)
      await expect(transport.send(url, request()).answer).rejects.toMatchObject({
        error: { kind: "timeout", message: expect.stringContaining("0.02 s (set by network_config.connect_timeout_in_seconds)") },
      })
      transport.close()
    })

    test(`is over when the client leaves, ${way}`, async () => {
      const transport = httpTransport({ ...plain, connectMs: 60_000, proxy }, endless)
      const sending = transport.send(url, request())
      const gone = new Error("gone")
      sending.cancel(gone)
      await expect(sending.answer).rejects.toBe(gone)
      transport.close()
    })
  }
})
