import type { Arrived, HttpAnswer } from "../lib/http1/answer.ts"
import { pipe, type Receiver, type Source } from "../lib/http1/receiver.ts"
import type { Watch } from "./watchdog.ts"

/**
 * Chunks of an answer's body, with its own promises and no others. When the upstream has been quiet for the watch's `quietAfter`, the promise
 * that waits is rejected, and nothing is lost by it.
 */
export interface Feed extends Source {
  /** The next chunk. Rejects when the stream breaks, and in `quiet`. */
  read(): Promise<Arrived>
  /** Asked after a rejection: it only says that it is time to say something meanwhile. */
  wasQuiet(): boolean
  cancel(): void
  /** What was read so far, where that is kept. */
  said?(): Uint8Array
}

export const emptyFeed: Feed = {
  read: () => Promise.resolve({ done: true, value: undefined }),
  wasQuiet: () => false,
  cancel: () => {},
}

export const feed = (answer: HttpAnswer, watch: Watch): Feed => new AnswerFeed(answer, watch)

class AnswerFeed implements Feed {
  private quiet = false

  constructor(
    private readonly answer: HttpAnswer,
    watch: Watch,
  ) {
    watch.quiet = () => {
      this.quiet = true
      answer.interrupt()
    }
  }

  read(): Promise<Arrived> {
    return this.answer.read()
  }

  wasQuiet(): boolean {
    const { quiet } = this
    this.quiet = false
    return quiet
  }

  pipe(receiver: Receiver): void {
    pipe(this.answer, receiver)
  }

  cancel(): void {
    this.answer.cancel()
  }
}
