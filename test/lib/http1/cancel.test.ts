import { describe, expect, test } from "bun:test"
import type { Exchange } from "../../../src/lib/http1/exchange.ts"
import { cutAt } from "./pieces.ts"
import { answering, loopbackClient, type Peer, post, rawServer, rejection, textOf, turn, withLength } from "./raw-server.ts"

class Leaving extends Error {}

/** Settles once and never again, whatever is done afterwards. */
function counted(promise: Promise<unknown>) {
  const seen: unknown[] = []
  promise.then(
    (value) => seen.push(value),
    (error: unknown) => seen.push(error),
  )
  return seen
}

const begun = "HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n"

async function leaves(
  serve: (peer: Peer) => Promise<void>,
  until: (exchange: Exchange, peer: Peer) => Promise<void>,
  body = [Buffer.from("ask")],
) {
  await using server = await rawServer(serve)
  using client = loopbackClient()
  const exchange = post(client, server.url, body)
  const seen = counted(exchange.answer)
  const peer = await server.peer(1)
  await until(exchange, peer)
  const reason = new Leaving()
  exchange.cancel(reason)
  exchange.cancel(new Error("again"))
  await peer.gone
  expect(server.live).toBe(0)
  return { exchange, seen, reason }
}

describe("an exchange that is let go frees the server's socket and is rejected once", () => {
  test("when it was sent", async () => {
    const { exchange, seen, reason } = await leaves(
      async (peer) => void (await peer.request()),
      async (_, peer) => {
        while (peer.received === 0) await turn()
      },
    )
    expect(await rejection(exchange.answer)).toBe(reason)
    expect(seen).toEqual([reason])
  })

  test("while it is being sent", async () => {
    const { exchange, seen, reason } = await leaves(
      async (peer) => void peer.socket.pause(),
      async (_, peer) => {
        for (let n = 0; n < 20; n += 1) await turn()
        peer.socket.resume()
      },
      [Buffer.alloc(20_000_000)],
    )
    expect(await rejection(exchange.answer)).toBe(reason)
    expect(seen).toEqual([reason])
  })

  test("within the head", async () => {
    const { exchange, seen, reason } = await leaves(
      async (peer) => {
        await peer.request()
        await peer.write("HTTP/1.1 200 OK\r\ncontent-le")
      },
      async (_, peer) => {
        while (peer.received === 0) await turn()
        for (let n = 0; n < 20; n += 1) await turn()
      },
    )
    expect(await rejection(exchange.answer)).toBe(reason)
    expect(seen).toEqual([reason])
  })

  test("within the body, while somebody reads", async () => {
    let reading: Promise<unknown> | undefined
    let seenReading: unknown[] = []
    const { exchange, seen, reason } = await leaves(
      async (peer) => {
        await peer.request()
        await peer.write(`${begun}12345`)
      },
      async (exchange) => {
        const head = await exchange.answer
        expect(Buffer.from((await head.read()).value ?? []).toString()).toBe("12345")
        reading = head.read()
        seenReading = counted(reading)
      },
    )
    expect(await rejection(reading ?? Promise.resolve())).toBe(reason)
    expect(seenReading).toEqual([reason])
    expect(seen).toEqual([exchange])
    expect(await rejection(exchange.read())).toBe(reason)
  })

  test("within the body, while nobody reads", async () => {
    const { exchange, reason } = await leaves(
      async (peer) => {
        await peer.request()
        await peer.write(`${begun}12345`)
      },
      async (exchange) => void (await exchange.answer),
    )
    expect(await rejection(exchange.bytes())).toBe(reason)
  })

  test("while the server is held back", async () => {
    const { exchange, reason } = await leaves(
      async (peer) => {
        await peer.request()
        await peer.write("HTTP/1.1 200 OK\r\ncontent-length: 40000000\r\n\r\n")
        void peer.write(Buffer.alloc(40_000_000))
      },
      async (exchange, peer) => {
        await exchange.answer
        for (let n = 0; n < 200; n += 1) await turn()
        expect(peer.socket.writableLength).toBeGreaterThan(0)
      },
    )
    expect(await rejection(exchange.read())).toBe(reason)
  })
})

test("while it is dialled, the connection is kept for the next", async () => {
  await using server = await rawServer(answering((_, peer) => withLength(String(peer.number))))
  using client = loopbackClient()
  const exchange = post(client, server.url)
  const reason = new Leaving()
  exchange.cancel(reason)
  expect(await rejection(exchange.answer)).toBe(reason)
  const peer = await server.peer(1)
  for (let n = 0; n < 20; n += 1) await turn()
  expect(await textOf(post(client, server.url))).toBe("1")
  expect(peer.received).toBeGreaterThan(0)
  expect(server.peers.length).toBe(1)
})

