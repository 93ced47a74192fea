/**
 * The string values of JSON that stands in lines, each as its start and end between the quotes, by the name before it: what a stream of
 * events says a few characters at a time is all strings of one name, end to end. Nothing is parsed, so it takes some 7 µs a KiB. The text
 * may be cut off anywhere.
 */
export function stringPieces(bytes: Uint8Array): ReadonlyMap<string, readonly number[]> {
  const text = Buffer.prototype.latin1Slice.call(bytes, 0, bytes.length)
  const found = new Map<string, number[]>()
  let spans: number[] | undefined
  let lineEnd = -1
  for (let quote = text.indexOf('"'); quote >= 0; ) {
    if (quote > lineEnd) lineEnd = endOfLine(text, quote)
    const end = endOfString(text, quote + 1)
    // no string goes over a line, so this one has no end
    if (end > lineEnd) {
      if (lineEnd === text.length) spans?.push(quote + 1, lineEnd)
      quote = text.indexOf('"', lineEnd)
      continue
    }
    if (isName(text, end + 1)) {
      const name = text.slice(quote + 1, end)
      spans = found.get(name) ?? []
      if (spans.length === 0) found.set(name, spans)
    } else spans?.push(quote + 1, end)
    quote = text.indexOf('"', end + 1)
  }
  return found
}

function endOfLine(text: string, from: number): number {
  const end = text.indexOf("\n", from)
  return end < 0 ? text.length : end
}

const backslash = 0x5c

/** Where the quote is that ends a string, or past the text. */
function endOfString(text: string, from: number): number {
  for (let end = text.indexOf('"', from); end >= 0; end = text.indexOf('"', end + 1)) {
    let escapes = 0
    while (end - escapes > from && text.charCodeAt(end - 1 - escapes) === backslash) escapes += 1
    if (escapes % 2 === 0) return end
  }
  return text.length + 1
}

const space = 0x20
const colon = 0x3a

function isName(text: string, from: number): boolean {
  let at = from
  while (text.charCodeAt(at) === space) at += 1
  return text.charCodeAt(at) === colon
}
