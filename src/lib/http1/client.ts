import { type Connection, ConnectionLostError } from "./connection.ts"
import { connect, type Dialing, type Place } from "./dial.ts"
import { Exchange } from "./exchange.ts"

/** What is kept of connections that nobody uses at the moment. */
export interface Keeping {
  /** Connections to one host and port. */
  readonly most: number
  readonly ms: number
  readonly sweepMs: number
}

const usual: Keeping = { most: 512, ms: 60_000, sweepMs: 10_000 }
const mostTargets = 64
const mostOrigins = 64

export interface HttpRequestInit {
  readonly method: string
  /** Not to be changed once it has been sent: how it is written down is remembered. */
  readonly headers: Headers
  /** In order; the bytes must stay as they are until the answer is complete. */
  readonly body?: readonly Uint8Array[]
}

interface Origin extends Place {
  /** The last one that came free is the next to be used. */
  readonly idle: Connection[]
  /** Forgotten, so that what comes free is closed. */
  closed: boolean
}

interface Target {
  readonly origin: Origin
  /** Request line but for the method. */
  readonly line: string
  /** What the URL says of fields, unless the caller does. */
  readonly fields: readonly (readonly [name: string, value: string])[]
}

/**
 * HTTP/1.1 over plain connections that are kept and used again. It follows no redirect, asks for no compression, and sends a request twice only where
 * the first time met a kept connection that the server was closing.
 * An exchange fails with a ProtocolError, a ConnectionLostError, the system's error of a connection that was not made, or what `dialing` throws.
 */
export class HttpClient {
  private readonly origins = new Map<string, Origin>()
  private readonly targets = new Map<string, Target>()
  private sweeping: ReturnType<typeof setInterval> | undefined
  private open = true

  constructor(
    private readonly dialing: Dialing,
    private readonly keeping: Keeping = usual,
  ) {}

  send(url: string, { method, headers, body = [] }: HttpRequestInit): Exchange {
    const target = this.targetOf(url)
    let length = 0
    for (const piece of body) length += piece.length
    const head = headFor(method, target, headers)
    const exchange = new Exchange({
      head,
      headEnd: method === "GET" && length === 0 ? "\r\n" : `content-length: ${length}\r\n\r\n`,
      body,
    })
    const connection = freshest(target.origin)
    if (connection) connection.carry(exchange)
    else void this.dial(target.origin, exchange)
    return exchange
  }

  /** Ends idle connections now, and the others when their answers are complete. */
  close(): void {
    this.open = false
    clearInterval(this.sweeping)
    this.forgetOrigins()
  }

  private async dial(origin: Origin, exchange: Exchange): Promise<void> {
    try {
      const connection = await connect(origin, this.dialing, {
        free: (freed) => this.free(origin, freed),
        again: (lost) => void this.dial(origin, lost),
      })
      if (exchange.over) this.free(origin, connection)
      else if (connection.usable) connection.carry(exchange)
      else exchange.fail(new ConnectionLostError("the connection was closed as soon as it was made"))
    } catch (error) {
      exchange.fail(error)
    }
  }

  private free(origin: Origin, connection: Connection): void {
    const { most, ms, sweepMs } = this.keeping
    if (!this.open || origin.closed || !connection.usable || origin.idle.length >= most) {
      connection.close()
      return
    }
    connection.freshUntil = performance.now() + Math.min(ms, connection.idleMs)
    origin.idle.push(connection)
    this.sweeping ??= setInterval(() => this.sweep(), sweepMs).unref()
  }

  private sweep(): void {
    const now = performance.now()
    let left = 0
    for (const { idle } of this.origins.values()) {
      const stale = idle.filter((connection) => !connection.usable || connection.freshUntil <= now)
      for (const connection of stale) {
        idle.splice(idle.indexOf(connection), 1)
        connection.close()
      }
      left += idle.length
    }
    if (left > 0) return
    clearInterval(this.sweeping)
    this.sweeping = undefined
  }

  private targetOf(url: string): Target {
    const known = this.targets.get(url)
    if (known) return known
    if (this.targets.size >= mostTargets) this.targets.clear()
    const { hostname, port, host, pathname, search, username, password } = new URL(url)
    const origin = this.originOf(host, () => ({ hostname, port: Number(port) || 80, idle: [], closed: false, stuck: 0 }))
    const login = `${decoded(username)}:${decoded(password)}`
    const authorization = ["authorization", `Basic ${Buffer.from(login).toString("base64")}`] as const
    const fields = login === ":" ? [["host", host] as const] : [["host", host] as const, authorization]
    const target = { origin, line: `${pathname}${search} HTTP/1.1\r\n`, fields }
    this.targets.set(url, target)
    return target
  }

  private originOf(host: string, made: () => Origin): Origin {
    if (this.origins.size >= mostOrigins && !this.origins.has(host)) this.forgetOrigins()
    return this.origins.getOrInsertComputed(host, made)
  }

  private forgetOrigins(): void {
    for (const origin of this.origins.values()) {
      origin.closed = true
      for (const connection of origin.idle.splice(0)) connection.close()
    }
    this.origins.clear()
    this.targets.clear()
  }
}

/** As it is where it is no percent-encoding. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

function freshest({ idle }: Origin): Connection | undefined {
  for (let connection = idle.pop(); connection; connection = idle.pop()) {
    if (connection.usable && connection.freshUntil > performance.now()) return connection
    connection.close()
  }
  return undefined
}

interface Written {
  readonly target: Target
  readonly method: string
  readonly head: string
}

/** What was last written for each, since many calls go the same way with the same headers. */
const heads = new WeakMap<Headers, Written>()

function headFor(method: string, target: Target, headers: Headers): string {
  const known = heads.get(headers)
  if (known?.target === target && known.method === method) return known.head
  let head = `${method} ${target.line}`
  for (const [name, value] of target.fields) if (!headers.has(name)) head += `${name}: ${value}\r\n`
  for (const [name, value] of headers) if (!ours.has(name)) head += `${name}: ${value}\r\n`
  heads.set(headers, { target, method, head })
  return head
}

/** What is said of the connection and of where the request ends (RFC 9110 §7.6.1 and §8.6) is not the caller's to say. */
const ours: ReadonlySet<string> = new Set([
  "connection",
  "content-length",
  "expect",
  "keep-alive",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
])
