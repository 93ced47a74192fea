import { describe, expect, test } from "bun:test"
import { networkInterfaces } from "node:os"
import { addressGuard } from "../../../src/dispatch/address-guard.ts"
import { HttpClient } from "../../../src/lib/http1/client.ts"
import { skipWithReason } from "../../support/skip.ts"
import { fullBacklog } from "./full-backlog.ts"
import { answering, LateError, loopbackClient, post, rawServer, rejection, textOf, turn, withLength } from "./raw-server.ts"

const whoAnswers = (name: string) => answering((_, { number }) => withLength(`${name} ${number}`))
/** A loopback address beside the usual one exists on Linux without anybody's doing. */
const [nobody, somebody] = ["127.0.0.2", "127.0.0.3"]
const linux = process.platform === "linux"

/** A port on which nobody listens. */
async function freePort(): Promise<number> {
  await using server = await rawServer(() => {})
  return server.port
}

test("nobody listens: the system's error, and the next call dials again", async () => {
  const port = await freePort()
  using client = loopbackClient()
  for (let n = 0; n < 3; n += 1)
    expect(await rejection(post(client, `http://127.0.0.1:${port}/`).answer)).toMatchObject({ code: "ECONNREFUSED" })
  await using server = await rawServer(whoAnswers("late"), "127.0.0.1", port)
  expect(await textOf(post(client, server.url))).toBe("late 1")
})

test("a host that is refused is never called", async () => {
  class Refused extends Error {}
  await using server = await rawServer(whoAnswers("never"))
  const addresses = async (): Promise<never> => {
    throw new Refused()
  }
  const client = new HttpClient({ addresses, connectMs: 30_000, late: () => new LateError() })
  expect(await rejection(post(client, server.url).answer)).toBeInstanceOf(Refused)
  expect(server.peers.length).toBe(0)
  client.close()
})

test("the gateway's own guard refuses metadata and private addresses before anything is dialled, and lets loopback through", async () => {
  await using server = await rawServer(whoAnswers("loopback"))
  const addresses = addressGuard({ provider: "p", allowPrivateNetwork: false })
  const client = new HttpClient({ addresses, connectMs: 30_000, late: () => new LateError() })
  for (const host of [
    "169.254.169.254",
    "[fe80::1]",
    "[::ffff:169.254.169.254]",
    "10.0.0.1",
    "metadata.google.internal",
    "2852039166",
  ])
    expect(await rejection(post(client, `http://${host}/`).answer)).toMatchObject({ error: { kind: "no-provider" } })
  expect(await textOf(post(client, server.url))).toBe("loopback 1")
  expect(await textOf(post(client, `http://localhost:${server.port}/`))).toBe("loopback 2")
  client.close()
})

test("a name is called at the address that was vetted, and the server is told the name", async () => {
  const asked: string[] = []
  await using server = await rawServer(answering(({ head }) => withLength(/^host: .*$/m.exec(head)?.[0].trim() ?? "")))
  const addresses = async (hostname: string) => {
    asked.push(hostname)
    return ["127.0.0.1"]
  }
  const client = new HttpClient({ addresses, connectMs: 30_000, late: () => new LateError() })
  const url = `http://models.example.invalid:${server.port}/`
  for (let n = 0; n < 3; n += 1) expect(await textOf(post(client, url))).toBe(`host: models.example.invalid:${server.port}`)
  expect(asked).toEqual(["models.example.invalid"])
  client.close()
})

test("a lookup that never ends is over when its time is", async () => {
  const client = new HttpClient({ addresses: () => new Promise(() => {}), connectMs: 5, late: () => new LateError() })
  expect(await rejection(post(client, "http://models.example.invalid/").answer)).toBeInstanceOf(LateError)
  client.close()
})

test("a host without an address", async () => {
  using client = loopbackClient({ addresses: [] })
  expect(await rejection(post(client, "http://models.example.invalid/").answer)).toBeInstanceOf(Error)
})

const sixes = Object.values(networkInterfaces()).some((of) => of?.some(({ address }) => address === "::1"))
if (!sixes) skipWithReason("an address of IPv6", "this machine has no ::1")
else
  test("an address of IPv6", async () => {
    await using server = await rawServer(whoAnswers("six"), "::1")
    using client = loopbackClient({ addresses: ["::1"] })
    expect(await textOf(post(client, server.url))).toBe("six 1")
  })

