import type { Watch } from "./watchdog.ts"

/** Said instead of a chunk when the upstream has been quiet for the watch's `quietAfter`. */
export const quiet: unique symbol = Symbol("quiet")

export interface Feed {
  /** The next chunk; undefined at the end; `quiet` when it is time to say something meanwhile. Rejects when the stream breaks. */
  next(): Promise<Uint8Array | undefined | typeof quiet>
  cancel(): void
}

/** Chunks of a response body, with a way to be told that none came for a while: the read under way is then kept for the next call. */
export function feed(response: Response, watch: Watch): Feed {
  const reader = response.body?.getReader() as ReadableStreamDefaultReader<Uint8Array> | undefined
  let wake: ((value: typeof quiet) => void) | undefined
  let pending: Promise<Uint8Array | undefined> | undefined
  watch.quiet = () => wake?.(quiet)

  const read = async (): Promise<Uint8Array | undefined> => {
    const { done, value } = (await reader?.read()) ?? { done: true, value: undefined }
    return done ? undefined : value
  }

  return {
    next() {
      pending ??= read()
      return new Promise((resolve, reject) => {
        wake = resolve
        pending?.then(
          (chunk) => {
            pending = undefined
            resolve(chunk)
          },
          (error) => {
            pending = undefined
            reject(error)
          },
        )
      })
    },
    cancel() {
      wake = undefined
      reader?.cancel().catch(() => undefined)
    },
  }
}
