import { type Node, originOf } from "../../src/core/node.ts"
import { isRecord } from "./difference.ts"
import { at, nodePaths } from "./nodes.ts"

/** Names of all keys in a hub value's sources that nobody models. */
export function restKeys(value: unknown): ReadonlySet<string> {
  const keys = new Set<string>()
  for (const path of nodePaths(value)) {
    const node = at(value, path)
    if (isRecord(node)) for (const key of originOf(node as Node)?.rest ?? []) keys.add(key)
  }
  return keys
}
