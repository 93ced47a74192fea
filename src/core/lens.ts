import type { Json, JsonObject } from "../lib/json.ts"
import { asObject } from "../lib/json.ts"
import { changedFields, lostOrigin, type Node, nothing, originOf, type Place, type WireId } from "./node.ts"
import type { Note } from "./notice.ts"

/** Which wire keys repeat or depend on a hub field: changing the field voids all of them. */
export type FieldTable = Readonly<Record<string, readonly string[]>>

export interface LensContext {
  readonly wire: WireId
  readonly place: Place
  readonly note: Note
  readonly side: Place
  /** Where the node sits in the hub value, with `[*]` for indices, for notices. */
  readonly path: string
}

/**
 * Encodes one node. An untouched node of the same wire and place is its source value, verbatim; an edited one is the source value with the
 * keys of the changed fields replaced by what `build` says; a node from elsewhere is built from its fields, with one `field-unsupported`
 * notice for each key that rode along unmodelled. `build` must be pure and give every key that the node's fields imply.
 */
export function project<N extends Node, C extends LensContext>(
  node: N,
  context: C,
  table: FieldTable,
  build: (node: N, context: C) => JsonObject,
): Json {
  const from = originOf(node)
  if (!from) {
    noteRest(node, context, context.path)
    return build(node, context)
  }
  if (from.wire !== context.wire || from.place !== context.place || from.json === undefined) {
    noteRest(node, context, context.path)
    return build(node, context)
  }
  const changed = changedFields(node)
  if (!changed || changed.size === 0) return from.json
  const source = asObject(from.json)
  return source ? overlay(source, build(node, context), changed, table) : build(node, context)
}

/** The source object with the keys of every changed field set as built, or removed where the build has none. Key order is kept. */
export function overlay(source: JsonObject, built: JsonObject, changed: ReadonlySet<string>, table: FieldTable): JsonObject {
  const voided = new Set<string>()
  for (const field of changed) for (const key of table[field] ?? []) voided.add(key)
  const result: Record<string, Json> = {}
  for (const [key, value] of Object.entries(source)) {
    if (!voided.has(key)) result[key] = value
    else if (built[key] !== undefined) result[key] = built[key]
  }
  for (const key of voided) if (!(key in result) && built[key] !== undefined) result[key] = built[key]
  return result
}

/** Keys of `source` that nobody models and that say something: null, `[]` and `{}` are never a loss. */
export function restOf(source: JsonObject, modelled: ReadonlySet<string>): readonly string[] {
  let rest: string[] | undefined
  for (const key in source)
    if (!modelled.has(key) && meaningful(source[key])) {
      rest ??= []
      rest.push(key)
    }
  return rest ?? nothing
}

function meaningful(value: Json | undefined): boolean {
  if (value === null || value === undefined) return false
  if (Array.isArray(value)) return value.length > 0
  if (typeof value !== "object") return true
  for (const _ in value) return true
  return false
}

/** Raises what a node from elsewhere loses: each key that only its own wire can carry, or its whole ride-along. */
export function noteRest(node: Node, { wire, note, side }: LensContext, path: string): void {
  const from = originOf(node)
  if (from) {
    if (from.wire === wire) return
    for (const key of from.rest) note({ code: "field-unsupported", path: `${path}.${key}`, effect: "dropped", side })
  } else if (lostOrigin(node)) note({ code: "origin-lost", path, effect: "dropped", side })
}
