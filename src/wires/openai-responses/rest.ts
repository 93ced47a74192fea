import { restOf } from "../../core/lens.ts"
import { asArray, asObject, type Json } from "../../lib/json.ts"
import type { Shape } from "./types.ts"

/** Keys at any depth that the hub does not know and that say something, in dotted form and each once. */
export function restOfShape(json: Json | undefined, shape: Shape): readonly string[] {
  const found = new Set<string>()
  collect(json, shape, "", found)
  return [...found]
}

function collect(json: Json | undefined, shape: Shape, prefix: string, found: Set<string>): void {
  if (shape === true) return
  if (isList(shape)) {
    for (const inner of asArray(json) ?? []) collect(inner, shape[0], prefix, found)
    return
  }
  const object = asObject(json)
  if (!object) return
  for (const key of restOf(object, new Set(Object.keys(shape)))) found.add(prefix + key)
  for (const [key, inner] of Object.entries(shape)) if (inner !== true) collect(object[key], inner, `${prefix}${key}.`, found)
}

const isList = (shape: Exclude<Shape, true>): shape is readonly [Shape] => Array.isArray(shape)
