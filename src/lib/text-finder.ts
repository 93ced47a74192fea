const encoder = new TextEncoder()
const longestShift = 255
/** Vendors' keys begin alike, and what is shown of one to tell it from others is no longer. */
const shortestBeginning = 5

export interface TextFinder {
  /** Where texts stand: starts and ends in turn, by rising starts; texts that overlap are one. */
  find(bytes: Uint8Array): readonly number[]
  /** Where the bytes begin to end with the first part of a text, which has at least 5 bytes; their length when they do not. */
  beginning(bytes: Uint8Array): number
}

/**
 * Looks for texts in bytes of UTF-8. Made once for a list and used often: about 0.2 µs a KiB, however many texts there are (the method
 * is that of Wu and Manber: a table tells by two bytes how far the next text can begin at the earliest). Texts of less than `shortest`
 * bytes, of which there must be two, are left out.
 */
export function textFinder(texts: readonly string[], shortest: number): TextFinder {
  const needles = [...new Set(texts)].map((text) => encoder.encode(text)).filter(({ length }) => length >= shortest)
  if (needles.length === 0) return { find: () => nowhere, beginning: ({ length }) => length }
  const width = needles.reduce((least, { length }) => Math.min(least, length), longestShift)
  const tables = tablesOf(needles, width)
  return {
    find: (bytes) => joined(occurrences(bytes, width, tables)),
    beginning: (bytes) => needles.reduce((least, needle) => Math.min(least, beginningOf(needle, bytes)), bytes.length),
  }
}

const nowhere: readonly number[] = []

interface Tables {
  /** By a pair of bytes: how far it is at least to the next end of a window. */
  readonly shifts: Uint8Array
  /** The texts that have the pair at the end of their window. */
  readonly ending: ReadonlyMap<number, readonly Uint8Array[]>
}

function occurrences(bytes: Uint8Array, width: number, { shifts, ending }: Tables): number[] {
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
  return found
}

const pairAt = (bytes: Uint8Array, end: number): number => ((bytes[end - 1] ?? 0) << 8) | (bytes[end] ?? 0)

function tablesOf(needles: readonly Uint8Array[], width: number): Tables {
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

/** The longest part counts. */
function beginningOf(needle: Uint8Array, bytes: Uint8Array): number {
  for (let start = Math.max(0, bytes.length - needle.length + 1); start <= bytes.length - shortestBeginning; start++) {
    let index = start
    while (index < bytes.length && bytes[index] === needle[index - start]) index += 1
    if (index === bytes.length) return start
  }
  return bytes.length
}

/** By rising starts as well; what overlaps becomes one. */
function joined(found: readonly number[]): readonly number[] {
  if (found.length <= 2) return found
  const spans: number[] = []
  for (let index = 0; index < found.length; ) {
    const start = found[index] ?? 0
    let end = found[index + 1] ?? 0
    for (index += 2; index < found.length && (found[index] ?? 0) < end; index += 2) end = Math.max(end, found[index + 1] ?? 0)
    spans.push(start, end)
  }
  return spans
}
