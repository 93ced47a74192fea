import { restOf } from "../../core/lens.ts"
import { asArray, asObject, type Json } from "../../lib/json.ts"
import type { Shape } from "./types.ts"

/** A shape as it is walked: the keys of one object, and the ones below which there is more to look at. */
interface Level {
  readonly keys: ReadonlySet<string>
  readonly inner: readonly { readonly key: string; readonly level: Level; readonly isList: boolean }[]
}

const levels = new WeakMap<object, Level>()

/** Keys at any depth that the hub does not know and that say something, in dotted form and each once. */
export function restOfShape(json: Json | undefined, shape: Shape): readonly string[] {
  if (shape === true || isList(shape)) return nothing
  const object = asObject(json)
  if (!object) return nothing
  const level = levelOf(shape)
  const own = restOf(object, level.keys)
  if (level.inner.length === 0) return own
  let found: Set<string> | undefined
  for (const { key, level: below, isList: many } of level.inner) {
    const value = object[key]
    if (value !== undefined && value !== null) found = collect(value, below, many, `${key}.`, found)
  }
  return found ? [...own, ...found] : own
}

const nothing: readonly string[] = []

function collect(
  json: Json,
  level: Level,
  many: boolean,
  prefix: string,
  found: Set<string> | undefined,
): Set<string> | undefined {
  if (many) {
    let all = found
    for (const one of asArray(json) ?? []) all = collect(one, level, false, prefix, all)
    return all
  }
  const object = asObject(json)
  if (!object) return found
  let all = found
  for (const key of restOf(object, level.keys)) all = (all ?? new Set()).add(prefix + key)
  for (const { key, level: below, isList: inner } of level.inner) {
    const value = object[key]
    if (value !== undefined && value !== null) all = collect(value, below, inner, `${prefix}${key}.`, all)
  }
  return all
}

/** Made once for each shape, all of which are constants. */
function levelOf(shape: Exclude<Shape, true | readonly [Shape]>): Level {
  const known = levels.get(shape)
  if (known) return known
  const inner = Object.entries(shape).flatMap(([key, below]) => {
    if (below === true) return []
    const [one] = isList(below) ? below : [below]
    return one === true || isList(one) ? [] : [{ key, level: levelOf(one), isList: isList(below) }]
  })
  const made: Level = { keys: new Set(Object.keys(shape)), inner }
  levels.set(shape, made)
  return made
}

const isList = (shape: Exclude<Shape, true>): shape is readonly [Shape] => Array.isArray(shape)
