import { describe, expect, test } from "bun:test"
import { createServer, type IncomingMessage, type ServerResponse } from "node:http"
import { brotliCompressSync, constants, createGzip, deflateSync, gzipSync, zstdCompressSync } from "node:zlib"
import { ProtocolError } from "../../../src/lib/http1/response-head.ts"
import { answering, loopbackClient, post, rawServer, rejection } from "./raw-server.ts"

type Handler = (request: IncomingMessage, response: ServerResponse, body: Buffer) => void

async function nodeServer(handler: Handler) {
  let connections = 0
  const server = createServer((request, response) => {
    const pieces: Buffer[] = []
    request.on("data", (piece: Buffer) => pieces.push(piece))
    request.on("end", () => handler(request, response, Buffer.concat(pieces)))
  })
  server.on("connection", () => {
    connections += 1
  })
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  const address = server.address()
  return {
    url: `http://127.0.0.1:${typeof address === "object" && address ? address.port : 0}/path?query=1`,
    get connections() {
      return connections
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise<void>((resolve) => server.close(() => resolve()))
    },
  }
}

const body = Buffer.from("The quick brown fox jumps over the lazy dog. ".repeat(2_000))
const packed = (encoding: string, bytes: Uint8Array, chunked = false): Handler => {
  return (_request, response) => {
    response.setHeader("content-encoding", encoding)
    if (!chunked) response.setHeader("content-length", bytes.length)
    response.write(bytes.subarray(0, 1_000))
    response.end(bytes.subarray(1_000))
  }
}

const handlers: Readonly<Record<string, Handler>> = {
  "a length": (_request, response) => void response.setHeader("content-length", body.length).end(body),
  chunks: (_request, response) => {
    for (let at = 0; at < body.length; at += 7_001) response.write(body.subarray(at, at + 7_001))
    response.end()
  },
  trailers: (_request, response) => {
    response.setHeader("trailer", "x-sum")
    response.write("hello")
    response.addTrailers({ "x-sum": "42" })
    response.end()
  },
  "until the end": (_request, response) => {
    response.setHeader("connection", "close")
    response.removeHeader("transfer-encoding")
    response.write(body)
    response.end()
  },
  "early hints": (_request, response) => {
    response.writeEarlyHints({ link: "</style.css>; rel=preload" })
    response.writeEarlyHints({ link: ["</a.css>", "</b.css>"], "x-early": "1" })
    response.end("hello")
  },
  "100 Continue and 102 Processing": (_request, response) => {
    response.writeContinue()
    response.writeProcessing()
    response.end("hello")
  },
  "no body": (_request, response) => void response.writeHead(204).end(),
  "not modified": (_request, response) => void response.writeHead(304, { etag: '"x"' }).end(),
  "an empty body": (_request, response) => void response.end(),
  "an empty body in chunks": (_request, response) => {
    response.flushHeaders()
    response.end()
  },
  "a redirect": (_request, response) => void response.writeHead(302, { location: "/elsewhere" }).end("over there"),
  "an error": (_request, response) => void response.writeHead(529, "Overloaded", { "retry-after": "3" }).end('{"error":"busy"}'),
  "several fields of one name": (_request, response) =>
    void response
      .writeHead(
        200,
        [
          ["x-one", "1"],
          ["X-Many", "a"],
          ["x-many", "b"],
          ["x-empty", ""],
          ["x-latin", "caf\xe9"],
        ].flat(),
      )
      .end("hello"),
  "the request": (request, response, sent) =>
    void response.end(`${request.method} ${request.url} ${sent.length} ${Bun.hash(sent)}`),
  gzip: packed("gzip", gzipSync(body)),
  "gzip in capitals": packed("GZIP", gzipSync(body)),
  "x-gzip": packed("x-gzip", gzipSync(body), true),
  "gzip in chunks": packed("gzip", gzipSync(body), true),
  "two members of gzip": packed("gzip", Buffer.concat([gzipSync(body), gzipSync("more")])),
  deflate: packed("deflate", deflateSync(body)),
  br: packed("br", brotliCompressSync(body)),
  zstd: packed("zstd", zstdCompressSync(body)),
  identity: packed("identity", body),
  "no encoding": packed("", body),
  "an encoding that nobody knows": packed("utf-8", body),
  "a name of every object": packed("constructor", body),
  "two encodings": packed("gzip, gzip", gzipSync(gzipSync(body))),
  "gzip of nothing": packed("gzip", new Uint8Array(0)),
  "gzip of nothing, in chunks": packed("gzip", new Uint8Array(0), true),
  "gzip of nothing, in chunks that come later": (_request, response) => {
    response.setHeader("content-encoding", "gzip")
    response.flushHeaders()
    setImmediate(() => response.end())
  },
}

