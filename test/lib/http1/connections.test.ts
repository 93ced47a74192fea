import { describe, expect, test } from "bun:test"
import { ConnectionLostError } from "../../../src/lib/http1/connection.ts"
import { answering, loopbackClient, type Peer, post, rawServer, rejection, textOf, turn, withLength } from "./raw-server.ts"

/** Answers with the connection's ordinal. */
const ordinal = answering((_, peer) => withLength(String(peer.number)))

describe("connections are used again", () => {
  test("one after the other", async () => {
    await using server = await rawServer(ordinal)
    using client = loopbackClient()
    for (let n = 0; n < 50; n += 1) expect(await textOf(post(client, server.url))).toBe("1")
    expect(server.peers.length).toBe(1)
  })

  test("the last that came free first", async () => {
    const holds = [1, 2, 3].map(() => Promise.withResolvers<void>())
    await using server = await rawServer(async (peer) => {
      await peer.request()
      await holds[peer.number - 1]?.promise
      await peer.write(withLength(String(peer.number)))
      await ordinal(peer)
    })
    using client = loopbackClient()
    const asked: Promise<string>[] = []
    for (const number of [1, 2, 3]) {
      asked.push(textOf(post(client, server.url)))
      await server.peer(number)
    }
    for (const number of [2, 1, 3]) {
      holds[number - 1]?.resolve()
      expect(await asked[number - 1]).toBe(String(number))
    }
    const again = await Promise.all([1, 2, 3].map(() => textOf(post(client, server.url))))
    expect(again).toEqual(["3", "1", "2"])
    expect(server.peers.length).toBe(3)
  })

  test("hundreds at once, each for one exchange at a time", async () => {
    await using server = await rawServer(answering(({ body }) => withLength(body.toString())))
    using client = loopbackClient()
    const round = () => Promise.all(Array.from({ length: 300 }, (_, n) => textOf(post(client, server.url, `call ${n}`))))
    const wanted = Array.from({ length: 300 }, (_, n) => `call ${n}`)
    expect(await round()).toEqual(wanted)
    expect(await round()).toEqual(wanted)
    expect(server.peers.length).toBe(300)
  })

  test("only to the same host and port", async () => {
    await using one = await rawServer(answering(() => withLength("one")))
    await using other = await rawServer(answering(() => withLength("other")))
    using client = loopbackClient()
    for (let n = 0; n < 3; n += 1) {
      expect(await textOf(post(client, `${one.url}a?n=${n}`))).toBe("one")
      expect(await textOf(post(client, `${other.url}b#${n}`))).toBe("other")
    }
    expect([one.peers.length, other.peers.length]).toEqual([1, 1])
  })

  test("after a long answer as after a short one, though the server keeps idle ones for seconds only", async () => {
    const goOn = Promise.withResolvers<void>()
    let now = performance.now()
    const clock = performance.now
    performance.now = () => now
    try {
      await using server = await rawServer(async (peer) => {
        await peer.request()
        await peer.write("HTTP/1.1 200 OK\r\nkeep-alive: timeout=5\r\ncontent-length: 1\r\n\r\n")
        await goOn.promise
        await peer.write(String(peer.number))
        await ordinal(peer)
      })
      using client = loopbackClient()
      const head = await post(client, server.url).answer
      now += 3_600_000
      goOn.resolve()
      expect(Buffer.from(await head.bytes()).toString()).toBe("1")
      now += 3_900
      expect(await textOf(post(client, server.url))).toBe("1")
      now += 61_000
      expect(await textOf(post(client, server.url))).toBe("2")
    } finally {
      performance.now = clock
    }
  })
})