if (!linux) skipWithReason("several addresses", "only Linux has loopback addresses beside 127.0.0.1")
else
  describe("several addresses", () => {
    test("the first that accepts is used when those before it refuse", async () => {
      await using server = await rawServer(whoAnswers("third"))
      using client = loopbackClient({ addresses: [nobody, nobody, "127.0.0.1"] })
      expect(await textOf(post(client, server.url))).toBe("third 1")
    })

    test("the first is used when it accepts", async () => {
      await using server = await rawServer(whoAnswers("first"))
      await using other = await rawServer(whoAnswers("other"), somebody, server.port)
      using client = loopbackClient({ addresses: ["127.0.0.1", somebody] })
      expect(await textOf(post(client, server.url))).toBe("first 1")
      expect(other.peers.length).toBe(0)
    })

    test("all refuse: the last one's error", async () => {
      const port = await freePort()
      using client = loopbackClient({ addresses: [nobody, somebody] })
      expect(await rejection(post(client, `http://127.0.0.1:${port}/`).answer)).toMatchObject({ code: "ECONNREFUSED" })
    })
  })

if (!linux) skipWithReason("an address that never accepts", "its queue is filled by calls to libc.so.6")
else
  describe("an address that never accepts", () => {
    async function silent() {
      const backlog = fullBacklog()
      const filler = await Bun.connect({ hostname: "127.0.0.1", port: backlog.port, socket: { data() {} } })
      return {
        port: backlog.port,
        backlog,
        [Symbol.dispose]() {
          filler.terminate()
          backlog.stop()
        },
      }
    }

    test("is given up when its time is over", async () => {
      using host = await silent()
      using client = loopbackClient({ connectMs: 20 })
      expect(await rejection(post(client, `http://127.0.0.1:${host.port}/`).answer)).toBeInstanceOf(LateError)
    })

    test("is passed by while it is still being asked, for the next one", async () => {
      using host = await silent()
      await using server = await rawServer(whoAnswers("second"), somebody, host.port)
      using client = loopbackClient({ addresses: ["127.0.0.1", somebody] })
      expect(await textOf(post(client, `http://127.0.0.1:${host.port}/`))).toBe("second 1")
      expect(await textOf(post(client, `http://127.0.0.1:${host.port}/`))).toBe("second 1")
      expect(server.peers.length).toBe(1)
    })

    test("is cancelled at once", async () => {
      using host = await silent()
      using client = loopbackClient()
      const exchange = post(client, `http://127.0.0.1:${host.port}/`)
      await turn()
      const reason = new Error("leaving")
      exchange.cancel(reason)
      expect(await rejection(exchange.answer)).toBe(reason)
    })

    test("and a connection that is made to it when nobody waits any more is closed", async () => {
      using host = await silent()
      using client = loopbackClient({ connectMs: 20 })
      expect(await rejection(post(client, `http://127.0.0.1:${host.port}/`).answer)).toBeInstanceOf(LateError)
      const filler = await eventually(() => host.backlog.accept())
      // the system asks again within seconds
      const late = await eventually(() => host.backlog.accept())
      expect(await eventually(() => late.ended() || undefined)).toBe(true)
      for (const accepted of [filler, late]) accepted.close()
    }, 20_000)

    test("is not asked any more while a thousand connections to it are stuck", async () => {
      let lookups = 0
      const addresses = async () => {
        lookups += 1
        return ["127.0.0.1"]
      }
      using host = await silent()
      const client = new HttpClient({ addresses, connectMs: 1, late: () => new LateError() })
      const ask = () => rejection(post(client, `http://127.0.0.1:${host.port}/`).answer)
      const failures = await Promise.all(Array.from({ length: 1_024 }, ask))
      expect(failures.every((failure) => failure instanceof LateError)).toBe(true)
      expect(await ask()).toBeInstanceOf(LateError)
      expect(lookups).toBe(1_024)
      host.backlog.stop()
      await eventually(async () => ((await ask()) instanceof LateError ? undefined : true))
      expect(lookups).toBeGreaterThan(1_024)
      client.close()
    }, 20_000)
  })

/** What is found as soon as there is something. */
async function eventually<T>(find: () => T | undefined | Promise<T | undefined>): Promise<T> {
  for (;;) {
    const found = await find()
    if (found !== undefined) return found
    await Bun.sleep(5)
  }
}

test("an address that is found when nobody waits for it any more is not called", async () => {
  const lookup = Promise.withResolvers<readonly string[]>()
  await using server = await rawServer(whoAnswers("late"))
  const client = new HttpClient({ addresses: () => lookup.promise, connectMs: 1, late: () => new LateError() })
  const exchange = post(client, server.url)
  expect(await rejection(exchange.answer)).toBeInstanceOf(LateError)
  lookup.resolve(["127.0.0.1"])
  for (let n = 0; n < 20; n += 1) await turn()
  expect(server.peers.length).toBe(0)
  client.close()
})
