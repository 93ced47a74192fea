import type { Quirk } from "../../core/provider.ts"
import { asArray, asObject, asString, type Json, type JsonObject } from "../../lib/json.ts"

/** Takes top-level fields out that a server of this format refuses, with a notice for each. */
export const dropFields =
  (fields: readonly string[]): Quirk =>
  (body, exchange) => {
    const gone = fields.filter((field) => body[field] !== undefined)
    for (const field of gone) exchange.note({ code: "field-unsupported", path: field, effect: "dropped", side: "request" })
    return gone.length === 0 ? body : without(body, gone)
  }

/** Sets a field where the body has none, such as the version that some hosts want in the body. */
export const defaultField =
  (field: string, value: Json): Quirk =>
  (body) =>
    body[field] === undefined ? { ...body, [field]: value } : body

/** Takes the model out: some hosts have it in the path. */
export const modelInPath: Quirk = (body) => without(body, ["model", "stream"])

/** The system field as one string, for servers that know no blocks there. */
export const plainSystem: Quirk = (body, exchange) => {
  const blocks = asArray(body.system)
  if (!blocks) return body
  if (blocks.some((block) => asObject(block)?.cache_control !== undefined))
    exchange.note({ code: "cache-unsupported", path: "instructions[*].cache", effect: "dropped", side: "request" })
  const texts = blocks.map((block) => asString(asObject(block)?.text) ?? "")
  return { ...body, system: texts.filter((text) => text !== "").join("\n\n") }
}

/** Takes every cache mark out, for servers that refuse the field. Schemas and inputs are data and stay. */
export const dropCacheMarks: Quirk = (body, exchange) => {
  let found = body.cache_control !== undefined
  const strip = (value: Json): Json => {
    if (Array.isArray(value)) return value.map(strip)
    const object = asObject(value)
    if (!object) return value
    if (object.cache_control !== undefined) found = true
    const bare = without(object, ["cache_control"])
    return Array.isArray(bare.content) ? { ...bare, content: strip(bare.content) } : bare
  }
  const lists = Object.fromEntries(marked.flatMap((key) => (Array.isArray(body[key]) ? [[key, strip(body[key])]] : [])))
  if (!found) return body
  exchange.note({ code: "cache-unsupported", path: "messages[*].blocks[*].cache", effect: "dropped", side: "request" })
  return { ...without(body, ["cache_control"]), ...lists }
}

/** Lists whose elements may bear a mark. */
const marked = ["system", "messages", "tools"]

function without(object: JsonObject, keys: readonly string[]): JsonObject {
  return Object.fromEntries(Object.entries(object).filter(([key]) => !keys.includes(key)))
}
