import type { Watch } from "./watchdog.ts"

/** Chunks that have come, and whether they were the last. */
export interface Arrived {
  readonly done: boolean
  readonly value: readonly Uint8Array[]
}

/**
 * Chunks of a response body, as cheaply as can be: what waits is given at once, and what does not with the stream's own promise and no other.
 * When the upstream has been quiet for the watch's `quietAfter`, that promise is rejected and nothing is lost by it.
 */
export interface Feed {
  /** All that has come since. Rejects when the stream breaks, and in `quiet`. */
  read(): Arrived | Promise<Arrived>
  /** Takes what a read gave: its chunks as one, undefined at the end. */
  take(arrived: Arrived): Uint8Array | undefined
  /** Asked after a rejection: it only says that it is time to say something meanwhile. */
  wasQuiet(): boolean
  cancel(): void
}

const nothing: Arrived = { done: true, value: [] }

export const emptyFeed: Feed = { read: () => nothing, take: () => undefined, wasQuiet: () => false, cancel: () => {} }

export const feed = (response: Response, watch: Watch): Feed => (response.body ? new BodyFeed(response.body, watch) : emptyFeed)

class BodyFeed implements Feed {
  // Bun's own `readMany` gives all chunks that wait at once, and without a promise when there are some.
  private reader: ReadableStreamDefaultReader<Uint8Array>
  private ended = false
  private pending = false
  private quiet = false

  constructor(
    private readonly body: ReadableStream<Uint8Array>,
    watch: Watch,
  ) {
    this.reader = readerOf(body)
    watch.quiet = () => this.interrupt()
  }

  read(): Arrived | Promise<Arrived> {
    if (this.ended) return nothing
    const got = this.reader.readMany()
    this.pending = got instanceof Promise
    return got
  }

  take({ done, value }: Arrived): Uint8Array | undefined {
    this.pending = false
    if (done) this.ended = true
    if (value.length === 1) return value[0]
    return done && value.length === 0 ? undefined : Buffer.concat(value)
  }

  wasQuiet(): boolean {
    const { quiet } = this
    this.pending = false
    this.quiet = false
    return quiet
  }

  cancel(): void {
    this.reader.cancel().catch(() => undefined)
  }

  /** A reader that lets go rejects the read that waits; the chunk that it waited for stays in the stream for the next reader. */
  private interrupt(): void {
    if (!this.pending) return
    this.pending = false
    this.quiet = true
    this.reader.releaseLock()
    this.reader = readerOf(this.body)
  }
}

const readerOf = (body: ReadableStream<Uint8Array>) => body.getReader() as ReadableStreamDefaultReader<Uint8Array>
