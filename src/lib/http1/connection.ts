import type { Socket } from "bun"
import { ChunkedDecoder } from "./chunked.ts"
import type { Carrier, Exchange, HttpRequest } from "./exchange.ts"
import { headOf, ProtocolError, ResponseHead } from "./response-head.ts"

const longestHead = 64 * 1024
/** Up to here a request goes out as one write. */
const oneWrite = 64 * 1024
const outgoing = Buffer.allocUnsafeSlow(oneWrite)
/** News that a kept connection was being closed comes within the way there and back; later the server may have worked on the request. */
const crossingMs = 1_000

/** The connection came to its end before the answer did. */
export class ConnectionLostError extends Error {
  override readonly name = "ConnectionLostError"
  readonly code = "ECONNRESET"
}

/** Who keeps connections. */
export interface Owner {
  /** The connection may be used again. */
  free(connection: Connection): void
  /**
   * A connection that had been kept was closed as the exchange's request was sent, before a byte of its answer: servers close idle ones when they
   * like (RFC 9112 §9.5).
   */
  again(exchange: Exchange): void
}

type Phase = "idle" | "head" | "chunked" | "length" | "until-close" | "closed"

/** One connection, which carries one exchange at a time. */
export class Connection implements Carrier {
  /** For how long the server says that it holds an idle connection. */
  idleMs = Number.POSITIVE_INFINITY
  /** `performance.now()` after which it must not be used again. */
  freshUntil = Number.POSITIVE_INFINITY
  private phase: Phase = "idle"
  private exchange: Exchange | undefined
  private reusable = true
  private left = 0
  private chunks: ChunkedDecoder | undefined
  /** A head that is not yet whole. */
  private begun: Buffer | undefined
  /** What the system has not taken yet. */
  private unsent: Uint8Array[] = []
  private stopped = false
  /** Exchanges so far. */
  private carried = 0
  /** `performance.now()` when the last one was. */
  private carriedAt = 0
  /** Something came of the answer. */
  private heard = false

  constructor(
    private readonly socket: Socket<unknown>,
    private readonly owner: Owner,
  ) {}

  get usable(): boolean {
    return this.phase === "idle"
  }

  /** Sends the exchange's request. For a usable connection. */
  carry(exchange: Exchange): void {
    this.exchange = exchange
    this.phase = "head"
    this.carried += 1
    this.carriedAt = performance.now()
    this.heard = false
    exchange.carriedBy(this)
    this.send(exchange.request)
  }

  pause(): void {
    this.stopped = true
    this.socket.pause()
  }

  resume(): void {
    this.stopped = false
    this.socket.resume()
  }

  abandon(): void {
    this.forget()
    this.socket.terminate()
  }

  close(): void {
    this.forget()
    this.socket.end()
  }

  onDrain(): void {
    this.flush()
  }

  onData(bytes: Buffer): void {
    this.heard = true
    try {
      this.take(bytes)
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error
      this.break(error)
    }
  }

  /** The other side says no more. */
  onEnd(): void {
    if (this.phase === "until-close") this.complete()
    else this.onClose()
  }

  onClose(): void {
    if (this.phase === "closed") return
    const { exchange } = this
    if (exchange && this.isCrossed()) {
      this.abandon()
      exchange.resent = true
      this.owner.again(exchange)
    } else this.break(new ConnectionLostError("the connection was closed before the answer was complete"))
  }

  private isCrossed(): boolean {
    return this.carried > 1 && !this.heard && performance.now() - this.carriedAt < crossingMs
  }

  private take(bytes: Buffer): void {
    const { exchange } = this
    // an idle connection on which something is said cannot be trusted to answer the next request
    if (!exchange) this.abandon()
    else if (this.phase === "head") this.takeHead(this.begun ? Buffer.concat([this.begun, bytes]) : bytes, exchange)
    else if (this.phase === "chunked") this.takeChunks(bytes, exchange)
    else if (this.phase === "length") this.takeLength(bytes, exchange)
    else exchange.push(bytes)
  }

