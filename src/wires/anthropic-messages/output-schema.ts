import { asArray, asNumber, asObject, asString, type Json, type JsonObject, RawJson, stringifyJson } from "../../lib/json.ts"
import type { EncodeContext } from "./types.ts"

/** Keywords whose value is one schema, a list of schemas, or schemas by name. */
const one: ReadonlySet<string> = new Set(["items", "additionalItems", "contains", "not", "if", "then", "else"])
const many: ReadonlySet<string> = new Set(["anyOf", "allOf", "prefixItems"])
const named: ReadonlySet<string> = new Set(["properties", "patternProperties", "$defs", "definitions"])

/** Keywords that the vendor refuses; what they say is said in words. */
const refused: ReadonlySet<string> = new Set([
  "minimum",
  "maximum",
  "exclusiveMinimum",
  "exclusiveMaximum",
  "multipleOf",
  "minLength",
  "maxLength",
  "maxItems",
  "uniqueItems",
  "minProperties",
  "maxProperties",
])

const formats: ReadonlySet<string> = new Set([
  ...["date-time", "time", "date", "duration", "email", "hostname", "uri", "ipv4", "ipv6", "uuid"],
])

/**
 * The schema of an answer as the vendor wants it: objects are closed, and limits are told in the description.
 * https://platform.claude.com/docs/en/build-with-claude/structured-outputs. A caller of the vendor's own format has said it as wanted.
 */
export function outputSchema(schema: Json, context: EncodeContext): Json {
  if (context.exchange.client === context.wire) return schema
  const taken = takenSchema(schema)
  if (taken !== schema) context.note({ code: "field-adapted", path: "output.schema", effect: "adapted", side: "request" })
  return taken
}

/** The schema itself where the vendor takes it as it is. */
export function takenSchema(schema: Json): Json {
  const object = asObject(schema)
  if (!object || schema instanceof RawJson) return schema
  const result: Record<string, Json> = {}
  const told: string[] = []
  let isSame = true
  for (const [key, value] of Object.entries(object)) {
    if (isRefused(key, value, object)) told.push(`${key}: ${stringifyJson(value)}`)
    else result[key === "oneOf" ? "anyOf" : key] = takenValue(key, value)
    if (result[key] !== value) isSame = false
  }
  const isOpen = object.type === "object" && object.additionalProperties !== false
  if (isOpen) result.additionalProperties = false
  if (told.length > 0)
    result.description = [asString(object.description), `(${told.join(", ")})`].filter((text) => text).join(" ")
  return isSame && !isOpen ? schema : result
}

function isRefused(key: string, value: Json, { anyOf }: JsonObject): boolean {
  if (key === "oneOf") return anyOf !== undefined
  if (key === "minItems") return (asNumber(value) ?? 0) > 1
  if (key === "format") return !formats.has(asString(value) ?? "")
  return refused.has(key)
}

function takenValue(key: string, value: Json): Json {
  if (one.has(key)) return takenSchema(value)
  if (many.has(key) || key === "oneOf") return takenList(value)
  return named.has(key) ? takenMap(value) : value
}

function takenList(list: Json): Json {
  if (!Array.isArray(list)) return list
  const taken = list.map((inner: Json) => takenSchema(inner))
  return taken.every((inner, index) => inner === list[index]) ? list : taken
}

function takenMap(map: Json): Json {
  const object = asObject(map)
  if (!object || map instanceof RawJson) return map
  const entries = Object.entries(object).map(([key, value]) => [key, takenSchema(value)] as const)
  return entries.every(([key, value]) => value === object[key]) ? map : Object.fromEntries(entries)
}

/** Whether the vendor takes the schema only with less said in it than there is. That its objects are closed says no less where it does not say they are open. */
export function saysTooMuch(schema: Json): boolean {
  const object = asObject(schema)
  if (!object || schema instanceof RawJson) return schema instanceof RawJson
  const isOpen = object.additionalProperties !== undefined && object.additionalProperties !== false
  return isOpen || Object.entries(object).some(([key, value]) => isRefused(key, value, object)) || below(object).some(saysTooMuch)
}

/** What the vendor counts over all schemas of a request that it must keep to. */
export interface SchemaWeight {
  /** Members that may be left out. */
  readonly optional: number
  /** Members of more than one type. */
  readonly unions: number
}

export function weightOf(schema: Json): SchemaWeight {
  const object = asObject(schema)
  if (!object) return weightless
  const required = asArray(object.required) ?? []
  const properties = asObject(object.properties) ?? {}
  const own = Object.entries(properties).map(([key, value]) => ({
    optional: required.includes(key) ? 0 : 1,
    unions: isUnion(asObject(value)) ? 1 : 0,
  }))
  return summed([...own, ...below(object).map(weightOf)])
}

const weightless: SchemaWeight = { optional: 0, unions: 0 }

const isUnion = (schema: JsonObject | undefined): boolean =>
  schema !== undefined && (asArray(schema.anyOf) ?? asArray(schema.oneOf) ?? asArray(schema.type)) !== undefined

/** The schemas inside a schema. */
const below = (schema: JsonObject): readonly Json[] =>
  Object.entries(schema).flatMap(([key, value]) => {
    if (one.has(key)) return [value]
    if (many.has(key) || key === "oneOf") return asArray(value) ?? []
    return named.has(key) ? Object.values(asObject(value) ?? {}) : []
  })

export const summed = (weights: readonly SchemaWeight[]): SchemaWeight => ({
  optional: weights.reduce((sum, { optional }) => sum + optional, 0),
  unions: weights.reduce((sum, { unions }) => sum + unions, 0),
})
