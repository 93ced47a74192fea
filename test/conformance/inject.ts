import { type Json, type JsonObject, RawJson } from "../../src/lib/json.ts"
import { isRecord } from "./difference.ts"

export const unknownKey = "x_unheard_of"
export const unknownValue = "said in a field that nobody knows"

/** Values that belong to the caller, not to the format: what is in there is data. */
const opaque: ReadonlySet<string> = new Set([
  "input",
  "arguments",
  "parameters",
  "input_schema",
  "schema",
  "metadata",
  "user_location",
])

/** Keys that hold the elements of the format under one name each. */
const isOpaque = (key: string, value: Json): boolean => opaque.has(key) && !Array.isArray(value)

export interface Injected {
  readonly where: string
  readonly body: Json
}

/** The body once for each of its objects, with an unknown field in that object. */
export function withUnknownFields(body: Json, where = ""): Injected[] {
  if (body instanceof RawJson || typeof body !== "object" || body === null) return []
  if (Array.isArray(body)) {
    return body.flatMap((inner: Json, index) =>
      withUnknownFields(inner, `${where}[${index}]`).map((one) => ({ ...one, body: body.with(index, one.body) })),
    )
  }
  const object = body as JsonObject
  const inner = Object.entries(object).flatMap(([key, value]) =>
    isOpaque(key, value)
      ? []
      : withUnknownFields(value, where === "" ? key : `${where}.${key}`).map((one) => ({
          ...one,
          body: { ...object, [key]: one.body },
        })),
  )
  return [{ where: where || "the root", body: { ...object, [unknownKey]: unknownValue } }, ...inner]
}

const unknownElement: JsonObject = { type: "x_unheard_of", saying: unknownValue }

/** The body once for each list of typed objects in it, with an element of an unknown type at its end. */
export function withUnknownElements(body: Json, where = ""): Injected[] {
  if (body instanceof RawJson || typeof body !== "object" || body === null) return []
  if (Array.isArray(body)) {
    const typed = body.length > 0 && body.every((inner: unknown) => isRecord(inner) && typeof inner.type === "string")
    const inner = body.flatMap((value: Json, index) =>
      withUnknownElements(value, `${where}[${index}]`).map((one) => ({ ...one, body: body.with(index, one.body) })),
    )
    return typed ? [{ where: `${where}[]`, body: [...body, unknownElement] }, ...inner] : inner
  }
  const object = body as JsonObject
  return Object.entries(object).flatMap(([key, value]) =>
    isOpaque(key, value)
      ? []
      : withUnknownElements(value, where === "" ? key : `${where}.${key}`).map((one) => ({
          ...one,
          body: { ...object, [key]: one.body },
        })),
  )
}
