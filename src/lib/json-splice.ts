import { type Edit, type EditedBytes, editBytes, keptOf, largeBytes } from "./edited-bytes.ts"
import { isSpace, type Member, type Scan, skipSpace } from "./json-scan.ts"

export { JsonScanError, type Member, type Scan, scanTopLevel, valueText } from "./json-scan.ts"

/** `set` maps keys to JSON texts; a key in both is set. Only keys that the scan was asked for may be named. */
export interface Patch {
  readonly set?: Readonly<Record<string, string>>
  readonly remove?: readonly string[]
}

const COMMA = 0x2c

/**
 * Replaces, adds and removes top-level members; every other byte stays as it is. A key that stands twice is replaced or removed twice.
 * A new member goes after the last one. A removed member takes one comma and the whitespace between with it.
 */
export function splice(body: Uint8Array, scan: Scan, patch: Patch): Uint8Array {
  return replaceOne(body, scan, patch) ?? keptOf(editBytes(body, editsOf(body, scan, patch)))
}

/** The same, copied only where somebody has to keep it. */
export function spliceLater(body: Uint8Array, scan: Scan, patch: Patch): Uint8Array | EditedBytes {
  return body.length < largeBytes ? splice(body, scan, patch) : editBytes(body, editsOf(body, scan, patch))
}

/** By far the commonest patch: one value, of a member that stands there once. */
function replaceOne(body: Uint8Array, { members }: Scan, { set, remove }: Patch): Uint8Array | undefined {
  if (!set || (remove && remove.length > 0)) return undefined
  let key: string | undefined
  for (const name in set) {
    if (key !== undefined) return undefined
    key = name
  }
  const text = key === undefined ? undefined : set[key]
  if (text === undefined) return undefined
  let found: Member | undefined
  for (const member of members) {
    if (member.key !== key) continue
    if (found) return undefined
    found = member
  }
  if (!found) return undefined
  const { valueStart, valueEnd } = found
  const valueLength = Buffer.byteLength(text)
  const result = Buffer.allocUnsafeSlow(body.length - (valueEnd - valueStart) + valueLength)
  copy.call(body, result, 0, 0, valueStart)
  result.write(text, valueStart, valueLength)
  copy.call(body, result, valueStart + valueLength, valueEnd)
  return result
}

const { copy } = Buffer.prototype

function editsOf(body: Uint8Array, scan: Scan, patch: Patch): readonly Edit[] {
  const set = patch.set ?? {}
  const edits: Edit[] = []
  const removed: Member[] = []
  for (const member of scan.members) {
    const text = Object.hasOwn(set, member.key) ? set[member.key] : undefined
    if (text !== undefined) edits.push({ start: member.valueStart, end: member.valueEnd, text })
    else if (patch.remove?.includes(member.key)) removed.push(member)
  }
  for (const [start, end] of gaps(body, removed)) edits.push({ start, end, text: "" })
  edits.sort((a, b) => a.start - b.start)
  const present = new Set(scan.members.map((member) => member.key))
  const added = Object.entries(set).filter(([key]) => !present.has(key))
  if (added.length > 0) {
    const at = lastByte(body, scan)
    const comma = scan.count > removed.length ? "," : ""
    edits.push({ start: at, end: at, text: comma + added.map(([key, text]) => `${JSON.stringify(key)}:${text}`).join(",") })
  }
  return edits
}

/** The spans to cut out: neighbours that go together share one, so that exactly the commas between the remaining members are left. */
function gaps(body: Uint8Array, removed: readonly Member[]): [number, number][] {
  const spans: [number, number][] = []
  for (const member of removed) {
    const after = skipSpace(body, member.valueEnd)
    const last = body[after] !== COMMA
    const end = last ? member.valueEnd : skipSpace(body, after + 1)
    const previous = spans.at(-1)
    if (previous !== undefined && previous[1] === member.keyStart) previous[1] = end
    else spans.push([member.keyStart, end])
    const span = spans.at(-1)
    if (last && span !== undefined) span[0] = commaBefore(body, span[0])
  }
  return spans
}

/** The offset of the comma before this key; the key's own if it is the first. */
function commaBefore(body: Uint8Array, keyStart: number): number {
  let at = keyStart - 1
  while (isSpace(body[at] ?? 0)) at--
  return body[at] === COMMA ? at : keyStart
}

function lastByte(body: Uint8Array, scan: Scan): number {
  let at = scan.close
  while (at > scan.open + 1 && isSpace(body[at - 1] ?? 0)) at--
  return at
}
