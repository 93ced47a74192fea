import { describe, expect, test } from "bun:test"
import fc from "fast-check"
import { ConnectionLostError } from "../../../src/lib/http1/connection.ts"
import { ProtocolError } from "../../../src/lib/http1/response-head.ts"
import { cutAt } from "./pieces.ts"
import { answering, loopbackClient, post, rawServer, rejection, textOf, withLength } from "./raw-server.ts"

interface Answer {
  readonly framing: "length" | "chunked" | "until-close"
  readonly status: number
  readonly before: readonly string[]
  readonly version: "1.0" | "1.1"
  readonly connection: "" | "close" | "keep-alive"
  readonly body: Uint8Array
  readonly chunkSize: number
  readonly surplus: "" | "stray" | "HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nevil"
  readonly cuts: readonly number[]
}

const answers: fc.Arbitrary<Answer> = fc.record({
  framing: fc.constantFrom("length" as const, "chunked" as const, "until-close" as const),
  status: fc.constantFrom(200, 201, 400, 429, 500, 599),
  before: fc.array(
    fc.constantFrom("HTTP/1.1 100 Continue\r\n\r\n", "HTTP/1.1 103 Early Hints\r\nlink: </a>\r\ncontent-length: 3\r\n\r\n"),
    { maxLength: 3 },
  ),
  version: fc.constantFrom("1.1" as const, "1.1" as const, "1.0" as const),
  connection: fc.constantFrom("" as const, "" as const, "close" as const, "keep-alive" as const),
  body: fc.uint8Array({ maxLength: 3_000 }),
  chunkSize: fc.integer({ min: 1, max: 800 }),
  surplus: fc.constantFrom(
    "" as const,
    "" as const,
    "" as const,
    "stray" as const,
    "HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nevil" as const,
  ),
  cuts: fc.array(fc.nat({ max: 4_000 }), { maxLength: 8 }),
})

function written({ framing, status, before, version, connection, body, chunkSize, surplus }: Answer): Buffer {
  const lines = [`HTTP/${version} ${status} Whatever`, `x-number: ${body.length}`]
  if (connection !== "") lines.push(`Connection: ${connection}`)
  if (framing === "length") lines.push(`Content-Length: ${body.length}`)
  if (framing === "chunked") lines.push("Transfer-Encoding: chunked")
  const head = [...before, ...lines.map((line) => `${line}\r\n`), "\r\n"].join("")
  const parts: Uint8Array[] = [Buffer.from(head)]
  if (framing === "chunked") {
    for (let from = 0; from < body.length; from += chunkSize) {
      const data = body.subarray(from, from + chunkSize)
      parts.push(Buffer.from(`${data.length.toString(16)}\r\n`), data, Buffer.from("\r\n"))
    }
    parts.push(Buffer.from("0\r\nx-trailer: 1\r\n\r\n"))
  } else parts.push(body)
  if (framing !== "until-close") parts.push(Buffer.from(surplus))
  return Buffer.concat(parts)
}

/** Whether the connection may carry another exchange. */
function goesOn({ framing, version, connection, surplus }: Answer): boolean {
  if (framing === "until-close" || surplus !== "" || connection === "close") return false
  return version === "1.1" || (connection === "keep-alive" && framing === "length")
}

test("any well-formed answers, cut anywhere, come out whole and on the right connection", async () => {
  let next: Answer | undefined
  await using server = await rawServer(async (peer) => {
    while (await peer.request()) {
      const answer = next
      if (!answer) return
      await peer.writeAll(cutAt(written(answer), answer.cuts))
      if (answer.framing === "until-close") peer.end()
    }
  })
  await fc.assert(
    fc.asyncProperty(fc.array(answers, { minLength: 1, maxLength: 4 }), fc.boolean(), async (given, whole) => {
      using client = loopbackClient()
      let connections = server.peers.length
      let kept = false
      for (const answer of given) {
        next = answer
        const exchange = post(client, server.url)
        const head = await exchange.answer
        expect(head.status).toBe(answer.status)
        expect(head.headers.get("x-number")).toBe(String(answer.body.length))
        expect(head.headers.get("link")).toBeNull()
        const pieces: Uint8Array[] = []
        if (whole) pieces.push(await head.bytes())
        else for (let read = await head.read(); !read.done; read = await head.read()) pieces.push(read.value)
        expect(Buffer.concat(pieces).equals(Buffer.from(answer.body))).toBe(true)
        if (!kept) connections += 1
        kept = goesOn(answer)
        const peer = await server.peer(connections)
        expect(server.peers.length).toBe(connections)
        if (!kept) await peer.finished
      }
    }),
    { numRuns: 120 },
  )
}, 60_000)

