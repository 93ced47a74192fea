import { JSON_DEPTH_LIMIT, parseExact } from "./json-exact.ts"
import { type Json, type JsonObject, RawJson, stringifyJson } from "./json-value.ts"

export { JsonDepthError, JsonSyntaxError } from "./json-exact.ts"
export { type Json, type JsonObject, RawJson, stringifyJson } from "./json-value.ts"

/**
 * What JavaScript would not print as it was written: a number of 16 characters and more, with a trailing zero, an exponent, below 1e-6,
 * or -0; a key like an integer, `__proto__`, or escapes that could spell either. Inside a string it is a false alarm, which costs only time.
 */
const SUSPICIOUS =
  /(?:[:,[\s]|^)-?(?:\d[\d.]{15}|\d+\.\d*0(?!\d)|[\d.]+[eE]|0\.000000)|(?:[:,[\s]|^)-0(?!\.)|"(?:\d{1,10}|__proto__)"\s*:|\\u00(?:3\d|5[fF])/

/**
 * `JSON.parse` that loses nothing when written again with {@link stringifyJson}: what JavaScript cannot hold comes back as {@link RawJson}.
 * Of duplicate keys the last one wins, as in `JSON.parse`.
 *
 * @throws JsonSyntaxError, with the place; JsonDepthError past 512 levels
 */
export function parseJson(text: string): Json {
  if (SUSPICIOUS.test(text)) return parseExact(text)
  let value: Json
  try {
    value = JSON.parse(text) as Json
  } catch {
    return parseExact(text)
  }
  // depth n takes at least 2n characters
  return text.length > 2 * JSON_DEPTH_LIMIT && isDeep(value, JSON_DEPTH_LIMIT) ? parseExact(text) : value
}

function isDeep(value: Json, levels: number): boolean {
  if (typeof value !== "object" || value === null) return false
  if (levels === 0) return true
  if (Array.isArray(value)) {
    for (const item of value) if (typeof item === "object" && isDeep(item, levels - 1)) return true
    return false
  }
  for (const key in value) {
    const member = (value as JsonObject)[key]
    if (typeof member === "object" && isDeep(member, levels - 1)) return true
  }
  return false
}

/** Whether the text is exactly one JSON value. */
export function isJsonText(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

/** The number, also one that was kept as {@link RawJson}; JavaScript's nearest value. */
export function asNumber(json: Json | undefined): number | undefined {
  const value = opened(json)
  return typeof value === "number" ? value : value instanceof RawJson ? Number(value.rawJson) : undefined
}

/** The string; undefined for any other value. */
export function asString(json: Json | undefined): string | undefined {
  const value = opened(json)
  return typeof value === "string" ? value : undefined
}

/** The boolean; undefined for any other value, texts of one included. */
export function asBoolean(json: Json | undefined): boolean | undefined {
  const value = opened(json)
  return typeof value === "boolean" ? value : undefined
}

/** The array; one that was kept as {@link RawJson} is parsed on each call. */
export function asArray(json: Json | undefined): readonly Json[] | undefined {
  const value = opened(json)
  return Array.isArray(value) ? (value as readonly Json[]) : undefined
}

/** The object; one that was kept as {@link RawJson} is parsed on each call, and its integer-like keys come first then. */
export function asObject(json: Json | undefined): JsonObject | undefined {
  const value = opened(json)
  return isObject(value) ? value : undefined
}

function opened(json: Json | undefined): Json | undefined {
  return json instanceof RawJson ? parseExact(json.rawJson, true) : json
}

function isObject(json: Json | undefined): json is JsonObject {
  return typeof json === "object" && json !== null && !Array.isArray(json) && !(json instanceof RawJson)
}

/**
 * Deep equality. The order of members does not matter, but where either side is {@link RawJson} the texts are compared token by token,
 * without the whitespace between and the choice of escapes: `1.0` is not `1`.
 */
export function equalJson(a: Json, b: Json): boolean {
  if (Object.is(a, b)) return true
  if (a instanceof RawJson || b instanceof RawJson) return compact(stringifyJson(a)) === compact(stringifyJson(b))
  if (Array.isArray(a)) {
    return Array.isArray(b) && a.length === b.length && a.every((item, index) => equalJson(item, b[index]))
  }
  if (!isObject(a) || !isObject(b)) return a === b
  const keys = Object.keys(a)
  return keys.length === Object.keys(b).length && keys.every((key) => Object.hasOwn(b, key) && equalMember(a[key], b[key]))
}

function equalMember(a: Json | undefined, b: Json | undefined): boolean {
  return a === undefined || b === undefined ? a === b : equalJson(a, b)
}

const STRING_OR_SPACE = /"(?:[^"\\]|\\.)*"|\s+/g

function compact(text: string): string {
  return text.replace(STRING_OR_SPACE, (token) => (token[0] === '"' ? JSON.stringify(JSON.parse(token)) : ""))
}
