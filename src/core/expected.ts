import { asArray, asObject, type Json, type JsonObject, RawJson } from "../lib/json.ts"
import { fault } from "./error.ts"

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

/** Throws a GatewayFault that names the first place that is not as expected. Reads what is named and nothing else. */
export function expectJson(json: Json | undefined, expected: Expected, path: string): void {
  if (expected === "any" || json === undefined || json === null) return
  const kind = kindOf(json)
  if (typeof expected === "string") {
    if (kind !== expected) throw unexpected(path, expected)
  } else if ("either" in expected) {
    const fitting = expected.either.find((one) => kindExpected(one) === kind)
    if (fitting === undefined) throw unexpected(path, expected)
    expectJson(json, fitting, path)
  } else if ("list" in expected) {
    if (kind !== "list") throw unexpected(path, expected)
    for (const [index, item] of (asArray(json) ?? []).entries()) expectItem(item, expected.list, `${path}[${index}]`)
  } else {
    const object = kind === "object" ? asObject(json) : undefined
    if (!object) throw unexpected(path, expected)
    expectMembers(object, expected, path)
  }
}

/** A null in a list is something, and nothing that anybody expects. */
function expectItem(json: Json, expected: Expected, path: string): void {
  if (json === null && expected !== "any") throw unexpected(path, expected)
  expectJson(json, expected, path)
}

function expectMembers(object: JsonObject, expected: Extract<Expected, object>, path: string): void {
  if ("fields" in expected) {
    for (const key of expected.required ?? [])
      if ((object[key] ?? null) === null) throw fault("invalid-request", `${at(path, key)} is required`, { param: at(path, key) })
    expectFields(object, expected.fields, path)
  } else if ("types" in expected) {
    const { type } = object
    if (type === undefined || type === null) {
      if (!expected.untyped) throw unexpected(at(path, "type"), "string")
      expectFields(object, expected.untyped, path)
    } else if (typeof type !== "string") throw unexpected(at(path, "type"), "string")
    else if (Object.hasOwn(expected.types, type)) expectFields(object, expected.types[type] ?? {}, path)
  }
}

function expectFields(object: JsonObject, fields: Fields, path: string): void {
  for (const key in fields) expectJson(Object.hasOwn(object, key) ? object[key] : undefined, fields[key] ?? "any", at(path, key))
}

const at = (path: string, key: string): string => (path === "" ? key : `${path}.${key}`)

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
