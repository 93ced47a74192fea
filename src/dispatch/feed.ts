import type { Watch } from "./watchdog.ts"

export type Arrived = Bun.ReadableStreamDefaultReadResult<Uint8Array>

/**
 * Chunks of a response body, with the stream's own promises and no others. When the upstream has been quiet for the watch's `quietAfter`, the promise
 * that waits is rejected, and nothing is lost by it.
 */
export interface Feed {
  /** The next chunk. Rejects when the stream breaks, and in `quiet`. */
  read(): Promise<Arrived>
  /** Asked after a rejection: it only says that it is time to say something meanwhile. */
  wasQuiet(): boolean
  cancel(): void
}

export const emptyFeed: Feed = {
  read: () => Promise.resolve({ done: true, value: undefined }),
  wasQuiet: () => false,
  cancel: () => {},
}

export const feed = (response: Response, watch: Watch): Feed => (response.body ? new BodyFeed(response.body, watch) : emptyFeed)

class BodyFeed implements Feed {
  private reader: ReadableStreamDefaultReader<Uint8Array>
  private quiet = false

  constructor(
    private readonly body: ReadableStream<Uint8Array>,
    watch: Watch,
  ) {
    this.reader = readerOf(body)
    watch.quiet = () => this.interrupt()
  }

  read(): Promise<Arrived> {
    return this.reader.read()
  }

  wasQuiet(): boolean {
    const { quiet } = this
    this.quiet = false
    return quiet
  }

  cancel(): void {
    this.reader.cancel().catch(() => undefined)
  }

  /** For a read that waits. A reader that lets go rejects it; the chunk that it waited for stays in the stream for the next reader. */
  private interrupt(): void {
    this.quiet = true
    this.reader.releaseLock()
    this.reader = readerOf(this.body)
  }
}

const readerOf = (body: ReadableStream<Uint8Array>) => body.getReader() as ReadableStreamDefaultReader<Uint8Array>
