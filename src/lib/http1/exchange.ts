import type { Arrived, HttpAnswer } from "./answer.ts"
import { formatOf, inflating } from "./inflating.ts"
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
  private head: ResponseHead | undefined
  private carrier: Carrier | undefined
  private failure: unknown
  private failed = false
  private held: Uint8Array[] = []
  private heldBytes = 0
  private paused = false
  private reader: PromiseWithResolvers<Arrived> | undefined
  private readonly begun = Promise.withResolvers<HttpAnswer>()

  constructor(private request: HttpRequest) {
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

  interrupt(): void {
    const { reader } = this
    this.reader = undefined
    reader?.reject(new Error("interrupted"))
  }

  cancel(reason: unknown = new DOMException("cancelled", "AbortError")): void {
    if (this.over) return
    this.fail(reason)
    this.held.length = 0
    this.carrier?.abandon()
  }

  // The rest is the connection's to call.

  carriedBy(carrier: Carrier): void {
    this.carrier = carrier
  }

  /** Once: who sends it holds it from then on. */
  takeRequest(): HttpRequest {
    const { request } = this
    this.request = nothing
    return request
  }

  begin(head: ResponseHead): void {
    this.head = head
    this.status = head.status
    const format = formatOf(head.get("content-encoding"))
    const empty = this.over && this.held.length === 0
    this.begun.resolve(format === undefined || empty ? this : inflating(this, format))
  }

  push(piece: Uint8Array): void {
    const { reader } = this
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
  }

  fail(failure: unknown): void {
    if (this.over) return
    this.finish()
    this.failed = true
    this.failure = failure
    if (this.head) this.reader?.reject(failure)
    else this.begun.reject(failure)
    this.reader = undefined
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
