import { asArray, asObject, type Json, type JsonObject, RawJson } from "../lib/json.ts"
import { fault } from "./error.ts"
import { nothing } from "./node.ts"

type Kind = "string" | "number" | "boolean" | "list" | "object"

/**
 * What JSON may stand at a place of a caller's request. Null may stand everywhere, since every vendor reads it as nothing; keys and types that are
 * not named are nobody's to judge here.
 */
export type Expected =
  | "any"
  | "string"
  | "number"
  | "boolean"
  | "object"
  | { readonly list: Expected }
  | { readonly fields: Fields; readonly required?: readonly string[] }
  /** An object whose `type` says which fields it has. `untyped`: what one without a `type` has; absent where it must have one. */
  | { readonly types: Readonly<Record<string, Fields>>; readonly untyped?: Fields }
  /** The first that fits by its kind. */
  | { readonly either: readonly Expected[] }

export type Fields = Readonly<Record<string, Expected>>

/** A place that is not as expected. Its path goes on from that of the value it was found in; nothing expected where it is required. */
interface Misfit {
  readonly path: string
  readonly expected?: Expected
}

/** Throws a GatewayFault that names the first place that is not as expected. Reads what is named and nothing else. */
export function expectJson(json: Json | undefined, expected: Expected, path: string): void {
  const found = misfit(json, expected)
  if (!found) return
  const whole = path === "" && found.path.startsWith(".") ? found.path.slice(1) : path + found.path
  throw found.expected === undefined
    ? fault("invalid-request", `${whole} is required`, { param: whole })
    : unexpected(whole, found.expected)
}

function misfit(json: Json | undefined, expected: Expected): Misfit | undefined {
  if (expected === "any" || json === undefined || json === null) return undefined
  const kind = kindOf(json)
  if (typeof expected === "string") return kind === expected ? undefined : { path: "", expected }
  if ("either" in expected) return misfitOfAll(json, kind, expected)
  if ("list" in expected) return kind === "list" ? misfitIn(asArray(json) ?? nothing, expected.list) : { path: "", expected }
  const object = kind === "object" ? asObject(json) : undefined
  return object ? misfitOfMembers(object, expected) : { path: "", expected }
}

function misfitOfAll(json: Json, kind: Kind | undefined, expected: Extract<Expected, { either: unknown }>): Misfit | undefined {
  for (const one of expected.either) if (kindExpected(one) === kind) return misfit(json, one)
  return { path: "", expected }
}

/** A null in a list is something, and nothing that anybody expects. */
function misfitIn(list: readonly Json[], expected: Expected): Misfit | undefined {
  for (let index = 0; index < list.length; index++) {
    const item = list[index]
    const found = item === null && expected !== "any" ? { path: "", expected } : misfit(item, expected)
    if (found) return { ...found, path: `[${index}]${found.path}` }
  }
  return undefined
}

function misfitOfMembers(object: JsonObject, expected: Extract<Expected, object>): Misfit | undefined {
  if ("fields" in expected) {
    for (const key of expected.required ?? nothing) if ((object[key] ?? null) === null) return { path: `.${key}` }
    return misfitOfFields(object, expected.fields)
  }
  if (!("types" in expected)) return undefined
  const { type } = object
  if (type === undefined || type === null)
    return expected.untyped ? misfitOfFields(object, expected.untyped) : { path: ".type", expected: "string" }
  if (typeof type !== "string") return { path: ".type", expected: "string" }
  const fields = Object.hasOwn(expected.types, type) ? expected.types[type] : undefined
  return fields && misfitOfFields(object, fields)
}

function misfitOfFields(object: JsonObject, fields: Fields): Misfit | undefined {
  for (const key in fields) {
    const found = Object.hasOwn(object, key) ? misfit(object[key], fields[key] ?? "any") : undefined
    if (found) return { ...found, path: `.${key}${found.path}` }
  }
  return undefined
}

/** A number that JavaScript cannot hold, or an object whose keys it would put in order, is kept as its text. */
function kindOf(json: Json): Kind | undefined {
  if (json instanceof RawJson) {
    const first = json.rawJson.trimStart()[0] ?? ""
    return first === "{" ? "object" : first === "[" ? "list" : first === '"' ? "string" : "number"
  }
  if (Array.isArray(json)) return "list"
  const type = typeof json
  return type === "string" || type === "number" || type === "boolean" || type === "object" ? type : undefined
}

function kindExpected(expected: Expected): Kind | undefined {
  if (typeof expected === "string") return expected === "any" ? undefined : expected
  if ("either" in expected) return undefined
  return "list" in expected ? "list" : "object"
}

const words: Readonly<Record<Kind, string>> = {
  string: "a string",
  number: "a number",
  boolean: "true or false",
  list: "a list",
  object: "an object",
}

function unexpected(path: string, expected: Expected) {
  const kinds =
    typeof expected === "object" && "either" in expected ? expected.either.map(kindExpected) : [kindExpected(expected)]
  const told = [...new Set(kinds)].flatMap((kind) => (kind === undefined ? [] : [words[kind]]))
  return fault("invalid-request", `${path}: expected ${told.join(" or ")}`, { param: path })
}
