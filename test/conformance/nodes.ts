import type { Node } from "../../src/core/node.ts"
import { originOf } from "../../src/core/node.ts"
import { isRecord } from "./difference.ts"

export type NodePath = readonly (string | number)[]

/** Paths of all objects in a hub value that carry a ride-along, the root first. */
export function nodePaths(value: unknown, path: NodePath = []): NodePath[] {
  if (Array.isArray(value)) return value.flatMap((inner, index) => nodePaths(inner, [...path, index]))
  if (!isRecord(value) || Object.getPrototypeOf(value) !== Object.prototype) return []
  const inner = Object.entries(value).flatMap(([key, child]) => nodePaths(child, [...path, key]))
  return originOf(value as Node) ? [path, ...inner] : inner
}

export function at(value: unknown, path: NodePath): unknown {
  let found = value
  for (const key of path) found = (found as Record<string | number, unknown> | undefined)?.[key]
  return found
}

/** A copy with the value at the path changed; what lies on the way is copied by spreading, all else is shared. */
export function changeAt<T>(value: T, path: NodePath, change: (inner: unknown) => unknown): T {
  const [key, ...rest] = path
  if (key === undefined) return change(value) as T
  if (Array.isArray(value)) {
    const copy = [...value]
    copy[key as number] = changeAt(copy[key as number], rest, change)
    return copy as T
  }
  const record = value as Record<string | number, unknown>
  return { ...record, [key]: changeAt(record[key], rest, change) } as T
}

/** A copy of the list at the path, changed. */
export const changeList = <T>(value: T, path: NodePath, change: (list: readonly unknown[]) => readonly unknown[]): T =>
  changeAt(value, path, (inner) => change(inner as readonly unknown[]))

export const isWithin = (path: NodePath, ancestor: NodePath): boolean => ancestor.every((key, index) => path[index] === key)
