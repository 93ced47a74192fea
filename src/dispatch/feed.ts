import type { Watch } from "./watchdog.ts"

/** Said instead of a chunk when the upstream has been quiet for the watch's `quietAfter`. */
export const quiet: unique symbol = Symbol("quiet")

export type Fed = Uint8Array | undefined | typeof quiet

export interface Feed {
  /** All that has come since, as one chunk; undefined at the end; `quiet` when it is time to say something meanwhile. Rejects when the stream breaks. */
  next(): Promise<Fed>
  cancel(): void
}

/** Chunks of a response body. A read that `quiet` overtook goes on and is the next answer. */
export function feed(response: Response, watch: Watch): Feed {
  if (!response.body) return { next: async () => undefined, cancel: () => {} }
  // Bun's own `readMany` gives all chunks that wait at once, and without a promise when there are some.
  const reader = response.body.getReader() as ReadableStreamDefaultReader<Uint8Array>
  let waiting: { resolve(chunk: Fed): void; reject(error: unknown): void } | undefined
  let reading = false
  let ended = false

  const deliver = ({ done, value }: Awaited<ReturnType<typeof reader.readMany>>): void => {
    reading = false
    ended = done
    waiting?.resolve(value.length > 0 ? joined(value) : undefined)
  }
  const fail = (error: unknown): void => {
    reading = false
    waiting?.reject(error)
  }
  watch.quiet = () => waiting?.resolve(quiet)

  return {
    next() {
      if (ended) return Promise.resolve(undefined)
      if (!reading) {
        const got = reader.readMany()
        if (!(got instanceof Promise)) {
          ended = got.done
          return Promise.resolve(got.value.length > 0 ? joined(got.value) : undefined)
        }
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