describe("connections are not used again", () => {
  test("when the server says that it holds them for no time", async () => {
    await using server = await rawServer(answering((_, peer) => withLength(String(peer.number), "keep-alive: timeout=1")))
    using client = loopbackClient()
    expect(await textOf(post(client, server.url))).toBe("1")
    expect(await textOf(post(client, server.url))).toBe("2")
    await (await server.peer(1)).gone
  })

  test("and are closed when they have been idle for too long", async () => {
    await using server = await rawServer(ordinal)
    using client = loopbackClient({ keeping: { most: 8, ms: 0, sweepMs: 1 } })
    expect(await textOf(post(client, server.url))).toBe("1")
    await (await server.peer(1)).gone
    expect(await textOf(post(client, server.url))).toBe("2")
    await (await server.peer(2)).gone
  })

  test("beyond the number that is kept", async () => {
    await using server = await rawServer(ordinal)
    using client = loopbackClient({ keeping: { most: 2, ms: 60_000, sweepMs: 60_000 } })
    await Promise.all(Array.from({ length: 5 }, () => textOf(post(client, server.url))))
    await Promise.race(server.peers.map((peer) => peer.gone))
    while (server.live > 2) await turn()
    expect(server.live).toBe(2)
  })

  test("when a table of hosts is full, what was kept to them is closed", async () => {
    const answered = answering(() => withLength("ok"))
    const servers = await Promise.all(Array.from({ length: 65 }, () => rawServer(answered)))
    using client = loopbackClient()
    for (const { url } of servers) expect(await textOf(post(client, url))).toBe("ok")
    await Promise.all(servers.slice(0, 64).map(async (server) => (await server.peer(1)).gone))
    expect(await textOf(post(client, servers[64]?.url ?? ""))).toBe("ok")
    expect(servers[64]?.peers.length).toBe(1)
    await Promise.all(servers.map((server) => server[Symbol.asyncDispose]()))
  })

  for (const how of ["end", "reset"] as const)
    test(`when the server closed one while it was idle, by ${how}`, async () => {
      await using server = await rawServer(ordinal)
      using client = loopbackClient()
      expect(await textOf(post(client, server.url))).toBe("1")
      const first = await server.peer(1)
      first[how]()
      await first.gone
      // a reset is not answered, so its sender cannot know when it has arrived
      for (let n = 0; n < 20; n += 1) await turn()
      expect(await textOf(post(client, server.url))).toBe("2")
    })

  test("when the server said something on an idle one", async () => {
    await using server = await rawServer(ordinal)
    using client = loopbackClient()
    expect(await textOf(post(client, server.url))).toBe("1")
    const first = await server.peer(1)
    await first.write(withLength("evil"))
    await first.gone
    expect(await textOf(post(client, server.url))).toBe("2")
  })

  test("when the server has ended its direction with the answer", async () => {
    await using server = await rawServer(async (peer) => {
      await peer.request()
      await peer.write(withLength(String(peer.number)))
      peer.end()
    })
    using client = loopbackClient()
    expect(await textOf(post(client, server.url))).toBe("1")
    await (await server.peer(1)).gone
    expect(await textOf(post(client, server.url))).toBe("2")
  })
})

