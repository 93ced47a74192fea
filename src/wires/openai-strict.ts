import type { Exchange } from "../core/exchange.ts"
import { asArray, asObject, type Json, parseJson } from "../lib/json.ts"

/**
 * Whether what a caller wants strict may be so at the vendor, which refuses some keywords, and objects that are open or leave members optional:
 * https://platform.openai.com/docs/guides/structured-outputs#supported-schemas. Those of the vendor's own callers are theirs to write.
 */
export function staysStrict(schema: string | undefined, path: string, { client, note }: Exchange): boolean {
  if (client.startsWith("openai-") || (schema !== undefined && isTaken(parseJson(schema)))) return true
  note({ code: "field-unsupported", path, effect: "dropped", side: "request" })
  return false
}

function isTaken(json: Json): boolean {
  const list = asArray(json)
  if (list) return list.every(isTaken)
  const schema = asObject(json)
  if (!schema) return true
  if (refused.some((key) => schema[key] !== undefined)) return false
  const members = asObject(schema.properties)
  if (schema.type === "object" || members) {
    if (schema.additionalProperties !== false) return false
    const required = asArray(schema.required) ?? []
    if (Object.keys(members ?? {}).some((name) => !required.includes(name))) return false
  }
  for (const key of inside) if (schema[key] !== undefined && !isTaken(schema[key])) return false
  return grouped.every((key) => Object.values(asObject(schema[key]) ?? {}).every(isTaken))
}

const refused = ["oneOf", "allOf", "not", "if", "then", "else", "dependentRequired", "dependentSchemas"] as const
/** Keywords that hold a schema or a list of them, and those that hold some by name. */
const inside = ["items", "anyOf"] as const
const grouped = ["properties", "$defs", "definitions"] as const
