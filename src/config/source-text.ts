import { findNodeAtLocation, type Node, type ParseError, parseTree, printParseErrorCode } from "jsonc-parser"
import type { Path, Place } from "./problem.ts"

/** A document's value with the way back from a value to its place in the text. */
export interface SourceText {
  /** Plain data; members whose value is null are left out, as if they had not been written. */
  readonly value: unknown
  /** The place of a value, or of the nearest thing around it that was written. */
  locate(path: Path, at: "name" | "value"): Place
  /** Members that were written twice in one object. */
  readonly repeated: readonly Path[]
}

export interface SyntaxFault extends Place {
  readonly message: string
}

/** A configuration of this size is a mistake, or an attack. */
export const SOURCE_LIMIT = 16 * 1024 * 1024
const FAULT_LIMIT = 5
const DEPTH_LIMIT = 100

/** JSON, with comments and commas at the end allowed. */
export function readSource(text: string): { source: SourceText } | { faults: readonly SyntaxFault[] } {
  const places = lineIndex(text)
  if (/^\ufeff?\s*$/.test(text))
    return { faults: [{ message: 'the document is empty; write { "providers": { … } }', ...places(0) }] }
  const errors: ParseError[] = []
  const start = text.charCodeAt(0) === 0xfeff ? 1 : 0
  let root: Node | undefined
  try {
    root = parseTree(start === 0 ? text : ` ${text.slice(1)}`, errors, { allowTrailingComma: true })
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
    return { faults: [{ message: "the document is nested too deeply to be a configuration", ...places(0) }] }
  }
  if (errors.length > 0) return { faults: describe(errors, text, places) }
  if (root === undefined) return { faults: [{ message: "the document is empty", ...places(0) }] }
  const repeated: Path[] = []
  try {
    const value = plain(root, [], repeated)
    return { source: { value, repeated, locate: (path, at) => places(offsetOf(root, path, at)) } }
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
    return { faults: [{ message: `the document is nested deeper than ${DEPTH_LIMIT} levels`, ...places(0) }] }
  }
}

function plain(node: Node, path: Path, repeated: Path[]): unknown {
  if (path.length > DEPTH_LIMIT) throw new RangeError("too deep")
  if (node.type === "array") return (node.children ?? []).map((child, index) => plain(child, [...path, index], repeated))
  if (node.type !== "object") return node.value
  const members = new Map<string, unknown>()
  const names = new Set<string>()
  for (const member of node.children ?? []) {
    const [name, value] = member.children ?? []
    if (name === undefined || value === undefined) continue
    const at = [...path, String(name.value)]
    if (names.has(String(name.value))) repeated.push(at)
    names.add(String(name.value))
    if (value.type === "null") members.delete(String(name.value))
    else members.set(String(name.value), plain(value, at, repeated))
  }
  // fromEntries defines members, so a `__proto__` among them is data and not a prototype
  return Object.fromEntries(members)
}

function offsetOf(root: Node, path: Path, at: "name" | "value"): number {
  for (let length = path.length; length > 0; length--) {
    const node = findNodeAtLocation(root, path.slice(0, length))
    if (node === undefined) continue
    const member = node.parent
    const named = at === "name" && length === path.length && member?.type === "property"
    return named ? member.offset : node.offset
  }
  return root.offset
}

function lineIndex(text: string): (offset: number) => Place {
  const starts = [0]
  for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) starts.push(at + 1)
  return (offset) => {
    let low = 0
    let high = starts.length - 1
    while (low < high) {
      const middle = (low + high + 1) >> 1
      if ((starts[middle] ?? 0) <= offset) low = middle
      else high = middle - 1
    }
    return { line: low + 1, column: offset - (starts[low] ?? 0) + 1 }
  }
}

/** One fault a line: what follows on the same line is mostly an echo of the first. */
function describe(errors: readonly ParseError[], text: string, places: (offset: number) => Place): SyntaxFault[] {
  const faults = new Map<number, SyntaxFault>()
  for (const error of errors) {
    const place = places(Math.min(error.offset, text.length))
    if (!faults.has(place.line))
      faults.set(place.line, { ...place, message: SYNTAX_MESSAGES[printParseErrorCode(error.error)] ?? "this is not JSON" })
    if (faults.size === FAULT_LIMIT) break
  }
  return [...faults.values()]
}

/** By the parser's names for what it stumbled over. */
const SYNTAX_MESSAGES: Readonly<Record<string, string>> = {
  InvalidSymbol: "this is not a JSON value; texts need double quotes",
  InvalidNumberFormat: "this number cannot be read",
  PropertyNameExpected: "a name in double quotes is expected here",
  ValueExpected: "a value is expected here",
  ColonExpected: 'a ":" is expected here',
  CommaExpected: 'a "," is expected before this',
  CloseBraceExpected: 'a "}" is missing',
  CloseBracketExpected: 'a "]" is missing',
  EndOfFileExpected: "the document has already ended before this",
  InvalidCommentToken: "this comment has no end",
  UnexpectedEndOfComment: "this comment has no end",
  UnexpectedEndOfString: "this text has no closing quote",
  UnexpectedEndOfNumber: "this number is cut off",
  InvalidUnicode: "this text holds an escape that JSON does not have",
  InvalidEscapeCharacter: "this text holds an escape that JSON does not have",
  InvalidCharacter: "this text holds a control character, which JSON wants escaped",
}
