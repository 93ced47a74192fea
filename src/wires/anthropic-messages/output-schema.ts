import { asObject, type Json, RawJson } from "../../lib/json.ts"
import type { EncodeContext } from "./types.ts"

/** Keywords whose value is one schema, a list of schemas, or schemas by name. */
const one: ReadonlySet<string> = new Set(["items", "additionalItems", "contains", "not", "if", "then", "else"])
const many: ReadonlySet<string> = new Set(["anyOf", "oneOf", "allOf", "prefixItems"])
const named: ReadonlySet<string> = new Set(["properties", "patternProperties", "$defs", "definitions"])

/**
 * The schema of an answer as the vendor wants it: objects are closed. https://platform.claude.com/docs/en/build-with-claude/structured-outputs
 * A caller of the vendor's own format has said it as wanted.
 */
export function outputSchema(schema: Json, context: EncodeContext): Json {
  if (context.exchange.client === context.wire) return schema
  const closed = close(schema)
  if (closed !== schema) context.note({ code: "field-adapted", path: "output.schema", effect: "adapted", side: "request" })
  return closed
}

function close(schema: Json): Json {
  const object = asObject(schema)
  if (!object || schema instanceof RawJson) return schema
  const result: Record<string, Json> = {}
  let isSame = true
  for (const [key, value] of Object.entries(object)) {
    result[key] = one.has(key) ? close(value) : many.has(key) ? closeList(value) : named.has(key) ? closeValues(value) : value
    if (result[key] !== value) isSame = false
  }
  const isOpen = object.type === "object" && object.additionalProperties !== false
  if (isOpen) result.additionalProperties = false
  return isSame && !isOpen ? schema : result
}

function closeList(list: Json): Json {
  if (!Array.isArray(list)) return list
  const closed = list.map((inner: Json) => close(inner))
  return closed.every((inner, index) => inner === list[index]) ? list : closed
}

function closeValues(map: Json): Json {
  const object = asObject(map)
  if (!object || map instanceof RawJson) return map
  const entries = Object.entries(object).map(([key, value]) => [key, close(value)] as const)
  return entries.every(([key, value]) => value === object[key]) ? map : Object.fromEntries(entries)
}
