import { afterAll, beforeEach, describe, expect, test } from "bun:test"
import { connect } from "node:net"
import { Elysia } from "elysia"
import { listenerLimits, liveRoutes } from "../../../src/http/api/live.ts"
import type { DoorRules } from "../../../src/http/doors.ts"
import { feed, type Listener } from "../../../src/plugins/feed.ts"
import { chat, gatewayWith, post } from "../../dispatch/gateway.ts"
import { sampleRecord } from "../../store/sample.ts"
import { rawExchange, statusOf } from "../raw.ts"

const maxBuffered = 64 * 1024
const hub = feed({ maxListeners: 3, maxBuffered, maxPerSecond: 1_000_000 })
const seats: Listener[] = []
const source = {
  publish: hub.publish,
  subscribe(listener: Listener) {
    seats.push(listener)
    return hub.subscribe(listener)
  },
}
const open: DoorRules = { loopback: true, allowedHosts: [], allowedOrigins: [], guardInference: false }
let doors = open
const app = new Elysia({ websocket: listenerLimits })
  .use(liveRoutes(source, () => doors))
  .listen({ port: 0, hostname: "127.0.0.1" })
const address = `127.0.0.1:${app.server?.port}`
beforeEach(() => {
  doors = open
  seats.length = 0
})
afterAll(() => app.server?.stop(true))

interface Joined {
  readonly socket: WebSocket
  next(): Promise<string>
  readonly closed: Promise<number>
}

async function joined(url = `ws://${address}/ws`, headers: Record<string, string> = {}): Promise<Joined> {
  // Bun's own, which takes headers
  const socket = new WebSocket(url, { headers } as unknown as string[])
  const queue: string[] = []
  let wake: (() => void) | undefined
  socket.addEventListener("message", ({ data }) => {
    queue.push(String(data))
    wake?.()
  })
  const closed = new Promise<number>((resolve) => socket.addEventListener("close", ({ code }) => resolve(code)))
  await new Promise((resolve) => socket.addEventListener("open", resolve, { once: true }))
  return {
    socket,
    closed,
    async next() {
      for (;;) {
        const frame = queue.shift()
        if (frame !== undefined) return frame
        await new Promise<void>((resolve) => {
          wake = resolve
        })
      }
    },
  }
}

const listeners = async (count: number) => {
  while (hub.listeners !== count) await new Promise((resume) => setTimeout(resume, 2))
}

const upgrade = (more = "") =>
  `GET /ws HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n${more}\r\n`

test("tells every listener of each call, and forgets those who leave", async () => {
  const [one, two] = await Promise.all([joined(), joined()])
  await listeners(2)
  const record = sampleRecord()
  hub.publish(record)
  const frame = { type: "log", operation: "create", payload: record }
  expect(JSON.parse(await one.next())).toEqual(frame)
  expect(JSON.parse(await two.next())).toEqual(frame)
  one.socket.close()
  await listeners(1)
  two.socket.close()
  await listeners(0)
})

test("turns away more listeners than there is room for", async () => {
  const seated = await Promise.all([joined(), joined(), joined()])
  await listeners(3)
  expect(await (await joined()).closed).toBe(1013)
  for (const { socket } of seated) socket.close()
  await listeners(0)
})

test("says what it is to who only asks", async () => {
  const response = await fetch(`http://${address}/ws`)
  expect([response.status, response.headers.get("upgrade")]).toEqual([426, "websocket"])
  expect(await response.json()).toMatchObject({ error: { type: "upgrade-required" } })
})

test("closes on who says more than a listener has to say", async () => {
  const loud = await joined()
  loud.socket.send("x".repeat(1_000))
  loud.socket.send("x".repeat(2_000))
  await loud.closed
  await listeners(0)
})

test("one who does not read holds up nobody, and little is held for it", async () => {
  const quick = await joined()
  const stopped = connect(Number(app.server?.port), "127.0.0.1", () => stopped.write(upgrade()))
  stopped.pause()
  await listeners(2)
  const record = sampleRecord({ path: "x".repeat(16 * 1024) })
  let most = 0
  let sent = 0
  // the systems' buffers take megabytes before anything waits in the gateway
  for (let missed = false; !missed; sent += 1) {
    hub.publish(record)
    await quick.next()
    most = Math.max(most, ...seats.map((seat) => seat.buffered()))
    missed = seats.some((seat) => seat.buffered() > maxBuffered)
    expect(sent).toBeLessThan(10_000)
  }
  for (let more = 0; more < 20; more++) {
    hub.publish(record)
    await quick.next()
    most = Math.max(most, ...seats.map((seat) => seat.buffered()))
  }
  expect(most).toBeLessThan(2 * maxBuffered)
  stopped.destroy()
  quick.socket.close()
  await listeners(0)
})

describe("doors", () => {
  const token = "admin-token-0123456789"

  test("that change shut out who came in by the old ones, before the next call is told", async () => {
    const one = await joined()
    await listeners(1)
    doors = { ...open }
    hub.publish(sampleRecord({ id: "first" }))
    expect(await one.next()).toContain("first")
    doors = { ...open, admin: { token } }
    hub.publish(sampleRecord({ id: "second" }))
    expect(await one.closed).toBe(1008)
    await listeners(0)
  })

  test("keep out other pages, other names of this machine, and who has no credential", async () => {
    await using gateway = await gatewayWith({ admin: { token }, providers: { mock: {} } })
    const bearer = `Authorization: Bearer ${token}\r\n`
    const status = async (more: string, host = "localhost") =>
      statusOf(await rawExchange(gateway.url, upgrade(`${more}Connection: close\r\n`).replace("localhost", host)))
    expect(await status("")).toBe(401)
    expect(await status(`Authorization: Bearer ${token}x\r\n`)).toBe(401)
    for (const origin of ["http://evil.example", "null", "http://localhost:1"])
      expect(await status(`${bearer}Origin: ${origin}\r\n`)).toBe(403)
    expect(await status(bearer, "evil.example")).toBe(403)
    const { socket, next } = await joined(`${gateway.url.replace("http", "ws")}/ws`, { authorization: `Bearer ${token}` })
    await (await post(gateway, chat, chat.body("mock/echo"))).text()
    expect(JSON.parse(await next())).toMatchObject({ type: "log", operation: "create", payload: { requestedModel: "mock/echo" } })
    socket.close()
  })
})
