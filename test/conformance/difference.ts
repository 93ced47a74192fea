import { RawJson } from "../../src/lib/json.ts"

/** One place where two values differ; `undefined` stands for absence. */
export interface Difference {
  readonly path: string
  readonly left: unknown
  readonly right: unknown
}

/** All places where two plain values differ, deepest first found; source texts are compared as they are written. */
export function differences(left: unknown, right: unknown, path = ""): Difference[] {
  if (Object.is(left, right)) return []
  if (left instanceof RawJson || right instanceof RawJson)
    return textOf(left) === textOf(right) ? [] : [{ path, left: textOf(left), right: textOf(right) }]
  if (Array.isArray(left) && Array.isArray(right)) {
    const length = Math.max(left.length, right.length)
    return Array.from({ length }, (_, index) => differences(left[index], right[index], `${path}[${index}]`)).flat()
  }
  if (isRecord(left) && isRecord(right)) {
    const keys = new Set([...Object.keys(left), ...Object.keys(right)])
    return [...keys].flatMap((key) => differences(left[key], right[key], path === "" ? key : `${path}.${key}`))
  }
  return [{ path, left, right }]
}

export const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value)

const textOf = (value: unknown): unknown => (value instanceof RawJson ? value.rawJson : value)

/** A broken law. Thrown instead of a matcher's failure, whose print-out of whole bodies says less. */
export class LawError extends Error {
  override readonly name = "LawError"
}

const shown = (value: unknown): string => {
  const text = value === undefined ? "nothing" : (JSON.stringify(value) ?? String(value))
  return text.length > 160 ? `${text.slice(0, 160)}…` : text
}

/** Throws with the first places in which the values differ. */
export function mustEqual(left: unknown, right: unknown, what: string): void {
  const found = differences(left, right)
  if (found.length === 0) return
  const lines = found.slice(0, 6).map((one) => `  ${one.path || "(root)"}: ${shown(one.left)} became ${shown(one.right)}`)
  throw new LawError(`${what}: ${found.length} differences\n${lines.join("\n")}`)
}

export function must(condition: boolean, what: string, detail?: unknown): void {
  if (!condition) throw new LawError(detail === undefined ? what : `${what}: ${shown(detail)}`)
}

/** Throws unless the list is empty. */
export function mustBeEmpty(list: readonly unknown[], what: string): void {
  if (list.length > 0)
    throw new LawError(
      `${what}:\n${list
        .slice(0, 8)
        .map((one) => `  ${shown(one)}`)
        .join("\n")}`,
    )
}
