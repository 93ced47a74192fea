import { afterAll, describe, expect, test } from "bun:test"
import http2 from "node:http2"
import { type AddressInfo, connect, createServer, type Server } from "node:net"
import { httpTransport, type TransportOptions } from "../../src/dispatch/transport.ts"
import { unary } from "../support/answers/turn.ts"
import { makeCertificate } from "../support/certificate.ts"
import { json } from "../support/upstream/well-formed.ts"
import { fakeUpstream } from "../support/upstream.ts"
import { chat, gatewayWith, post, provider } from "./gateway.ts"

const certificate = makeCertificate()
const plain: TransportOptions = {
  provider: "p",
  http2: "off",
  connectMs: 2_000,
  insecureSkipVerify: false,
  allowPrivateNetwork: false,
}

const send = (options: Partial<TransportOptions>, url: string, signal = new AbortController().signal) => {
  const transport = httpTransport({ ...plain, ...options })
  return transport.send(url, {
    method: "POST",
    headers: new Headers({ "content-type": "application/json" }),
    body: Buffer.from("{}"),
    signal,
  })
}

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
    const ask = (path: string, signal: AbortSignal) =>
      transport.send(upstream.url + path, { method: "POST", headers: new Headers(), body: Buffer.from("{}"), signal })
    const leaving = new AbortController()
    const hung = ask("/hang", leaving.signal).catch((error: unknown) => error)
    const request = await upstream.received(0)
    const others = await Promise.all(Array.from({ length: 20 }, () => ask("/answer", new AbortController().signal)))
    expect(others.map((answer) => answer.status)).toEqual(Array(20).fill(200))
    leaving.abort()
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

interface Proxy extends AsyncDisposable {
  readonly port: number
  /** What it was asked to reach, one line a request. */
  readonly asked: string[]
}

const servers: Server[] = []
afterAll(() => {
  for (const server of servers) server.close()
})

async function listen(serve: (client: import("node:net").Socket) => void): Promise<{ readonly port: number; stop(): void }> {
  const server = createServer(serve)
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  return { port: (server.address() as AddressInfo).port, stop: () => void server.close() }
}

/** A proxy that speaks CONNECT and absolute URLs, and wants these credentials if any. */
async function httpProxy(credentials?: string): Promise<Proxy> {
  const asked: string[] = []
  const listener = await listen((client) => {
    client.on("error", () => {})
    client.once("data", (head: Buffer) => {
      const text = head.toString("latin1")
      asked.push(text.split("\r\n", 1)[0] ?? "")
      if (credentials !== undefined && !text.includes(`Basic ${Buffer.from(credentials).toString("base64")}`)) {
        client.end("HTTP/1.1 407 Proxy Authentication Required\r\ncontent-length: 0\r\n\r\n")
        return
      }
      const [method = "", target = ""] = text.split(" ")
      const url = new URL(method === "CONNECT" ? `http://${target}` : target)
      const upstream = connect(Number(url.port), url.hostname, () => {
        if (method === "CONNECT") client.write("HTTP/1.1 200 Connection Established\r\n\r\n")
        else upstream.write(head)
        client.pipe(upstream).pipe(client)
      })
      upstream.on("error", () => client.destroy())
    })
  })
  return { port: listener.port, asked, [Symbol.asyncDispose]: async () => listener.stop() }
}

/** SOCKS 5 with a name and password (RFC 1928, RFC 1929). */
async function socksProxy(username: string, password: string): Promise<Proxy> {
  const asked: string[] = []
  const listener = await listen((client) => {
    client.on("error", () => {})
    client.once("data", () => {
      client.write(Buffer.from([5, 2]))
      client.once("data", (said: Buffer) => {
        const nameLength = said[1] ?? 0
        const name = said.subarray(2, 2 + nameLength).toString()
        const secret = said.subarray(3 + nameLength).toString()
        const good = name === username && secret === password
        client.write(Buffer.from([1, good ? 0 : 1]))
        if (!good) return void client.end()
        client.once("data", (request: Buffer) => {
          const byName = request[3] === 3
          const host = byName ? request.subarray(5, 5 + (request[4] ?? 0)).toString() : request.subarray(4, 8).join(".")
          const port = request.readUInt16BE(request.length - 2)
          asked.push(`${host}:${port}`)
          const upstream = connect(port, host, () => {
            client.write(Buffer.from([5, 0, 0, 1, 127, 0, 0, 1, 0, 0]))
            client.pipe(upstream).pipe(client)
          })
          upstream.on("error", () => client.destroy())
        })
      })
    })
  })
  return { port: listener.port, asked, [Symbol.asyncDispose]: async () => listener.stop() }
}

describe("proxies", () => {
  test("HTTP, to a plain upstream and to one behind TLS, with credentials", async () => {
    await using proxy = await httpProxy("user:pass")
    await using open = await fakeUpstream({ script: json(200, { ok: 1 }) })
    await using closed = await fakeUpstream({ script: json(200, { ok: 2 }), certificate })
    const through = { proxy: { url: `http://user:pass@127.0.0.1:${proxy.port}` }, caPem: certificate.cert }
    expect(await (await send(through, open.url)).json()).toEqual({ ok: 1 })
    expect(await (await send(through, closed.url)).json()).toEqual({ ok: 2 })
    expect(proxy.asked.length).toBe(2)
    expect(proxy.asked[1]).toStartWith("CONNECT")
  })

  test("SOCKS, to a plain upstream and to one behind TLS, with credentials", async () => {
    await using proxy = await socksProxy("user", "p@ss")
    await using open = await fakeUpstream({ script: json(200, { ok: 1 }) })
    await using closed = await fakeUpstream({ script: json(200, { ok: 2 }), certificate })
    const through = { proxy: { url: `socks5://user:p%40ss@127.0.0.1:${proxy.port}` }, caPem: certificate.cert }
    expect(await (await send(through, open.url)).json()).toEqual({ ok: 1 })
    expect(await (await send(through, closed.url)).json()).toEqual({ ok: 2 })
    expect(proxy.asked).toEqual([`127.0.0.1:${open.port}`, `127.0.0.1:${closed.port}`])
  })

  test("a proxy that is down is a failure of the network, never a way around it", async () => {
    await using upstream = await fakeUpstream({ script: json(200, { ok: 1 }) })
    const gone = await listen(() => {})
    gone.stop()
    for (const scheme of ["http", "socks5"]) {
      const answer = send({ proxy: { url: `${scheme}://127.0.0.1:${gone.port}` } }, upstream.url)
      const failed = await answer.then(
        (response) => response.status >= 400,
        () => true,
      )
      expect(failed).toBe(true)
    }
    expect(upstream.requests.length).toBe(0)
  })
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
