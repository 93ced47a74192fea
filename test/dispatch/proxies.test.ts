import { afterAll, describe, expect, test } from "bun:test"
import { type AddressInfo, connect, createServer, type Server } from "node:net"
import { makeCertificate } from "../support/certificate.ts"
import { json } from "../support/upstream/well-formed.ts"
import { fakeUpstream } from "../support/upstream.ts"
import { send } from "./sending.ts"

const certificate = makeCertificate()

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
