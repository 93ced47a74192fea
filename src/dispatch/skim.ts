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
const keptPieces = 8
const maxKeptBytes = 64 * 1024

/** A search for a few short texts costs a tenth of decoding the frames. */
export function skimmer(signs: readonly string[]): Skimmer {
  const needles = signs.map((sign) => Buffer.from(sign))
  const kept: Uint8Array[] = []
  let aligned = false
  return {
    passes(chunk) {
      if (!aligned || needles.length === 0 || !endsFrame(chunk)) return false
      const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength)
      for (const needle of needles) if (bytes.includes(needle)) return false
      if (chunk.length <= maxKeptBytes) {
        kept.push(chunk)
        if (kept.length > keptPieces) kept.shift()
      }
      return true
    },
    rest(chunk) {
      aligned = endsFrame(chunk)
    },
    passed() {
      const decoder = sseDecoder({ maxFrameBytes: keptPieces * maxKeptBytes })
      return kept.flatMap((chunk) => decoder.push(chunk))
    },
  }
}

export const endsFrame = (chunk: Uint8Array): boolean => chunk.at(-1) === newline && chunk.at(-2) === newline
