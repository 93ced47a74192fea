import { expect, test } from "bun:test"
import fc from "fast-check"
import { loopbackClient, post, rawServer, textOf, turn, withLength } from "./raw-server.ts"

const fates = [
  "length",
  "chunked",
  "until-close",
  "close",
  "surplus",
  "end",
  "reset",
  "cut",
  "damaged",
  "leave",
  "leave-in-body",
  "unread",
] as const
type Fate = (typeof fates)[number]

const said: Readonly<Record<Fate, string>> = {
  length: withLength("whole"),
  chunked: "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nwhole\r\n0\r\n\r\n",
  "until-close": "HTTP/1.1 200 OK\r\n\r\nwhole",
  close: withLength("whole", "connection: close"),
  surplus: `${withLength("whole")}more`,
  end: "",
  reset: "",
  cut: "HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf",
  damaged: "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz",
  leave: "",
  "leave-in-body": "HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf",
  unread: withLength("whole"),
}

test("after 2,000 exchanges of every fate only idle connections are left, and each carries another", async () => {
  await using server = await rawServer(async (peer) => {
    for (let asked = await peer.request(); asked; asked = await peer.request()) {
      const fate = asked.body.toString() as Fate
      await peer.write(said[fate])
      if (fate === "end" || fate === "until-close" || fate === "cut") peer.end()
      if (fate === "reset") peer.reset()
    }
  })
  using client = loopbackClient()
  const one = async (fate: Fate): Promise<string> => {
    const exchange = post(client, server.url, fate)
    if (fate === "leave") {
      setImmediate(() => exchange.cancel())
      return textOf(exchange).catch(() => "left")
    }
    if (fate === "leave-in-body") {
      await exchange.answer
      exchange.cancel()
      return "left"
    }
    if (fate === "unread") {
      await exchange.answer
      while (!exchange.over) await turn()
      return "unread"
    }
    return textOf(exchange).catch(() => "failed")
  }
  const outcomes = new Map<string, number>()
  for (const order of fc.sample(fc.shuffledSubarray([...fates, ...fates], { minLength: 24 }), { numRuns: 84, seed: 7 })) {
    const ended = await Promise.all(order.map(one))
    for (const outcome of ended) outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1)
  }
  expect(Object.fromEntries(outcomes)).toEqual({ whole: 84 * 10, failed: 84 * 8, left: 84 * 4, unread: 84 * 2 })
  const kept = await settled(() => server.live)
  expect(kept).toBeGreaterThan(0)
  const before = server.peers.length
  expect(await Promise.all(Array.from({ length: kept }, () => one("length")))).toEqual(Array(kept).fill("whole"))
  expect(server.peers.length).toBe(before)
  client.close()
  await Promise.all(server.peers.map((peer) => peer.gone))
}, 60_000)

/** A number once it moves no more. */
async function settled(read: () => number): Promise<number> {
  let known = read()
  for (let same = 0; same < 200; same += 1) {
    await turn()
    if (read() !== known) same = 0
    known = read()
  }
  return known
}

test("a process ends by itself once its client is closed", async () => {
  await using server = await rawServer(async (peer) => {
    while (await peer.request()) await peer.write(withLength("whole"))
  })
  const client = new URL("../../../src/lib/http1/client.ts", import.meta.url).href
  const script = `
    const { HttpClient } = await import(${JSON.stringify(client)})
    const client = new HttpClient({ addresses: async () => ["127.0.0.1"], connectMs: 600_000, late: () => new Error("late") })
    const ask = () => client.send(${JSON.stringify(server.url)}, { method: "POST", headers: new Headers(), body: [Buffer.from("ask")] })
    const calls = Array.from({ length: 20 }, ask)
    for (const call of calls) await (await call.answer).bytes()
    const left = ask()
    left.cancel()
    await left.answer.catch(() => undefined)
    client.close()
    console.log("closed")
  `
  const child = Bun.spawn([process.execPath, "-e", script], { stdout: "pipe", stderr: "inherit" })
  expect(await new Response(child.stdout).text()).toBe("closed\n")
  expect(await child.exited).toBe(0)
  expect(server.peers.length).toBe(20)
  await Promise.all(server.peers.map((peer) => peer.gone))
})
