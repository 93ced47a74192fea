import type { Socket } from "bun"

/** A closed loop: each connection sends its next call when the last one is answered. */
export interface LoadOptions {
  readonly port: number
  readonly path: string
  readonly body: string | Uint8Array
  readonly headers?: Readonly<Record<string, string>>
  readonly connections: number
  readonly calls: number
  /** Bytes that a whole answer must end with before its last chunk, such as `data: [DONE]\n\n`. */
  readonly mustEndWith?: string
  /** Seconds until the run is given up. */
  readonly deadline?: number
}

export interface LoadResult {
  readonly calls: number
  /** Answers with another status than 200, cut short, or never finished. */
  readonly failures: number
  readonly seconds: number
  /** Milliseconds from the first byte sent to the last byte read, ascending. */
  readonly latencies: Float64Array
}

interface Connection {
  /** A call is under way. */
  busy: boolean
  unsent: Uint8Array
  startedAt: number
  held: Buffer
  /** Undefined until the head is read. */
  reading: Reading | undefined
}

interface Reading {
  readonly status: number
  readonly length: number | undefined
  received: number
  tail: Buffer
}

const headEnd = Buffer.from("\r\n\r\n")
const lastChunk = "0\r\n\r\n"
const chunkBorder = /\r\n[0-9a-f]+\r\n/gi
/** Bytes kept of a chunked body, enough for its last words in chunks of one byte. */
const tailLength = 256
const empty = Buffer.alloc(0)

export function load(options: LoadOptions): Promise<LoadResult> {
  const request = requestBytes(options)
  const latencies = new Float64Array(options.calls)
  let begun = 0
  let finished = 0
  let failures = 0
  const sockets = new Set<Socket<Connection>>()
  const { promise, resolve } = Promise.withResolvers<LoadResult>()
  const startedAt = performance.now()

  const conclude = (unfinished: number) => {
    clearTimeout(timer)
    for (const socket of sockets) socket.terminate()
    const seconds = (performance.now() - startedAt) / 1000
    resolve({ calls: options.calls, failures: failures + unfinished, seconds, latencies: latencies.subarray(0, finished).sort() })
  }
  const timer = setTimeout(() => conclude(options.calls - finished), (options.deadline ?? 120) * 1000)

  const next = (socket: Socket<Connection>) => {
    socket.data.busy = begun < options.calls
    if (!socket.data.busy) return void socket.end()
    begun += 1
    socket.data = { busy: true, unsent: request, startedAt: performance.now(), held: empty, reading: undefined }
    flush(socket)
  }
  const finish = (socket: Socket<Connection>, good: boolean) => {
    latencies[finished] = performance.now() - socket.data.startedAt
    finished += 1
    if (!good) failures += 1
    if (finished === options.calls) conclude(0)
    else next(socket)
  }
  const connect = () =>
    Bun.connect<Connection>({
      hostname: "127.0.0.1",
      port: options.port,
      data: { busy: false, unsent: empty, startedAt: 0, held: empty, reading: undefined },
      socket: {
        open(socket) {
          sockets.add(socket)
          next(socket)
        },
        drain: flush,
        data(socket, bytes) {
          const outcome = take(socket.data, bytes, options.mustEndWith)
          if (outcome !== "more") finish(socket, outcome === "good")
        },
        close(socket) {
          sockets.delete(socket)
          if (!socket.data.busy || finished === options.calls) return
          failures += 1
          finished += 1
          if (finished === options.calls) conclude(0)
          else if (begun < options.calls) void connect()
        },
      },
    }).catch(() => conclude(options.calls - finished))

  for (let n = 0; n < Math.min(options.connections, options.calls); n += 1) void connect()
  return promise
}

function requestBytes({ port, path, body, headers = {} }: LoadOptions): Uint8Array {
  const content = Buffer.from(body)
  const lines = Object.entries({
    host: `127.0.0.1:${port}`,
    authorization: "Bearer sk-caller",
    "content-type": "application/json",
    accept: "*/*",
    "user-agent": "bench",
    ...headers,
    "content-length": String(content.length),
  }).map(([name, value]) => `${name}: ${value}`)
  return Buffer.concat([Buffer.from(`POST ${path} HTTP/1.1\r\n${lines.join("\r\n")}\r\n\r\n`), content])
}

function flush(socket: Socket<Connection>): void {
  const connection = socket.data
  if (connection.unsent.length === 0) return
  const written = socket.write(connection.unsent)
  connection.unsent = connection.unsent.subarray(Math.max(0, written))
}

function take(connection: Connection, bytes: Buffer, mustEndWith: string | undefined): "more" | "good" | "bad" {
  let rest = bytes
  if (!connection.reading) {
    const held = connection.held.length === 0 ? bytes : Buffer.concat([connection.held, bytes])
    const end = held.indexOf(headEnd)
    if (end < 0) {
      connection.held = Buffer.from(held)
      return "more"
    }
    connection.reading = readHead(held.toString("latin1", 0, end))
    rest = held.subarray(end + headEnd.length)
  }
  const { reading } = connection
  reading.received += rest.length
  if (reading.length !== undefined) return reading.received < reading.length ? "more" : verdict(reading)
  reading.tail =
    rest.length >= tailLength
      ? Buffer.from(rest.subarray(-tailLength))
      : Buffer.concat([reading.tail, rest]).subarray(-tailLength)
  const tail = reading.tail.toString("latin1")
  if (!tail.endsWith(`\r\n${lastChunk}`) && !(reading.received === lastChunk.length && tail === lastChunk)) return "more"
  if (mustEndWith === undefined || tail.replace(chunkBorder, "").includes(mustEndWith)) return verdict(reading)
  return "bad"
}

const verdict = (reading: Reading): "good" | "bad" => (reading.status === 200 ? "good" : "bad")

function readHead(head: string): Reading {
  const length = /content-length: *(\d+)/i.exec(head)?.[1]
  return {
    status: Number(head.slice(9, 12)),
    length: length === undefined ? undefined : Number(length),
    received: 0,
    tail: empty,
  }
}
