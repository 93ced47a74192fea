import { base64Spellings } from "./base64-spellings.ts"
import { REDACTED } from "./redact.ts"
import { stringPieces } from "./string-pieces.ts"
import { textFinder } from "./text-finder.ts"

const label = new TextEncoder().encode(REDACTED)
const star = 0x2a
/** Shorter texts may be words, such as the keys of servers that take any, and what is overwritten is lost for good. */
const shortestMasked = 16

/**
 * Overwrites texts where they stand in bytes of UTF-8, as they are or in base64, so that lengths and offsets stay as they are. Texts of less than
 * 16 bytes are left alone.
 */
export interface ByteMask {
  /** Each text with `[redacted]`, and stars up to its end. Whether there was one. */
  whole(bytes: Uint8Array): boolean
  /** The first part of a text that bytes which were cut off end with, with stars: 5 bytes and more. */
  end(bytes: Uint8Array): void
  /** Texts that are spread over the JSON strings of one name in a stream of events, or over those of one name and index, with stars; with `cut`, also the first part of one at their end. */
  spread(bytes: Uint8Array, cut: boolean): void
}

/** Made once for a list of texts and used often. */
export function byteMask(texts: readonly string[], shortest = shortestMasked): ByteMask {
  const long = texts.filter((text) => Buffer.byteLength(text) >= shortest)
  const { find, beginning } = textFinder([...long, ...long.flatMap(base64Spellings)], shortest)
  return {
    whole(bytes) {
      const found = find(bytes)
      for (let index = 0; index < found.length; index += 2) {
        const hidden = bytes.subarray(found[index], found[index + 1]).fill(star)
        hidden.set(label.subarray(0, hidden.length))
      }
      return found.length > 0
    },
    end: (bytes) => void bytes.fill(star, beginning(bytes)),
    spread(bytes, cut) {
      for (const spans of stringPieces(bytes)) {
        const text = endToEnd(bytes, spans)
        const found = find(text)
        for (let index = 0; index < found.length; index += 2) cover(bytes, spans, found[index] ?? 0, found[index + 1] ?? 0)
        if (cut) cover(bytes, spans, beginning(text), text.length)
      }
    },
  }
}

function endToEnd(bytes: Uint8Array, spans: readonly number[]): Uint8Array {
  const pieces: Uint8Array[] = []
  for (let index = 0; index < spans.length; index += 2) pieces.push(bytes.subarray(spans[index], spans[index + 1]))
  return Buffer.concat(pieces)
}

/** Stars from `start` to `end` of what the spans make end to end. */
function cover(bytes: Uint8Array, spans: readonly number[], start: number, end: number): void {
  let before = 0
  for (let index = 0; index < spans.length && before < end; index += 2) {
    const from = spans[index] ?? 0
    const length = (spans[index + 1] ?? 0) - from
    if (before + length > start) bytes.fill(star, from + Math.max(0, start - before), from + Math.min(length, end - before))
    before += length
  }
}
