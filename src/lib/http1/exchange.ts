import type { Arrived, HttpAnswer } from "./answer.ts"
import { formatOf, inflating } from "./inflating.ts"
import type { Receiver } from "./receiver.ts"
import type { ResponseHead } from "./response-head.ts"

/** As it is sent: the head in Latin-1, and the body's bytes, which must stay as they are until the answer is complete. */
export interface HttpRequest {
  readonly head: string
  /** The last lines of the head. */
  readonly headEnd: string
  readonly body: readonly Uint8Array[]
}

/** What an exchange needs of its connection. */
export interface Carrier {
  pause(): void
  resume(): void
  /** Ends the connection: HTTP/1.1 knows no other way to let go of an answer. */
  abandon(): void
}

/** What is held of a body that nobody reads before the other side is made to wait, in bytes. */
const mostHeld = 256 * 1024

/** One request and its answer. */
export class Exchange implements HttpAnswer {
  /** Rejects when no head came. */
  readonly answer: Promise<HttpAnswer>
  status = 0
  over = false
  /** A kept connection was closed as the request was sent. */
  resent = false
  private head: ResponseHead | undefined
  private carrier: Carrier | undefined
  private failure: unknown
  private failed = false
  private held: Uint8Array[] = []
  private heldBytes = 0
  private paused = false
  private receiver: Receiver | undefined
  /** The receiver takes nothing for now. */
  private busy = false
  private reader: PromiseWithResolvers<Arrived> | undefined
  private readonly begun = Promise.withResolvers<HttpAnswer>()

  /** Until its answer begins. */
  request: HttpRequest

  constructor(request: HttpRequest) {
    this.request = request
    this.answer = this.begun.promise
  }

  get headers(): ResponseHead {
    if (!this.head) throw new Error("asked before the answer began")
    return this.head
  }

  get whole(): Uint8Array | undefined {
    return this.over && !this.failed && this.held.length === 1 ? this.held[0] : undefined
  }

  async bytes(): Promise<Uint8Array> {
    const pieces: Uint8Array[] = []
    for (;;) {
      const { done, value } = await this.read()
      if (done) return pieces.length === 1 && pieces[0] ? pieces[0] : Buffer.concat(pieces)
      pieces.push(value)
    }
  }

  read(): Promise<Arrived> {
    const value = this.held.shift()
    if (value) {
      this.heldBytes -= value.length
      if (this.paused && this.heldBytes <= mostHeld / 2) this.goOn()
      return Promise.resolve({ done: false, value })
    }
    if (this.failed) return Promise.reject(this.failure)
    if (this.over) return Promise.resolve({ done: true, value: undefined })
    this.reader = Promise.withResolvers()
    return this.reader.promise
  }

  pipe(receiver: Receiver): void {
    this.receiver = receiver
    this.deliver()
  }

  interrupt(): void {
    const { reader } = this
    this.reader = undefined
    reader?.reject(new Error("interrupted"))
  }

  cancel(reason: unknown = new DOMException("cancelled", "AbortError")): void {
    if (this.over) return
    this.failWith(reason)
    this.held.length = 0
    this.carrier?.abandon()
    // not at once: who lets go may have more to do before it hears of it
    queueMicrotask(() => this.deliver())
  }

  // The rest is the connection's to call.

  carriedBy(carrier: Carrier): void {
    this.carrier = carrier
  }

  begin(head: ResponseHead): void {
    this.head = head
    this.status = head.status
    this.request = nothing
    const format = formatOf(head.get("content-encoding"))
    const empty = this.over && this.held.length === 0
    this.begun.resolve(format === undefined || empty ? this : inflating(this, format))
  }

  push(piece: Uint8Array): void {
    const { reader, receiver } = this
    if (receiver && !this.busy) {
      this.hand(receiver, piece)
      return
    }
    if (reader) {
      this.reader = undefined
      reader.resolve({ done: false, value: piece })
      return
    }
    this.held.push(piece)
    this.heldBytes += piece.length
    if (this.heldBytes <= mostHeld || this.paused) return
    this.paused = true
    this.carrier?.pause()
  }

  end(): void {
    this.finish()
    this.reader?.resolve({ done: true, value: undefined })
    this.reader = undefined
    this.deliver()
  }

  fail(failure: unknown): void {
    if (this.over) return
    this.failWith(failure)
    this.deliver()
  }

  private failWith(failure: unknown): void {
    this.finish()
    this.failed = true
    this.failure = failure
    if (this.head) this.reader?.reject(failure)
    else this.begun.reject(failure)
    this.reader = undefined
  }

  /** What is held goes to the receiver, and then how it ended. */
  private deliver(): void {
    const { receiver, held } = this
    if (!receiver || this.busy) return
    for (let piece = held.shift(); piece; piece = held.shift()) {
      this.heldBytes -= piece.length
      if (this.hand(receiver, piece)) return
    }
    if (this.failed) receiver.broke(this.failure)
    else if (this.over) receiver.end()
    else if (this.paused) this.goOn()
  }

  /** Whether the receiver wants nothing more for now. */
  private hand(receiver: Receiver, piece: Uint8Array): boolean {
    const busy = receiver.piece(piece)
    if (!busy) return false
    this.busy = true
    if (!this.paused && !this.over) {
      this.paused = true
      this.carrier?.pause()
    }
    void this.deliverAfter(busy)
    return true
  }

  private async deliverAfter(busy: Promise<unknown>): Promise<void> {
    await busy
    this.busy = false
    this.deliver()
  }

  private finish(): void {
    this.over = true
    this.request = nothing
  }

  private goOn(): void {
    this.paused = false
    if (!this.over) this.carrier?.resume()
  }
}

const nothing: HttpRequest = { head: "", headEnd: "", body: [] }