describe("answers of node:http are what `fetch` makes of them", () => {
  for (const [name, handler] of Object.entries(handlers))
    test(name, async () => {
      await using server = await nodeServer(handler)
      using client = loopbackClient()
      for (const method of ["POST", "GET"] as const) {
        const sent = method === "GET" ? undefined : body
        const wanted = await fetch(server.url, { method, redirect: "manual", ...(sent ? { body: sent } : {}) })
        const exchange = client.send(server.url, { method, headers: new Headers(), ...(sent ? { body: [sent] } : {}) })
        const got = await exchange.answer
        expect(got.status).toBe(wanted.status)
        // the time of the answer, and what is said of the connection, are nobody's business
        const own = ["date", "connection", "keep-alive", "transfer-encoding"]
        const fieldsOf = (fields: Iterable<readonly [string, string]>) =>
          Object.fromEntries([...new Headers([...fields] as [string, string][])].filter(([key]) => !own.includes(key)))
        expect(fieldsOf(got.headers)).toEqual(fieldsOf(wanted.headers))
        for (const key of Object.keys(fieldsOf(wanted.headers))) expect(got.headers.get(key)).toBe(wanted.headers.get(key))
        expect(Bun.hash(await got.bytes())).toBe(Bun.hash(await wanted.bytes()))
      }
    })

  test("calls one after the other share a connection", async () => {
    await using server = await nodeServer((_request, response) => void response.end("hello"))
    using client = loopbackClient()
    for (let n = 0; n < 20; n += 1) await (await post(client, server.url).answer).bytes()
    expect(server.connections).toBe(1)
  })
})

describe("a packed answer", () => {
  const gzipped = gzipSync(body)
  const answer = (bytes: Uint8Array) => [
    `HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: ${bytes.length}\r\n\r\n`,
    bytes,
  ]

  test("that is damaged or too short rejects the reading", async () => {
    const flipped = Buffer.from(gzipped)
    flipped.fill(0xff, 20, 40)
    for (const bytes of [
      gzipped.subarray(0, -6),
      flipped,
      Buffer.from("plain words"),
      Buffer.concat([gzipped, Buffer.from("junk")]),
    ]) {
      await using server = await rawServer(answering(() => answer(bytes)))
      using client = loopbackClient()
      expect(await rejection((await post(client, server.url).answer).bytes())).toBeInstanceOf(ProtocolError)
      const pieces = await post(client, server.url).answer
      const reading = async () => {
        while (!(await pieces.read()).done);
      }
      expect(await rejection(reading())).toBeInstanceOf(ProtocolError)
    }
  })

  test("with a status that no Response may have is an answer all the same", async () => {
    const [head = "", bytes = gzipped] = answer(gzipped)
    await using server = await rawServer(answering(() => [String(head).replace("200", "999"), bytes]))
    using client = loopbackClient()
    const got = await post(client, server.url).answer
    expect(got.status).toBe(999)
    expect(Bun.hash(await got.bytes())).toBe(Bun.hash(body))
  })

  test("gives each word that was flushed before the next is said", async () => {
    const words = ["data: one\n\n", "data: two\n\n", "data: three\n\n"]
    const heard = words.map(() => Promise.withResolvers<void>())
    await using server = await nodeServer(async (_request, response) => {
      response.writeHead(200, { "content-type": "text/event-stream", "content-encoding": "gzip" })
      const gzip = createGzip({ flush: constants.Z_SYNC_FLUSH })
      gzip.pipe(response)
      for (const [n, word] of words.entries()) {
        gzip.write(word)
        gzip.flush()
        await heard[n]?.promise
      }
      gzip.end()
    })
    using client = loopbackClient()
    const got = await post(client, server.url).answer
    for (const [n, word] of words.entries()) {
      expect(Buffer.from((await got.read()).value ?? []).toString()).toBe(word)
      heard[n]?.resolve()
    }
    expect((await got.read()).done).toBe(true)
  })
})
