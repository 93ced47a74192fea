import { type SseFrame, sseDecoder } from "../lib/sse.ts"

/** Lets pieces of a stream through unread that hold whole frames and nothing but content. */
export interface Skimmer {
  /** True for a chunk that begins and ends between frames and holds no sign. */
  passes(chunk: Uint8Array): boolean
  /** Told of each chunk that was read instead. */
  rest(chunk: Uint8Array): void
  /** The last frames that passed, to be read after all when a stream ends without a sign. */
  passed(): readonly SseFrame[]
}

const newline = 0x0a
const { latin1Slice } = Buffer.prototype
const keptPieces = 8
const maxKeptBytes = 64 * 1024

/** One search in the text of a chunk costs a tenth of decoding its frames. */
export function skimmer(signs: RegExp): Skimmer {
  const kept: Uint8Array[] = []
  let next = 0
  let aligned = false
  return {
    passes(chunk) {
      if (!aligned || !endsFrame(chunk) || signs.test(latin1Slice.call(chunk, 0, chunk.length))) return false
      if (chunk.length > maxKeptBytes) return true
      kept[next] = chunk
      next = (next + 1) % keptPieces
      return true
    },
    rest(chunk) {
      aligned = endsFrame(chunk)
    },
    passed() {
      const decoder = sseDecoder({ maxFrameBytes: keptPieces * maxKeptBytes })
      return [...kept.slice(next), ...kept.slice(0, next)].flatMap((chunk) => decoder.push(chunk))
    },
  }
}

export const endsFrame = (chunk: Uint8Array): boolean =>
  chunk[chunk.length - 1] === newline && chunk[chunk.length - 2] === newline
