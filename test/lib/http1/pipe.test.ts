import { describe, expect, test } from "bun:test"
import fc from "fast-check"
import { type HttpAnswer, ResponseAnswer } from "../../../src/lib/http1/answer.ts"
import { pipe, type Receiver } from "../../../src/lib/http1/receiver.ts"
import { answering, loopbackClient, post, rawServer, textOf, turn, withLength } from "./raw-server.ts"

/** Takes a body; `busy` says of each piece, by its ordinal from 1, how long nothing more is wanted. */
function taker(busy: (piece: number) => Promise<unknown> | undefined = () => undefined) {
  const over = Promise.withResolvers<"end" | { readonly broke: unknown }>()
  const pieces: string[] = []
  let wanted = true
  const receiver: Receiver = {
    piece(piece) {
      if (!wanted) throw new Error("given more than was wanted")
      pieces.push(Buffer.from(piece).toString("latin1"))
      const waits = busy(pieces.length)
      if (!waits) return undefined
      wanted = false
      return waits.then(() => {
        wanted = true
      })
    },
    end: () => over.resolve("end"),
    broke: (reason) => over.resolve({ broke: reason }),
  }
  return { receiver, pieces, over: over.promise }
}

const chunked = (chunks: readonly string[]): string[] => [
  "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n",
  ...chunks.map((chunk) => `${chunk.length.toString(16)}\r\n${chunk}\r\n`),
  "0\r\n\r\n",
]

/** The answer's body from a socket of ours and from `fetch`. */
const sources: readonly (readonly [string, (url: string) => Promise<HttpAnswer>])[] = [
  ["our own client", (url) => post(loopbackClient(), url).answer],
  ["fetch", async (url) => new ResponseAnswer(await fetch(url, { method: "POST", body: "ask" }))],
]

describe("a body given to a receiver", () => {
  for (const [name, ask] of sources) {
    test(`arrives whole and in order whenever the receiver wants nothing for a while, from ${name}`, async () => {
      const text = fc.string({ minLength: 1, maxLength: 40, unit: "grapheme-ascii" })
      await fc.assert(
        fc.asyncProperty(fc.array(text, { maxLength: 12 }), fc.array(fc.boolean(), { maxLength: 12 }), async (chunks, waits) => {
          await using server = await rawServer(answering(() => chunked(chunks)))
          const { receiver, pieces, over } = taker((piece) => (waits[piece] ? turn() : undefined))
          pipe(await ask(server.url), receiver)
          expect(await over).toBe("end")
          expect(pieces.join("")).toBe(chunks.join(""))
        }),
        { numRuns: 40 },
      )
    })

    test(`that breaks off gives what came and then why, from ${name}`, async () => {
      await using server = await rawServer(async (peer) => {
        await peer.request()
        await peer.writeAll(["HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n", "half"])
        peer.end()
      })
      const { receiver, pieces, over } = taker()
      pipe(await ask(server.url), receiver)
      expect(await over).toHaveProperty("broke")
      // fetch may drop what it had not given yet
      expect(name === "fetch" ? ["", "half"] : ["half"]).toContain(pieces.join(""))
    })
  }

  test("begins with what came before anybody asked", async () => {
    await using server = await rawServer(answering(() => withLength("all there")))
    using client = loopbackClient()
    const exchange = post(client, server.url)
    await exchange.answer
    while (!exchange.over) await turn()
    const { receiver, pieces, over } = taker()
    exchange.pipe(receiver)
    expect(await over).toBe("end")
    expect(pieces).toEqual(["all there"])
  })

  test("goes on where reading left off", async () => {
    await using server = await rawServer(answering(() => chunked(["one", "two", "three"])))
    using client = loopbackClient()
    const exchange = post(client, server.url)
    await exchange.answer
    const first = await exchange.read()
    const { receiver, pieces, over } = taker()
    exchange.pipe(receiver)
    expect(await over).toBe("end")
    expect(Buffer.from(first.value ?? "").toString() + pieces.join("")).toBe("onetwothree")
  })

  test("holds the server back while nothing is wanted", async () => {
    const whole = 32 * 1024 * 1024
    await using server = await rawServer(async (peer) => {
      await peer.request()
      await peer.write(`HTTP/1.1 200 OK\r\ncontent-length: ${whole}\r\n\r\n`)
      await peer.write(Buffer.alloc(whole))
    })
    using client = loopbackClient()
    const wanted = Promise.withResolvers<void>()
    let given = 0
    const over = Promise.withResolvers<void>()
    const exchange = post(client, server.url)
    const receiver: Receiver = {
      piece(piece) {
        given += piece.length
        return given < whole / 2 ? wanted.promise : undefined
      },
      end: () => over.resolve(),
      broke: over.reject,
    }
    await exchange.answer
    exchange.pipe(receiver)
    const peer = await server.peer(1)
    for (let before = -1; before !== peer.socket.bytesWritten; await turn()) before = peer.socket.bytesWritten
    expect(peer.socket.writableLength).toBeGreaterThan(0)
    expect(given).toBeLessThan(whole / 2)
    wanted.resolve()
    await over.promise
    expect(given).toBe(whole)
  })

  test("is over for a receiver that lets go, which hears of it later, and its connection is not used again", async () => {
    for (const framing of ["transfer-encoding: chunked", "content-length: 4"]) {
      const piped = Promise.withResolvers<void>()
      await using server = await rawServer(async (peer) => {
        for (let asked = await peer.request(); asked; asked = await peer.request()) {
          if (asked.body.toString() === "leave") {
            await peer.write(`HTTP/1.1 200 OK\r\n${framing}\r\n\r\n`)
            await piped.promise
            await peer.write(framing.endsWith("chunked") ? "4\r\nlast\r\n0\r\n\r\n" : "last")
          } else await peer.write(withLength("next"))
        }
      })
      using client = loopbackClient()
      const exchange = post(client, server.url, "leave")
      const order: string[] = []
      const over = Promise.withResolvers<unknown>()
      void exchange.answer.then((answer) => {
        pipe(answer, {
          piece() {
            exchange.cancel(new Error("enough"))
            order.push("let go")
            return undefined
          },
          end: () => over.resolve("end"),
          broke(reason) {
            order.push("told")
            over.resolve(reason)
          },
        })
        piped.resolve()
      })
      await over.promise
      expect(order).toEqual(["let go", "told"])
      expect(await textOf(post(client, server.url))).toBe("next")
      expect(await textOf(post(client, server.url))).toBe("next")
      expect(server.peers.length).toBe(2)
    }
  })
})
