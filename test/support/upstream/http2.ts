import http2 from "node:http2"
import type { Certificate } from "../certificate.ts"
import { encodeText, type Writer } from "./exchange.ts"
import type { Serve } from "./http1.ts"
import { type Listener, listening } from "./listener.ts"

/** An HTTP/2 server: over TLS with a certificate, else cleartext with prior knowledge. */
export async function listenHttp2(serve: Serve, certificate?: Certificate): Promise<Listener> {
  const sessions = new Set<http2.ServerHttp2Session>()
  let accepted = 0
  const server = certificate ? http2.createSecureServer({ key: certificate.key, cert: certificate.cert }) : http2.createServer()
  server.on("session", (session) => {
    accepted += 1
    const connection = accepted
    sessions.add(session)
    session.on("close", () => sessions.delete(session))
    session.on("error", () => sessions.delete(session))
    session.on("stream", (stream, headers) => void serveStream(stream, headers, session, connection, serve))
  })
  return listening(server, { accepted: () => accepted, open: sessions, drop: (session) => session.destroy() })
}

async function serveStream(
  stream: http2.ServerHttp2Stream,
  incoming: http2.IncomingHttpHeaders,
  session: http2.ServerHttp2Session,
  connection: number,
  serve: Serve,
): Promise<void> {
  const gone = new AbortController()
  stream.on("close", () => gone.abort())
  stream.on("error", () => gone.abort())
  const headers = new Headers()
  for (const [name, value] of Object.entries(incoming)) {
    if (name.startsWith(":") || value === undefined) continue
    for (const one of Array.isArray(value) ? value : [value]) headers.append(name, one)
  }
  const parts: Uint8Array[] = []
  stream.on("data", (part: Uint8Array) => parts.push(part))
  await new Promise<void>((resolve) => {
    stream.on("end", resolve)
    gone.signal.addEventListener("abort", () => resolve())
  })
  const arrival = {
    method: String(incoming[":method"]),
    path: String(incoming[":path"]),
    headers,
    body: Uint8Array.from(Buffer.concat(parts)),
    connection,
    protocol: "h2",
  } as const
  await serve(arrival, writerFor(stream, session, gone.signal))
}

function writerFor(stream: http2.ServerHttp2Stream, session: http2.ServerHttp2Session, gone: AbortSignal): Writer {
  const live = () => !gone.aborted && !stream.destroyed
  return {
    gone,
    head(status, headers = {}) {
      const fields: Record<string, string | string[]> = {}
      for (const [name, value] of Object.entries(headers)) {
        if (name.toLowerCase() !== "content-length") fields[name.toLowerCase()] = typeof value === "string" ? value : [...value]
      }
      if (live()) stream.respond({ ":status": status, ...fields })
    },
    write(bytes) {
      if (!live() || stream.write(encodeText(bytes))) return Promise.resolve()
      return new Promise((resolve) => {
        stream.once("drain", resolve)
        gone.addEventListener("abort", () => resolve(), { once: true })
      })
    },
    end() {
      if (!live()) return Promise.resolve()
      return new Promise((resolve) => stream.end(() => resolve()))
    },
    raw: () => Promise.reject(new Error("raw bytes are for HTTP/1.1 only")),
    reset: () => void stream.destroy(new Error("reset by script")),
    close: () => session.goaway(http2.constants.NGHTTP2_NO_ERROR),
  }
}