test("when it is over, nothing happens: what came can be read, and the connection goes on", async () => {
  await using server = await rawServer(answering(() => withLength("whole")))
  using client = loopbackClient()
  const exchange = post(client, server.url)
  const head = await exchange.answer
  while (!exchange.over) await turn()
  exchange.cancel(new Leaving())
  expect(Buffer.from(await head.bytes()).toString()).toBe("whole")
  expect(await textOf(post(client, server.url))).toBe("whole")
  exchange.cancel(new Leaving())
  expect(await textOf(post(client, server.url))).toBe("whole")
  expect(server.peers.length).toBe(1)
})

test("without a reason it is an AbortError", async () => {
  await using server = await rawServer(() => {})
  using client = loopbackClient()
  const exchange = post(client, server.url)
  exchange.cancel()
  expect(await rejection(exchange.answer)).toMatchObject({ name: "AbortError" })
})

test("a packed answer that is let go frees the server's socket too", async () => {
  const packed = Bun.gzipSync(Buffer.alloc(200_000, "x"))
  await using server = await rawServer(async (peer) => {
    await peer.request()
    await peer.write(`HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: ${packed.length}\r\n\r\n`)
    await peer.write(packed.subarray(0, packed.length >> 1))
  })
  using client = loopbackClient()
  const read = await post(client, server.url).answer
  await read.read()
  read.cancel()
  await (await server.peer(1)).gone
  const unread = await post(client, server.url).answer
  unread.cancel()
  await (await server.peer(2)).gone
  const exchange = post(client, server.url)
  const reading = (await exchange.answer).bytes()
  const reason = new Leaving()
  exchange.cancel(reason)
  expect(await rejection(reading)).toBe(reason)
  await (await server.peer(3)).gone
})

describe("a read that is interrupted loses nothing, wherever it happens", () => {
  const words = Array.from({ length: 60 }, (_, n) => `word ${n}. `)
  const stored = Bun.gzipSync(words.join(""), { level: 0 })
  const places = Array.from({ length: 60 }, (_, n) => n * 10)
  const bodies = { plain: words.map((word) => Buffer.from(word)), gzip: cutAt(stored, places) }
  for (const [encoding, pieces] of Object.entries(bodies))
    test(encoding, async () => {
      await using server = await rawServer(async (peer) => {
        await peer.request()
        await peer.write(`HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\ncontent-encoding: ${encoding}\r\n\r\n`)
        await peer.writeAll(pieces.map((piece) => `${piece.length.toString(16)}\r\n${Buffer.from(piece).toString("latin1")}\r\n`))
        await peer.write("0\r\n\r\n")
      })
      using client = loopbackClient()
      const head = await post(client, server.url).answer
      let text = ""
      let interruptions = 0
      for (let n = 0; ; n += 1) {
        const reading = head.read()
        if (n % 2 === 0) head.interrupt()
        else if (n % 3 === 0) setImmediate(() => head.interrupt())
        const arrived = await reading.catch(() => undefined)
        if (!arrived) interruptions += 1
        else if (arrived.done) break
        else text += Buffer.from(arrived.value).toString()
      }
      expect(text).toBe(words.join(""))
      expect(interruptions).toBeGreaterThan(0)
    })
})

describe("close", () => {
  test("ends idle connections now, and others when their answers are complete", async () => {
    const goOn = Promise.withResolvers<void>()
    await using server = await rawServer(async (peer) => {
      await peer.request()
      if (peer.number === 2) {
        await peer.write(`${begun}12345`)
        await goOn.promise
        await peer.write("67890")
      } else await peer.write(withLength("idle"))
    })
    const client = loopbackClient()
    const [first, second] = [post(client, server.url), await server.peer(1).then(() => post(client, server.url))]
    expect(await textOf(first)).toBe("idle")
    const head = await second.answer
    client.close()
    client.close()
    await (await server.peer(1)).gone
    expect(server.live).toBe(1)
    goOn.resolve()
    expect(Buffer.from(await head.bytes()).toString()).toBe("1234567890")
    await (await server.peer(2)).gone
  })

  test("while a connection is made, the exchange is served and the connection is not kept", async () => {
    await using server = await rawServer(answering(() => withLength("served")))
    const client = loopbackClient()
    const exchange = post(client, server.url)
    client.close()
    expect(await textOf(exchange)).toBe("served")
    await (await server.peer(1)).gone
  })
})
