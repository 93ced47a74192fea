import type { Watch } from "./watchdog.ts"

/** Said instead of a chunk when the upstream has been quiet for the watch's `quietAfter`. */
export const quiet: unique symbol = Symbol("quiet")

export type Fed = Uint8Array | undefined | typeof quiet

export interface Feed {
  /** All that has come since, as one chunk; undefined at the end; `quiet` when it is time to say something meanwhile. Rejects when the stream breaks. */
  next(): Promise<Fed>
  cancel(): void
}

/** Chunks of a response body. A read that `quiet` overtook goes on and is the next answer, also when it ends before anybody asks again. */
export function feed(response: Response, watch: Watch): Feed {
  if (!response.body) return { next: async () => undefined, cancel: () => {} }
  // Bun's own `readMany` gives all chunks that wait at once, and without a promise when there are some.
  const reader = response.body.getReader() as ReadableStreamDefaultReader<Uint8Array>
  let waiting: { resolve(chunk: Fed): void; reject(error: unknown): void } | undefined
  let early: Promise<Fed> | undefined
  let reading = false
  let ended = false

  const taken = ({ done, value }: Awaited<ReturnType<typeof reader.readMany>>): Uint8Array | undefined => {
    ended = done
    return done && value.length === 0 ? undefined : joined(value)
  }
  const deliver = (got: Awaited<ReturnType<typeof reader.readMany>>): void => {
    reading = false
    const chunk = taken(got)
    if (waiting) waiting.resolve(chunk)
    else early = Promise.resolve(chunk)
    waiting = undefined
  }
  const fail = (error: unknown): void => {
    reading = false
    if (waiting) waiting.reject(error)
    else {
      early = Promise.reject(error)
      early.catch(() => undefined)
    }
    waiting = undefined
  }
  watch.quiet = () => {
    waiting?.resolve(quiet)
    waiting = undefined
  }

  return {
    next() {
      const first = early
      early = undefined
      if (first) return first
      if (ended) return Promise.resolve(undefined)
      if (!reading) {
        const got = reader.readMany()
        if (!(got instanceof Promise)) return Promise.resolve(taken(got))
        reading = true
        got.then(deliver, fail)
      }
      return new Promise((resolve, reject) => {
        waiting = { resolve, reject }
      })
    },
    cancel() {
      waiting = undefined
      reader.cancel().catch(() => undefined)
    },
  }
}

const joined = (chunks: readonly Uint8Array[]): Uint8Array =>
  chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks)