describe("before the answer", () => {
  const hints = "HTTP/1.1 103 Early Hints\r\nlink: </style.css>\r\n\r\n"
  const answer = withLength("hello")

  test("informational heads are passed over wherever they are cut", async () => {
    const bytes = Buffer.from(`HTTP/1.1 100 Continue\r\n\r\n${hints}${hints}HTTP/1.1 102\n\n${answer}`)
    let cut = 0
    await using server = await rawServer(answering(() => cutAt(bytes, [cut]).map((piece) => piece)))
    using client = loopbackClient()
    for (cut = 1; cut < bytes.length; cut += 1) {
      const head = await post(client, server.url).answer
      expect(head.status).toBe(200)
      expect(head.headers.get("link")).toBeNull()
      expect(Buffer.from(await head.bytes()).toString()).toBe("hello")
    }
    expect(server.peers.length).toBe(1)
  })

  test("tens of thousands of them at once do no harm", async () => {
    await using server = await rawServer(answering(() => ["HTTP/1.1 100 Continue\r\n\r\n".repeat(40_000), answer]))
    using client = loopbackClient()
    expect(await textOf(post(client, server.url))).toBe("hello")
  })
})

describe("what is no answer", () => {
  const refused: Readonly<Record<string, string>> = {
    "another protocol": "HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\n\r\n",
    "a banner without an end": "SSH-2.0-OpenSSH_9.6\r\n",
    "lengths that differ": "HTTP/1.1 200 OK\r\ncontent-length: 5\r\ncontent-length: 6\r\n\r\nhello",
    "an unknown transfer coding": "HTTP/1.1 200 OK\r\ntransfer-encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
    "damaged chunks": "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n",
    "a head without an end": `HTTP/1.1 200 OK\r\n${"x: y\r\n".repeat(20_000)}`,
    "one long line": `HTTP/1.1 200 OK\r\nx: ${"y".repeat(70_000)}`,
    "a long head with its end": `HTTP/1.1 200 OK\r\nx: ${"y".repeat(70_000)}\r\n\r\n`,
    "a NUL": "HTTP/1.1 200 OK\r\nx: \0\r\n\r\n",
  }
  for (const [name, bytes] of Object.entries(refused))
    test(name, async () => {
      await using server = await rawServer(answering(() => bytes))
      using client = loopbackClient()
      expect(await rejection(post(client, server.url).answer)).toBeInstanceOf(ProtocolError)
      await (await server.peer(1)).gone
    })

  test("damage after the head rejects the reading, after what came before it", async () => {
    const seen = Promise.withResolvers<void>()
    await using server = await rawServer(async (peer) => {
      await peer.request()
      await peer.write("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n")
      await seen.promise
      await peer.write("zz\r\n")
    })
    using client = loopbackClient()
    const head = await post(client, server.url).answer
    expect(Buffer.from((await head.read()).value ?? []).toString()).toBe("hello")
    seen.resolve()
    expect(await rejection(head.read())).toBeInstanceOf(ProtocolError)
    expect(await rejection(head.read())).toBeInstanceOf(ProtocolError)
    await (await server.peer(1)).gone
  })
})

describe("an answer that is cut off", () => {
  const whole: Readonly<Record<string, string>> = {
    "a length": withLength("hello"),
    chunks: "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
    "a body until the end": "HTTP/1.1 200 OK\r\n\r\nhello",
  }
  for (const [name, answer] of Object.entries(whole))
    for (const how of ["end", "reset"] as const)
      test(`${name}, by ${how}, anywhere`, async () => {
        let cut = 0
        await using server = await rawServer(async (peer) => {
          await peer.request()
          await peer.write(answer.slice(0, cut))
          peer[how]()
        })
        using client = loopbackClient()
        const bodyAt = answer.indexOf("\r\n\r\n") + 4
        for (cut = 0; cut < answer.length; cut += 1) {
          const exchange = post(client, server.url)
          // a body that ends with its connection is whole wherever it ends
          if (name === "a body until the end" && how === "end" && cut >= bodyAt)
            expect(await textOf(exchange)).toBe(answer.slice(bodyAt, cut))
          else expect(await rejection(textOf(exchange))).toBeInstanceOf(ConnectionLostError)
        }
      })
})
