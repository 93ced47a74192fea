import { type Connection, ConnectionLostError } from "./connection.ts"
import { connect, type Dialing } from "./dial.ts"
import { Exchange } from "./exchange.ts"

/** Idle connections kept to one host and port. */
const mostIdle = 512
const idleMs = 60_000
const sweepMs = 10_000
const mostTargets = 64

export interface HttpRequestInit {
  readonly method: string
  /** Not to be changed once it has been sent: how it is written down is remembered. */
  readonly headers: Headers
  /** In order; the bytes must stay as they are until the answer is complete. */
  readonly body?: readonly Uint8Array[]
}

interface Origin {
  readonly hostname: string
  readonly port: number
  /** The last one that came free is the next to be used. */
  readonly idle: Connection[]
}

interface Target {
  readonly origin: Origin
  /** Request line but for the method, and host. */
  readonly lines: string
}

/**
 * HTTP/1.1 over plain connections that are kept and used again. It follows no redirect, asks for no compression, and sends no request twice.
 * An exchange fails with a ProtocolError, a ConnectionLostError, the system's error of a connection that was not made, or what `dialing` throws.
 */
export class HttpClient {
  private readonly origins = new Map<string, Origin>()
  private readonly targets = new Map<string, Target>()
  private sweeping: ReturnType<typeof setInterval> | undefined
  private open = true

  constructor(private readonly dialing: Dialing) {}

  send(url: string, { method, headers, body = [] }: HttpRequestInit): Exchange {
    const target = this.targetOf(url)
    let length = 0
    for (const piece of body) length += piece.length
    const head = headFor(method, target, headers)
    const exchange = new Exchange({ head, headEnd: method === "GET" ? "\r\n" : `content-length: ${length}\r\n\r\n`, body })
    const connection = freshest(target.origin)
    if (connection) connection.carry(exchange)
    else void this.dial(target.origin, exchange)
    return exchange
  }

  /** Ends idle connections now, and the others when their answers are complete. */
  close(): void {
    this.open = false
    clearInterval(this.sweeping)
    for (const { idle } of this.origins.values()) for (const connection of idle.splice(0)) connection.close()
  }

  private async dial(origin: Origin, exchange: Exchange): Promise<void> {
    try {
      const connection = await connect(origin, this.dialing, (freed) => this.free(origin, freed))
      if (exchange.over) this.free(origin, connection)
      else if (connection.usable) connection.carry(exchange)
      else exchange.fail(new ConnectionLostError("the connection was closed as soon as it was made"))
    } catch (error) {
      exchange.fail(error)
    }
  }

  private free(origin: Origin, connection: Connection): void {
    if (!this.open || !connection.usable || origin.idle.length >= mostIdle) {
      connection.close()
      return
    }
    connection.freshUntil = Math.min(connection.freshUntil, performance.now() + idleMs)
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
    const { hostname, port, host, pathname, search } = new URL(url)
    const origin = this.origins.getOrInsertComputed(host, () => ({ hostname, port: Number(port) || 80, idle: [] }))
    const target = { origin, lines: `${pathname}${search} HTTP/1.1\r\nhost: ${host}\r\n` }
    this.targets.set(url, target)
    return target
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
  let head = `${method} ${target.lines}`
  for (const [name, value] of headers) head += `${name}: ${value}\r\n`
  heads.set(headers, { target, method, head })
  return head
}
