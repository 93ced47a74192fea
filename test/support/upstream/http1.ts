import net from "node:net"
import tls from "node:tls"
import type { Certificate } from "../certificate.ts"
import { type Arrival, encodeText, type HeaderPairs, type Writer } from "./exchange.ts"
import { type Listener, listening } from "./listener.ts"
import { type RawRequest, requestReader } from "./request-reader.ts"

/** Called for each request; the connection serves the next one when the promise settles. */
export type Serve = (arrival: Arrival, writer: Writer) => Promise<void>

/** An HTTP/1.1 server written on bare sockets, so that an answer may break any rule below HTTP. Plain, or over TLS. */
export async function listenHttp1(serve: Serve, certificate?: Certificate): Promise<Listener> {
  const sockets = new Set<net.Socket>()
  let accepted = 0
  const accept = (socket: net.Socket) => {
    sockets.add(socket)
    socket.on("close", () => sockets.delete(socket))
    accepted += 1
    serveSocket(socket, accepted, serve)
  }
  const server = certificate
    ? tls.createServer({ key: certificate.key, cert: certificate.cert, ALPNProtocols: ["http/1.1"] }, accept)
    : net.createServer(accept)
  return listening(server, { accepted: () => accepted, open: sockets, drop: (socket) => socket.resetAndDestroy() })
}

function serveSocket(socket: net.Socket, connection: number, serve: Serve): void {
  const gone = new AbortController()
  socket.setNoDelay(true)
  socket.on("close", () => gone.abort())
  socket.on("error", () => gone.abort())
  let turn = Promise.resolve()
  const answer = (raw: RawRequest) => {
    const arrival: Arrival = { ...raw, connection, protocol: "http/1.1" }
    turn = turn.then(() => serve(arrival, writerFor(socket, gone.signal, raw.method === "HEAD")))
  }
  const reader = requestReader(() => socket.write("HTTP/1.1 100 Continue\r\n\r\n"))
  socket.on("data", (bytes) => {
    for (const raw of reader.push(encodeText(bytes))) answer(raw)
  })
}

function writerFor(socket: net.Socket, gone: AbortSignal, bodiless: boolean): Writer {
  let chunked = false
  const put = (bytes: Uint8Array | string): Promise<void> => {
    if (gone.aborted || socket.destroyed) return Promise.resolve()
    if (socket.write(bytes)) return Promise.resolve()
    return new Promise((resolve) => {
      const finish = () => {
        socket.off("drain", finish)
        gone.removeEventListener("abort", finish)
        resolve()
      }
      socket.on("drain", finish)
      gone.addEventListener("abort", finish)
    })
  }
  return {
    gone,
    head(status, headers = {}) {
      const names = Object.keys(headers).map((name) => name.toLowerCase())
      chunked =
        !bodiless && status !== 204 && status !== 304 && !names.includes("content-length") && !names.includes("transfer-encoding")
      void put(renderHead(status, chunked ? { ...headers, "transfer-encoding": "chunked" } : headers))
    },
    write(bytes) {
      const body = encodeText(bytes)
      if (bodiless || body.length === 0) return Promise.resolve()
      return put(chunked ? Buffer.concat([Buffer.from(`${body.length.toString(16)}\r\n`), body, Buffer.from("\r\n")]) : body)
    },
    end: () => (chunked ? put("0\r\n\r\n") : Promise.resolve()),
    raw: put,
    reset: () => void socket.resetAndDestroy(),
    close: () => void socket.end(),
  }
}

function renderHead(status: number, headers: HeaderPairs): string {
  const lines = [`HTTP/1.1 ${status} ${status < 400 ? "OK" : "Error"}`]
  for (const [name, value] of Object.entries(headers)) {
    for (const one of typeof value === "string" ? [value] : value) lines.push(`${name}: ${one}`)
  }
  return `${lines.join("\r\n")}\r\n\r\n`
}