describe("a kept connection that breaks before a byte of its next answer", () => {
  /** Answers the first request of the first `stale` connections and breaks at their second. */
  const stale = (count: number, how: "end" | "reset") =>
    rawServer(async (peer) => {
      for (let asked = await peer.request(), n = 1; asked; asked = await peer.request(), n += 1) {
        if (peer.number <= count && n === 2) peer[how]()
        else await peer.write(withLength(`${peer.number} ${asked.body}`))
      }
    })

  for (const how of ["end", "reset"] as const)
    test(`by ${how}, has its request sent once more, over a new one`, async () => {
      await using server = await stale(1, how)
      using client = loopbackClient()
      const first = post(client, server.url, "a")
      expect(await textOf(first)).toBe("1 a")
      expect(first.resent).toBe(false)
      const again = post(client, server.url, [Buffer.from("whole "), Buffer.alloc(300_000, 98)])
      expect(await textOf(again)).toBe(`2 whole ${"b".repeat(300_000)}`)
      expect(again.resent).toBe(true)
      expect(server.peers.length).toBe(2)
    })

  test("passes by the others that are kept: they may be as old", async () => {
    await using server = await stale(2, "end")
    using client = loopbackClient()
    await Promise.all([textOf(post(client, server.url)), textOf(post(client, server.url))])
    expect(await textOf(post(client, server.url, "c"))).toBe("3 c")
  })

  test("and whose new one breaks too, rejects the answer", async () => {
    await using server = await rawServer(async (peer) => {
      await peer.request()
      if (peer.number === 1) await peer.write(withLength("ok"))
      else peer.end()
      if (peer.number === 1) await peer.request()
      peer.end()
    })
    using client = loopbackClient()
    await textOf(post(client, server.url))
    expect(await rejection(post(client, server.url).answer)).toBeInstanceOf(ConnectionLostError)
    expect(server.peers.length).toBe(2)
  })

  test("is not asked again when the server had the request for a while: it may have worked on it", async () => {
    await using server = await rawServer(async (peer) => {
      await peer.request()
      await peer.write(withLength("ok"))
      await peer.request()
      await Bun.sleep(1_100)
      peer.reset()
    })
    using client = loopbackClient()
    await textOf(post(client, server.url))
    expect(await rejection(post(client, server.url).answer)).toBeInstanceOf(ConnectionLostError)
    expect(server.peers.length).toBe(1)
  })

  test("is not asked again once something came, nor when the caller has left", async () => {
    await using server = await rawServer(async (peer) => {
      await peer.request()
      await peer.write(withLength("ok"))
      await peer.request()
      await peer.write("HTTP/1.1 103 Early Hints\r\n\r\n")
      peer.end()
    })
    using client = loopbackClient()
    await textOf(post(client, server.url))
    expect(await rejection(post(client, server.url).answer)).toBeInstanceOf(ConnectionLostError)
    await textOf(post(client, server.url))
    const left = post(client, server.url)
    left.cancel(new Error("left"))
    expect(await rejection(left.answer)).toEqual(new Error("left"))
    await (await server.peer(2)).gone
    expect(server.peers.length).toBe(2)
  })
})

describe("a connection that breaks", () => {
  test("before the head, rejects the answer and leaves nothing", async () => {
    for (const how of ["end", "reset"] as const) {
      await using server = await rawServer(async (peer) => {
        await peer.request()
        peer[how]()
      })
      using client = loopbackClient()
      expect(await rejection(post(client, server.url).answer)).toBeInstanceOf(ConnectionLostError)
      await (await server.peer(1)).gone
    }
  })

  test("as soon as it was made", async () => {
    await using server = await rawServer((peer) => peer.reset())
    using client = loopbackClient()
    expect(await rejection(post(client, server.url, [Buffer.alloc(1_000_000)]).answer)).toBeInstanceOf(ConnectionLostError)
  })

  test("while the client pauses, gives what came before and then the failure", async () => {
    const body = Buffer.alloc(600_000, "x")
    await using server = await rawServer(async (peer) => {
      await peer.request()
      await peer.write(`HTTP/1.1 200 OK\r\ncontent-length: ${body.length + 1}\r\n\r\n`)
      await peer.write(body)
      peer.end()
    })
    using client = loopbackClient()
    const head = await post(client, server.url).answer
    await settledFlow(server.peer(1))
    let size = 0
    const failure = await rejection(
      (async () => {
        for (;;) size += (await head.read()).value?.length ?? 0
      })(),
    )
    expect(failure).toBeInstanceOf(ConnectionLostError)
    expect(size).toBe(body.length)
  })
})

