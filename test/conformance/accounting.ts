import { isDeepStrictEqual } from "node:util"
import type { Notice } from "../../src/core/notice.ts"
import { type Difference, differences, isRecord } from "./difference.ts"
import type { Regrouped, Said } from "./regroup.ts"

/** Where two regrouped values differ, in hub terms with `[*]` for indices. */
export function differingPaths(left: Regrouped, right: Regrouped): readonly string[] {
  const { tools: leftTools, ...leftFields } = left.fields
  const { tools: rightTools, ...rightFields } = right.fields
  const found = [
    ...differences(leftFields, rightFields).map(lossPath),
    ...pairs(list(leftTools), list(rightTools), isDeepStrictEqual, sameName).flatMap((pair) => pairPaths(pair, "tools[*]")),
    ...pairs(left.said, right.said, isDeepStrictEqual, sameType).flatMap(saidPaths),
  ]
  return [...new Set(found.map(general))]
}

const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [])
const sameName = (left: unknown, right: unknown) => isRecord(left) && isRecord(right) && left.name === right.name
const sameType = (left: Said, right: Said) => left.block.type === right.block.type

/** What was added belongs to what it was put in: a budget that became an effort is told as one. */
const lossPath = ({ path, left }: Difference): string =>
  left === undefined && path.includes(".") ? path.slice(0, path.lastIndexOf(".")) : path

const general = (path: string): string => path.replaceAll(/\[\d+\]/g, "[*]")
const blockPath = "messages[*].blocks[*]"

function pairPaths([left, right]: Pair<unknown>, path: string): string[] {
  if (left === undefined || right === undefined) return [path]
  return differences(left, right).map((one) => (one.path === "" ? path : `${path}.${one.path}`))
}

function saidPaths([left, right]: Pair<Said>): string[] {
  if (left === undefined || right === undefined) return [blockPath]
  const who = (["role", "name"] as const).filter((key) => left[key] !== right[key]).map((key) => `messages[*].${key}`)
  return [...who, ...pairPaths([left.block, right.block], blockPath)]
}

type Pair<T> = readonly [left: T | undefined, right: T | undefined]

/** Pairs up two lists: equal elements by their longest common run, what stands between by likeness, the rest alone. */
function pairs<T>(
  left: readonly T[],
  right: readonly T[],
  equal: (a: T, b: T) => boolean,
  alike: (a: T, b: T) => boolean,
): Pair<T>[] {
  const common = longestCommon(left, right, equal)
  const result: Pair<T>[] = []
  let from: readonly [number, number] = [0, 0]
  for (const to of [...common, [left.length, right.length] as const]) {
    const rights = right.slice(from[1], to[1])
    for (const one of left.slice(from[0], to[0])) {
      const index = rights.findIndex((other) => alike(one, other))
      result.push([one, index < 0 ? undefined : rights.splice(index, 1)[0]])
    }
    result.push(...rights.map((one) => [undefined, one] as const))
    from = [to[0] + 1, to[1] + 1]
  }
  return result
}

function longestCommon<T>(
  left: readonly T[],
  right: readonly T[],
  equal: (a: T, b: T) => boolean,
): (readonly [number, number])[] {
  const lengths = Array.from({ length: left.length + 1 }, () => new Array<number>(right.length + 1).fill(0))
  const length = (row: number, column: number) => lengths[row]?.[column] ?? 0
  for (let row = left.length - 1; row >= 0; row--)
    for (let column = right.length - 1; column >= 0; column--) {
      const same = equal(left[row] as T, right[column] as T)
      const best = same ? length(row + 1, column + 1) + 1 : Math.max(length(row + 1, column), length(row, column + 1))
      ;(lengths[row] as number[])[column] = best
    }
  const found: (readonly [number, number])[] = []
  for (let row = 0, column = 0; row < left.length && column < right.length; ) {
    if (equal(left[row] as T, right[column] as T)) found.push([row++, column++])
    else if (length(row + 1, column) >= length(row, column + 1)) row++
    else column++
  }
  return found
}

/** A notice's path as the regrouped hub spells it: instructions are messages, and candidates' messages are messages. */
export function noticePaths({ path }: Pick<Notice, "path">): string[] {
  const said = path
    .replace(/^(request|response)\.?/, "")
    .replace(/^candidates\[\*\]\.messages/, "messages")
    .replace(/^instructions\[\*\]/, blockPath)
    .replace(/^instructions/, "messages[*]")
  return /^candidates\[\*\]$/.test(said) ? [said, "messages"] : [said]
}

/** Either names a part of what the other names. */
export const related = (one: string, other: string): boolean => covers(one, other) || covers(other, one)

const covers = (whole: string, part: string): boolean =>
  whole === part || whole === "" || (part.startsWith(whole) && (part[whole.length] === "." || part[whole.length] === "["))
