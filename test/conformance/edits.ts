import type { Block } from "../../src/core/block.ts"
import { type Node, originOf } from "../../src/core/node.ts"
import { type Json, stringifyJson } from "../../src/lib/json.ts"
import { isRecord } from "./difference.ts"
import { at, isWithin, type NodePath, nodePaths } from "./nodes.ts"

/** Paths of all text blocks in a hub value that an edit can be told by: long enough, and said nowhere else. */
export function editableTexts(value: unknown): NodePath[] {
  const all = JSON.stringify(value)
  return textPaths(value).filter((path) => {
    const { text } = at(value, path) as Extract<Block, { type: "text" }>
    return text.length >= 4 && all.split(JSON.stringify(text).slice(1, -1)).length === 2
  })
}

function textPaths(value: unknown, path: NodePath = []): NodePath[] {
  if (Array.isArray(value)) return value.flatMap((inner, index) => textPaths(inner, [...path, index]))
  if (!isRecord(value)) return []
  if (value.type === "text" && typeof value.text === "string" && path.at(-2) !== undefined && typeof path.at(-1) === "number")
    return [path]
  return Object.entries(value)
    .filter(([key]) => key !== "value" && key !== "raw")
    .flatMap(([key, inner]) => textPaths(inner, [...path, key]))
}

/** Source texts of the nodes beside the path: neither on the way to it nor below it. */
export function siblingSources(value: unknown, path: NodePath): string[] {
  return nodePaths(value)
    .filter((other) => !isWithin(path, other) && !isWithin(other, path))
    .flatMap((other) => {
      const json: Json | undefined = originOf(at(value, other) as Node)?.json
      return json === undefined || typeof json !== "object" ? [] : [stringifyJson(json)]
    })
}
