/**
 * The string values of JSON that stands in lines, each as its start and end between the quotes, together with others of the same name: what a
 * stream of events says a few characters at a time is all strings of one name, end to end. Where lines tell several indices, as those of answers
 * that are given side by side, the strings of each are together once more. Nothing is parsed, so it takes some 7 µs a KiB. The text may be cut
 * off anywhere.
 */
export function stringPieces(bytes: Uint8Array): readonly (readonly number[])[] {
  const text = Buffer.prototype.latin1Slice.call(bytes, 0, bytes.length)
  const pieces = gathering()
  let lineEnd = -1
  for (let quote = text.indexOf('"'); quote >= 0; ) {
    if (quote > lineEnd) {
      pieces.endLine()
      lineEnd = endOfLine(text, quote)
    }
    const end = endOfString(text, quote + 1)
    // no string goes over a line, so this one has no end
    if (end > lineEnd) {
      if (lineEnd === text.length) pieces.value(quote + 1, lineEnd)
      quote = text.indexOf('"', lineEnd)
      continue
    }
    const named = colonAfter(text, end + 1)
    if (named >= 0) pieces.name(text.slice(quote + 1, end), text, named + 1)
    else pieces.value(quote + 1, end)
    quote = text.indexOf('"', end + 1)
  }
  pieces.endLine()
  return pieces.all()
}

/** The strings of one name. */
interface Named {
  readonly spans: number[]
  /** The same by the indices of their lines. */
  readonly byIndices: Map<string, number[]>
  /** How many of the spans were there when the line began. */
  before: number
}

const mostIndices = 64

function gathering() {
  const found = new Map<string, Named>()
  const inLine = new Set<Named>()
  let current: Named | undefined
  let indices = ""
  return {
    name(name: string, text: string, from: number) {
      if (name.endsWith("index")) indices += numberAt(text, from)
      current = found.get(name)
      if (current) return
      current = { spans: [], byIndices: new Map(), before: 0 }
      found.set(name, current)
    },
    value(start: number, end: number) {
      if (!current) return
      current.spans.push(start, end)
      inLine.add(current)
    },
    endLine() {
      for (const named of inLine) {
        const { spans, byIndices, before } = named
        const own = byIndices.get(indices) ?? []
        if (own.length > 0 || byIndices.size < mostIndices) byIndices.set(indices, own)
        for (let at = before; at < spans.length; at++) own.push(spans[at] ?? 0)
        named.before = spans.length
      }
      inLine.clear()
      indices = ""
    },
    all: () =>
      [...found.values()].flatMap(({ spans, byIndices }) => (byIndices.size > 1 ? [spans, ...byIndices.values()] : [spans])),
  }
}

const longestNumber = 8

function numberAt(text: string, from: number): string {
  const at = afterSpace(text, from)
  let end = at
  while (end < at + longestNumber && text.charCodeAt(end) >= zero && text.charCodeAt(end) <= nine) end += 1
  return `${text.slice(at, end)} `
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
const zero = 0x30
const nine = 0x39

function afterSpace(text: string, from: number): number {
  let at = from
  while (text.charCodeAt(at) === space) at += 1
  return at
}

/** Where the colon is that makes the string before it a name; less than 0 for one that is a value. */
function colonAfter(text: string, from: number): number {
  const at = afterSpace(text, from)
  return text.charCodeAt(at) === colon ? at : -1
}
