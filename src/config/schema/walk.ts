import { z } from "zod"
import type { Path } from "../problem.ts"

type Schema = z.core.$ZodType

/** The schema without the wrappers that say optional, or give a default. */
export function bare(schema: Schema): Schema {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodDefault) return bare(schema.def.innerType)
  return schema
}

/** Names of the members that an object schema knows; the first object among the ways of a union. */
export function members(schema: Schema): ReadonlyMap<string, Schema> {
  const inner = bare(schema)
  if (inner instanceof z.ZodObject) return new Map(Object.entries(inner.def.shape))
  if (inner instanceof z.ZodUnion) return members(inner.def.options.find((way) => members(way).size > 0) ?? z.never())
  return new Map()
}

/** The schema of one step further in. */
function stepInto(schema: Schema, step: string | number): Schema | undefined {
  const inner = bare(schema)
  if (inner instanceof z.ZodArray) return inner.def.element
  if (inner instanceof z.ZodRecord) return inner.def.valueType
  return members(inner).get(String(step))
}

/** The schema of what lies at a path; undefined where the schema knows of no such place. */
export function schemaAt(root: Schema, path: Path): Schema | undefined {
  let at: Schema | undefined = root
  for (const step of path) {
    if (at === undefined) return undefined
    at = stepInto(at, step)
  }
  return at
}

/** Calls `visit` for every part of a value that a schema speaks of, outermost first; false stops at that part. */
export function walkValue(
  schema: Schema,
  value: unknown,
  visit: (schema: Schema, value: unknown, path: Path) => boolean,
  path: Path = [],
): void {
  if (!visit(schema, value, path) || typeof value !== "object" || value === null) return
  for (const [name, inner] of Object.entries(value)) {
    const step = Array.isArray(value) ? Number(name) : name
    const next = stepInto(schema, step)
    if (next !== undefined) walkValue(next, inner, visit, [...path, step])
  }
}

/** Where else a name is known: around `path`, or directly inside one of the places around it, else anywhere in the document. */
export function placeOf(root: Schema, path: Path, name: string): Path | undefined {
  for (let length = path.length; length >= 0; length--) {
    const around = path.slice(0, length)
    const schema = schemaAt(root, around)
    if (schema === undefined) continue
    if (length < path.length && members(schema).has(name)) return around
    for (const [member, inner] of members(schema)) if (members(inner).has(name)) return [...around, member]
  }
  return anywhere(root, name, [])
}

function anywhere(schema: Schema, name: string, path: Path): Path | undefined {
  const inner = bare(schema)
  if (members(inner).has(name)) return path
  if (inner instanceof z.ZodArray) return anywhere(inner.def.element, name, [...path, 0])
  if (inner instanceof z.ZodRecord) return anywhere(inner.def.valueType, name, [...path, "<name>"])
  for (const [member, part] of members(inner)) {
    const found = anywhere(part, name, [...path, member])
    if (found !== undefined) return found
  }
  return undefined
}