describe("an answer that comes before the request was read", () => {
  const large = [Buffer.alloc(20_000_000, "a")]
  const refusal = "HTTP/1.1 413 Too Large\r\ncontent-length: 2\r\n\r\nno"

  test("is given, and the connection is left", async () => {
    await using server = await rawServer(async (peer) => {
      peer.socket.pause()
      await peer.write(refusal)
    })
    using client = loopbackClient()
    for (const number of [1, 2]) {
      const head = await post(client, server.url, large).answer
      expect(head.status).toBe(413)
      expect(Buffer.from(await head.bytes()).toString()).toBe("no")
      const peer = await server.peer(number)
      peer.socket.resume()
      await peer.gone
      expect(peer.received).toBeLessThan(20_000_000)
    }
  })

  test("goes on after the rest was sent, where it takes longer than the request", async () => {
    await using server = await rawServer(async (peer) => {
      peer.socket.pause()
      await peer.write("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nfirst\r\n")
      peer.socket.resume()
      const asked = await peer.request()
      await peer.write(`5\r\nafter\r\n8\r\n${asked?.body.length}\r\n0\r\n\r\n`)
      await ordinal(peer)
    })
    using client = loopbackClient()
    expect(await textOf(post(client, server.url, large))).toBe("firstafter20000000")
    expect(await textOf(post(client, server.url))).toBe("1")
  })
})

describe("large requests", () => {
  test("reach a slow reader whole, in the order of their pieces", async () => {
    const pieces = [
      Buffer.from("{"),
      ...Array.from({ length: 20 }, (_, n) => Buffer.alloc(1_000_003, n + 1)),
      Buffer.alloc(0),
      Buffer.from("}"),
    ]
    await using server = await rawServer(async (peer) => {
      const slowly = async () => {
        for (let n = 0; n < 200; n += 1) {
          peer.socket.pause()
          await turn()
          peer.socket.resume()
          await turn()
        }
      }
      const [asked] = await Promise.all([peer.request(), slowly()])
      await peer.write(withLength(Bun.hash(asked?.body ?? "").toString()))
      await ordinal(peer)
    })
    using client = loopbackClient()
    expect(await textOf(post(client, server.url, pieces))).toBe(Bun.hash(Buffer.concat(pieces)).toString())
    expect(await textOf(post(client, server.url))).toBe("1")
    expect(server.peers.length).toBe(1)
  })

  test("of every size around what is written at once", async () => {
    await using server = await rawServer(answering(({ body }) => withLength(Bun.hash(body).toString())))
    using client = loopbackClient()
    for (const size of [0, 1, 65_000, 65_400, 65_430, 65_460, 65_500, 65_535, 65_536, 65_537, 70_000, 200_000]) {
      const body = Buffer.alloc(size, `${size}.`)
      expect(await textOf(post(client, server.url, [body.subarray(0, size >> 1), body.subarray(size >> 1)]))).toBe(
        Bun.hash(body).toString(),
      )
    }
    expect(server.peers.length).toBe(1)
  })
})

describe("an answer that nobody reads", () => {
  const body = Buffer.alloc(40_000_000, "answer")

  test("holds the server back, and goes on when it is read", async () => {
    const written = { done: false }
    await using server = await rawServer(async (peer) => {
      await peer.request()
      await peer.write(`HTTP/1.1 200 OK\r\ncontent-length: ${body.length}\r\n\r\n`)
      await peer.write(body)
      written.done = true
      await ordinal(peer)
    })
    using client = loopbackClient()
    const head = await post(client, server.url).answer
    const other = await settledFlow(server.peer(1))
    expect(other).toBe("held back")
    expect(written.done).toBe(false)
    const read = await head.bytes()
    expect(Bun.hash(read)).toBe(Bun.hash(body))
    expect(await textOf(post(client, server.url))).toBe("1")
  })

  test("that ends with its connection is not lost while it is held back", async () => {
    await using server = await rawServer(async (peer) => {
      await peer.request()
      await peer.write("HTTP/1.1 200 OK\r\n\r\n")
      await peer.write(body.subarray(0, 1_000_000))
      peer.end()
    })
    using client = loopbackClient()
    const head = await post(client, server.url).answer
    await settledFlow(server.peer(1))
    expect((await head.bytes()).length).toBe(1_000_000)
  })
})

/** Waits until the server's bytes stop moving. */
async function settledFlow(connected: Promise<Peer>): Promise<"held back"> {
  const { socket } = await connected
  for (let before = -1, same = 0; same < 200; ) {
    const now = socket.writableLength
    same = now === before ? same + 1 : 0
    before = now
    await turn()
  }
  return "held back"
}
