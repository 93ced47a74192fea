import { type Json, RawJson } from "./json-value.ts"

/** Arrays and objects may nest this deep. */
export const JSON_DEPTH_LIMIT = 512

/** Not JSON. `offset` counts UTF-16 units from 0, `line` and `column` from 1. The message holds nothing of the text. */
export class JsonSyntaxError extends SyntaxError {
  override readonly name: string = "JsonSyntaxError"
  readonly offset: number
  readonly line: number
  readonly column: number

  constructor(problem: string, text: string, offset: number) {
    const before = text.slice(0, offset)
    const line = before.split("\n").length
    const column = offset - before.lastIndexOf("\n")
    super(`${problem} at line ${line}, column ${column} (offset ${offset})`)
    this.offset = offset
    this.line = line
    this.column = column
  }
}

/** Nested deeper than {@link JSON_DEPTH_LIMIT}. */
export class JsonDepthError extends JsonSyntaxError {
  override readonly name = "JsonDepthError"

  constructor(text: string, offset: number) {
    super(`JSON nested deeper than ${JSON_DEPTH_LIMIT} levels`, text, offset)
  }
}

const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y
const ESCAPED_OR_CONTROL = /[\\\p{Cc}]/u
const DATA = { writable: true, enumerable: true, configurable: true }
const REORDERED = /^(?:\d{1,10}|__proto__)$/

interface Reader {
  readonly text: string
  /** Keys met before, by a rough hash: the engine has to intern each new string before it can name a member. */
  readonly keys: string[]
  at: number
  depth: number
}

/**
 * Parses with nothing lost: a number that JavaScript would print otherwise, and an object whose keys it would reorder or swallow
 * (integer-like, `__proto__`), become {@link RawJson}. `open` keeps the outermost object an object all the same.
 */
export function parseExact(text: string, open = false): Json {
  const reader: Reader = { text, keys: [], at: 0, depth: 0 }
  skipSpace(reader)
  const value = readValue(reader, open)
  skipSpace(reader)
  if (reader.at < text.length) throw unexpected(reader)
  return value
}

function readValue(reader: Reader, open = false): Json {
  switch (reader.text.charCodeAt(reader.at)) {
    case 0x22:
      return readString(reader)
    case 0x7b:
      return readObject(reader, open)
    case 0x5b:
      return readArray(reader)
    case 0x74:
      return readWord(reader, "true", true)
    case 0x66:
      return readWord(reader, "false", false)
    case 0x6e:
      return readWord(reader, "null", null)
    default:
      return readNumber(reader)
  }
}

function readObject(reader: Reader, open: boolean): Json {
  const start = reader.at
  const object: Record<string, Json> = {}
  let first = true
  let reordered = false
  enter(reader)
  while (more(reader, 0x7d, first)) {
    first = false
    const key = readKey(reader)
    skipSpace(reader)
    if (reader.text.charCodeAt(reader.at) !== 0x3a) throw unexpected(reader)
    reader.at++
    skipSpace(reader)
    const value = readValue(reader)
    if (key === "__proto__") Object.defineProperty(object, key, { value, ...DATA })
    else object[key] = value
    if (!reordered) reordered = REORDERED.test(key)
  }
  return reordered && !open ? new RawJson(reader.text.slice(start, reader.at)) : object
}

function readArray(reader: Reader): Json {
  const items: Json[] = []
  enter(reader)
  while (more(reader, 0x5d, items.length === 0)) items.push(readValue(reader))
  return items
}

function enter(reader: Reader): void {
  if (reader.depth === JSON_DEPTH_LIMIT) throw new JsonDepthError(reader.text, reader.at)
  reader.depth++
  reader.at++
}

/** Moves to the next element, or past the closing bracket. */
function more(reader: Reader, close: number, first: boolean): boolean {
  skipSpace(reader)
  if (reader.text.charCodeAt(reader.at) === close) {
    // a comma before the bracket never gets here: it asks for an element below
    reader.at++
    reader.depth--
    return false
  }
  if (first) return true
  if (reader.text.charCodeAt(reader.at) !== 0x2c) throw unexpected(reader)
  reader.at++
  skipSpace(reader)
  return true
}

function readKey(reader: Reader): string {
  const { text, keys, at } = reader
  const length = text.indexOf('"', at + 1) - at - 1
  const slot = (length + 31 * text.charCodeAt(at + 1) + 7 * text.charCodeAt(at + length)) & 0xff
  const known = keys[slot]
  if (known?.length === length && text.startsWith(known, at + 1) && text.charCodeAt(at) === 0x22) {
    reader.at = at + length + 2
    return known
  }
  const key = readString(reader)
  // escapes make the source longer, so this key's source is itself
  if (key.length === length) keys[slot] = key
  return key
}

function readString(reader: Reader): string {
  const { text, at: start } = reader
  if (text.charCodeAt(start) !== 0x22) throw unexpected(reader)
  let end = text.indexOf('"', start + 1)
  while (end >= 0 && isEscaped(text, end)) end = text.indexOf('"', end + 1)
  if (end < 0) throw new JsonSyntaxError("JSON string without an end", text, start)
  reader.at = end + 1
  const inner = text.slice(start + 1, end)
  if (!ESCAPED_OR_CONTROL.test(inner)) return inner
  try {
    return JSON.parse(text.slice(start, end + 1)) as string
  } catch {
    throw new JsonSyntaxError("bad escape or control character in the JSON string that begins", text, start)
  }
}

function isEscaped(text: string, quote: number): boolean {
  let at = quote - 1
  while (text.charCodeAt(at) === 0x5c) at--
  return (quote - at) % 2 === 0
}

function readNumber(reader: Reader): Json {
  NUMBER.lastIndex = reader.at
  const source = NUMBER.exec(reader.text)?.[0]
  if (source === undefined) throw unexpected(reader)
  reader.at += source.length
  const value = Number(source)
  return String(value) === source ? value : new RawJson(source)
}

function readWord<Word extends Json>(reader: Reader, word: string, value: Word): Word {
  if (!reader.text.startsWith(word, reader.at)) throw unexpected(reader)
  reader.at += word.length
  return value
}

function skipSpace(reader: Reader): void {
  for (;;) {
    const code = reader.text.charCodeAt(reader.at)
    if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) return
    reader.at++
  }
}

function unexpected({ text, at }: Reader): JsonSyntaxError {
  return new JsonSyntaxError(at < text.length ? "unexpected character in JSON" : "unexpected end of JSON", text, at)
}
