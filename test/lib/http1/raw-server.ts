import { createServer, type Server, type Socket } from "node:net"
import { HttpClient, type Keeping } from "../../../src/lib/http1/client.ts"

export interface Asked {
  /** Request line and fields, without the empty line. */
  readonly head: string
  readonly body: Buffer
}

/** The server's end of a connection. */
export class Peer {
  /** When nothing of the connection is left here. */
  readonly gone: Promise<void>
  readonly finished: Promise<void>
  received = 0
  private bytes: Buffer[] = []
  private waiting: (() => void) | undefined

  constructor(
    readonly socket: Socket,
    /** Ordinal of the connection, from 1. */
    readonly number: number,
  ) {
    socket.setNoDelay(true)
    const gone = Promise.withResolvers<void>()
    const finished = Promise.withResolvers<void>()
    this.gone = gone.promise
    this.finished = finished.promise
    socket.on("error", () => socket.destroy())
    socket.on("close", () => {
      gone.resolve()
      finished.resolve()
      this.waiting?.()
    })
    // the other side is gone for good: it never ends one direction alone
    socket.on("end", () => {
      finished.resolve()
      socket.end()
      this.waiting?.()
    })
    socket.on("data", (bytes: Buffer) => {
      this.received += bytes.length
      this.bytes.push(bytes)
      this.waiting?.()
    })
  }

  /** The next whole request; undefined when the client left before. */
  async request(): Promise<Asked | undefined> {
    for (;;) {
      const all = Buffer.concat(this.bytes)
      this.bytes = [all]
      const end = all.indexOf("\r\n\r\n")
      const head = all.toString("latin1", 0, Math.max(0, end))
      const total = end + 4 + Number(/^content-length: (\d+)$/im.exec(head)?.[1] ?? 0)
      if (end >= 0 && all.length >= total) {
        this.bytes = [all.subarray(total)]
        return { head, body: all.subarray(end + 4, total) }
      }
      if (this.socket.destroyed || this.socket.readableEnded) return undefined
      const { promise, resolve } = Promise.withResolvers<void>()
      this.waiting = resolve
      await promise
    }
  }

  /** Resolves when the system has taken it. */
  write(bytes: Uint8Array | string): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    if (this.socket.destroyed || this.socket.writableEnded) resolve()
    else this.socket.write(typeof bytes === "string" ? Buffer.from(bytes, "latin1") : bytes, () => resolve())
    return promise
  }

  /** In as many segments as there are pieces, if the system likes. */
  async writeAll(pieces: readonly (Uint8Array | string)[]): Promise<void> {
    for (const piece of pieces) {
      await this.write(piece)
      await turn()
    }
  }

  end(): void {
    this.socket.end()
  }

  reset(): void {
    this.socket.resetAndDestroy()
  }
}

export const turn = () => new Promise<void>((resolve) => setImmediate(resolve))

export interface RawServer extends AsyncDisposable {
  readonly url: string
  readonly port: number
  /** Every connection that was ever made. */
  readonly peers: readonly Peer[]
  readonly live: number
  /** A connection that is made, by its ordinal from 1. */
  peer(number: number): Promise<Peer>
}

/** A TCP server on loopback whose every connection is handled by `serve`. */
export async function rawServer(serve: (peer: Peer) => void | Promise<void>, host = "127.0.0.1", port = 0): Promise<RawServer> {
  const peers: Peer[] = []
  const arrivals = new Map<number, PromiseWithResolvers<Peer>>()
  const arrival = (number: number) => arrivals.getOrInsertComputed(number, () => Promise.withResolvers<Peer>())
  let live = 0
  const server: Server = createServer({ allowHalfOpen: true }, (socket) => {
    const peer = new Peer(socket, peers.length + 1)
    peers.push(peer)
    live += 1
    void peer.gone.then(() => {
      live -= 1
    })
    arrival(peer.number).resolve(peer)
    void serve(peer)
  })
  await new Promise<void>((resolve, reject) => server.once("error", reject).listen(port, host, resolve))
  const address = server.address()
  const bound = typeof address === "object" && address ? address.port : 0
  return {
    url: `http://${host.includes(":") ? `[${host}]` : host}:${bound}/`,
    port: bound,
    peers,
    get live() {
      return live
    },
    peer: (number) => arrival(number).promise,
    async [Symbol.asyncDispose]() {
      for (const { socket } of peers) socket.destroy()
      await new Promise<void>((resolve) => server.close(() => resolve()))
    },
  }
}

/** Answers each request of a connection, one after the other, with what `answer` says. */
export const answering =
  (answer: (asked: Asked, peer: Peer) => string | readonly (Uint8Array | string)[]) =>
  async (peer: Peer): Promise<void> => {
    for (let asked = await peer.request(); asked; asked = await peer.request()) {
      const said = answer(asked, peer)
      await peer.writeAll(typeof said === "string" ? [said] : said)
    }
  }

export const withLength = (body: string, ...fields: string[]): string =>
  `HTTP/1.1 200 OK\r\n${fields.map((field) => `${field}\r\n`).join("")}content-length: ${body.length}\r\n\r\n${body}`

export class LateError extends Error {}

/** A client of loopback alone. */
export function loopbackClient({
  connectMs = 30_000,
  addresses = ["127.0.0.1"],
  keeping,
}: ClientOptions = {}): HttpClient & Disposable {
  const dialing = { connectMs, addresses: async () => addresses, late: () => new LateError("late") }
  const client = keeping ? new HttpClient(dialing, keeping) : new HttpClient(dialing)
  return Object.assign(client, { [Symbol.dispose]: () => client.close() })
}

export interface ClientOptions {
  readonly connectMs?: number
  readonly addresses?: readonly string[]
  readonly keeping?: Keeping
}

export const post = (client: HttpClient, url: string, body: string | readonly Uint8Array[] = "ask") =>
  client.send(url, { method: "POST", headers: new Headers(), body: typeof body === "string" ? [Buffer.from(body)] : body })

export async function textOf(exchange: ReturnType<HttpClient["send"]>): Promise<string> {
  return Buffer.from(await (await exchange.answer).bytes()).toString("latin1")
}

/** What a promise is rejected with. */
export const rejection = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => Promise.reject(new Error("it was not rejected")),
    (error: unknown) => error,
  )