  private takeHead(bytes: Buffer, exchange: Exchange): void {
    for (let rest = bytes; ; ) {
      const found = headOf(rest)
      if ((found?.end ?? rest.length) > longestHead) throw new ProtocolError("the answer's header fields are too long")
      this.begun = found ? undefined : rest
      if (!found) return
      const head = new ResponseHead(found.text)
      rest = rest.subarray(found.end)
      // 1xx are said before the answer (RFC 9110 §15.2); nobody asked for another protocol.
      if (head.status === 101) throw new ProtocolError("the answer switches to another protocol")
      if (head.status >= 200) {
        this.begin(head, rest, exchange)
        return
      }
    }
  }

  private begin(head: ResponseHead, rest: Buffer, exchange: Exchange): void {
    const length = head.bodyLength()
    this.reusable = head.keepsAlive() && length !== "until-close"
    // a second less, for the server's clock begins before ours
    this.idleMs = (head.idleMs() ?? Number.POSITIVE_INFINITY) - 1_000
    this.phase = typeof length === "number" ? "length" : length
    if (length === "chunked") this.chunks = new ChunkedDecoder()
    else if (length !== "until-close") this.left = length
    if (length === 0 || rest.length > 0) this.take(rest)
    // last, so that a body that came along is there when the answer is told of
    exchange.begin(head)
  }

  private takeChunks(bytes: Buffer, exchange: Exchange): void {
    const { chunks } = this
    if (!chunks) return
    const data = chunks.push(bytes)
    if (data.length > 0) exchange.push(data)
    if (!chunks.done) return
    if (chunks.surplus > 0) this.reusable = false
    this.complete()
  }

  private takeLength(bytes: Buffer, exchange: Exchange): void {
    if (bytes.length > this.left) this.reusable = false
    const data = bytes.length > this.left ? bytes.subarray(0, this.left) : bytes
    this.left -= data.length
    if (data.length > 0) exchange.push(data)
    if (this.left === 0) this.complete()
  }

  /** The answer is whole. A server that answers before it has read all would take the rest for the next request. */
  private complete(): void {
    const { exchange } = this
    // let go of by who took the last piece
    if (!exchange) return
    const reused = this.reusable && this.unsent.length === 0
    if (reused) {
      this.reset()
      this.owner.free(this)
    } else this.close()
    exchange.end()
  }

  private break(failure: Error): void {
    const { exchange } = this
    this.abandon()
    exchange?.fail(failure)
  }

  private reset(): void {
    this.phase = "idle"
    this.exchange = undefined
    this.chunks = undefined
    if (this.stopped) this.resume()
  }

  private forget(): void {
    this.phase = "closed"
    this.exchange = undefined
    this.chunks = undefined
    this.begun = undefined
    this.unsent = []
  }

  private send({ head, headEnd, body }: HttpRequest): void {
    let size = head.length + headEnd.length
    for (const piece of body) size += piece.length
    if (size > oneWrite) {
      this.unsent = [Buffer.from(head + headEnd, "latin1"), ...body]
      this.flush()
      return
    }
    let at = outgoing.write(head, "latin1")
    at += outgoing.write(headEnd, at, "latin1")
    for (const piece of body) {
      outgoing.set(piece, at)
      at += piece.length
    }
    const taken = Math.max(0, this.socket.write(outgoing, 0, size))
    if (taken < size) this.unsent = [Buffer.from(outgoing.subarray(taken, size))]
  }

  private flush(): void {
    for (let piece = this.unsent[0]; piece; piece = this.unsent[0]) {
      const taken = Math.max(0, this.socket.write(piece))
      if (taken < piece.length) {
        this.unsent[0] = piece.subarray(taken)
        return
      }
      this.unsent.shift()
    }
  }
}
