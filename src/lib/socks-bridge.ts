import { randomBytes, timingSafeEqual } from "node:crypto"
import { createServer, type Socket } from "node:net"

export interface SocksProxy {
  readonly host: string
  readonly port: number
  readonly username?: string
  readonly password?: string
  /** Until the SOCKS server has made the connection, in milliseconds. */
  readonly timeoutMs: number
}

export interface SocksBridge {
  /** An HTTP proxy on loopback, with credentials that only this process knows. */
  readonly url: string
  /** Takes no new connections; those that carry something go on to their end. */
  close(): void
}

const headLimit = 65_536

/**
 * An HTTP proxy on loopback that goes on through a SOCKS 5 server, for clients that speak only HTTP proxies. Names are resolved by the
 * SOCKS server. A plain request takes the whole connection: its client must not reuse it for another host.
 */
export async function socksBridge(proxy: SocksProxy): Promise<SocksBridge> {
  const secret = `bridge:${randomBytes(24).toString("base64url")}`
  const expected = Buffer.from(`basic ${Buffer.from(secret).toString("base64")}`)
  const server = createServer((client) => {
    client.on("error", () => client.destroy())
    readHead(client, (head, rest) => void serve(client, head, rest, proxy, expected))
  })
  server.unref()
  await new Promise<void>((resolve, reject) => server.once("error", reject).listen(0, "127.0.0.1", resolve))
  const address = server.address()
  if (address === null || typeof address === "string") throw new Error("the SOCKS bridge has no port")
  return {
    url: `http://${secret}@127.0.0.1:${address.port}`,
    close: () => void server.close(),
  }
}

/** Collects bytes up to the blank line that ends a request head. */
function readHead(client: Socket, ready: (head: string, rest: Buffer) => void): void {
  let seen = Buffer.alloc(0)
  const take = (chunk: Buffer) => {
    seen = Buffer.concat([seen, chunk])
    const end = seen.indexOf("\r\n\r\n")
    if (end < 0 && seen.length <= headLimit) return
    client.off("data", take)
    client.pause()
    if (end < 0) client.end("HTTP/1.1 431 Request Header Fields Too Large\r\n\r\n")
    else ready(seen.subarray(0, end).toString("latin1"), seen.subarray(end + 4))
  }
  client.on("data", take)
}

async function serve(client: Socket, head: string, rest: Buffer, proxy: SocksProxy, expected: Buffer): Promise<void> {
  if (!authorised(head, expected)) {
    client.end("HTTP/1.1 407 Proxy Authentication Required\r\n\r\n")
    return
  }
  const [method = "", target = ""] = (head.split("\r\n", 1)[0] ?? "").split(" ")
  const tunnel = method === "CONNECT"
  try {
    const upstream = await dial(tunnel ? authority(target) : origin(target), proxy)
    upstream.on("error", () => client.destroy())
    client.on("error", () => upstream.destroy())
    client.on("close", () => upstream.destroy())
    if (tunnel) client.write("HTTP/1.1 200 Connection Established\r\n\r\n")
    else upstream.write(Buffer.from(`${withoutProxyHeaders(head)}\r\n\r\n`, "latin1"))
    if (rest.length > 0) upstream.write(rest)
    client.pipe(upstream)
    upstream.pipe(client)
  } catch {
    client.end("HTTP/1.1 502 Bad Gateway\r\ncontent-length: 0\r\n\r\n")
  }
}

function authorised(head: string, expected: Buffer): boolean {
  const given = Buffer.from(/^proxy-authorization:\s*(basic \S+)/im.exec(head)?.[1]?.replace(/^basic/i, "basic") ?? "")
  return given.length === expected.length && timingSafeEqual(given, expected)
}

const withoutProxyHeaders = (head: string): string =>
  head
    .split("\r\n")
    .filter((line) => !/^proxy-/i.test(line))
    .join("\r\n")

function authority(target: string): { readonly host: string; readonly port: number } {
  const cut = target.lastIndexOf(":")
  return { host: target.slice(0, cut).replace(/^\[|\]$/g, ""), port: Number(target.slice(cut + 1)) }
}

function origin(target: string): { readonly host: string; readonly port: number } {
  const url = new URL(target)
  return { host: url.hostname.replace(/^\[|\]$/g, ""), port: Number(url.port) || 80 }
}

async function dial(destination: { readonly host: string; readonly port: number }, proxy: SocksProxy): Promise<Socket> {
  // Loaded with the first call that needs it: few do, and it is slow to load.
  const { SocksClient } = await import("socks")
  const { socket } = await SocksClient.createConnection({
    command: "connect",
    destination,
    timeout: proxy.timeoutMs,
    proxy: {
      host: proxy.host,
      port: proxy.port,
      type: 5,
      ...(proxy.username === undefined ? {} : { userId: proxy.username }),
      ...(proxy.password === undefined ? {} : { password: proxy.password }),
    },
  })
  return socket
}
