import type { Quirk } from "../../core/provider.ts"
import { asArray, asNumber, asObject, asString, type Json, type JsonObject } from "../../lib/json.ts"

/** Leaves out top-level fields that a server refuses. */
export const dropFields =
  (...fields: readonly string[]): Quirk =>
  (body, exchange) => {
    const present = fields.filter((field) => body[field] !== undefined && body[field] !== null)
    if (present.length === 0) return body
    for (const path of present) exchange.note({ code: "field-unsupported", path, effect: "dropped", side: "request" })
    return Object.fromEntries(Object.entries(body).filter(([key]) => !present.includes(key)))
  }

/** Spells a top-level field as a server knows it. */
export const renameField =
  (from: string, to: string): Quirk =>
  (body) =>
    body[from] === undefined
      ? body
      : Object.fromEntries(Object.entries(body).map(([key, value]) => [key === from ? to : key, value]))

/** Raises a limit that a server would refuse as too low. */
export const leastOutput =
  (least: number): Quirk =>
  (body, exchange) => {
    const limit = asNumber(body.max_output_tokens)
    if (limit === undefined || limit >= least) return body
    exchange.note({ code: "field-adapted", path: "maxOutput", effect: "adapted", side: "request" })
    return { ...body, max_output_tokens: least }
  }

/** Leaves out tools of types that a server does not run, and a choice of one of them. */
export const keepTools =
  (...types: readonly string[]): Quirk =>
  (body, exchange) => {
    const tools = asArray(body.tools)
    const kept = tools?.filter((tool) => types.includes(asString(asObject(tool)?.type) ?? ""))
    if (!tools || !kept || kept.length === tools.length) return body
    exchange.note({ code: "tool-unsupported", path: "tools[*]", effect: "dropped", side: "request" })
    const { tools: _, tool_choice: choice, ...rest } = body
    const chosen = asString(asObject(choice)?.type)
    const keepsChoice =
      choice !== undefined && kept.length > 0 && (chosen === undefined || types.includes(chosen) || chosen === "allowed_tools")
    return { ...rest, ...(kept.length > 0 ? { tools: kept } : {}), ...(keepsChoice ? { tool_choice: choice } : {}) }
  }

/** Shows the texts of namespaced tools as plain functions, for servers without namespaces. The exchange undoes it in the answer. */
export const flattenNamespaces =
  (separator = "__"): Quirk =>
  (body, exchange) => {
    const tools = asArray(body.tools)
    if (!tools?.some((tool) => asObject(tool)?.type === "namespace")) return body
    const flat = (space: string, name: string): string => {
      const joined = `${space}${separator}${name}`
      exchange.names.set(`${space}\u0000${name}`, joined)
      return joined
    }
    const spread = tools.flatMap((tool) => spreadNamespace(tool, flat))
    exchange.note({ code: "tool-adapted", path: "tools[*].namespace", effect: "adapted", side: "request" })
    const input = asArray(body.input)?.map((item) => renameCall(item, flat))
    return { ...body, tools: spread, ...(input ? { input } : {}) }
  }

type Flat = (space: string, name: string) => string

function spreadNamespace(tool: Json, flat: Flat): readonly Json[] {
  const group = asObject(tool)
  if (group?.type !== "namespace") return [tool]
  const space = asString(group.name) ?? ""
  return (asArray(group.tools) ?? []).map((one) => ({ ...asObject(one), name: flat(space, asString(asObject(one)?.name) ?? "") }))
}

function renameCall(item: Json, flat: Flat): Json {
  const call = asObject(item)
  const space = asString(call?.namespace)
  if (!call || space === undefined || asString(call.name) === undefined) return item
  const { namespace: _, ...rest } = call
  return { ...rest, name: flat(space, asString(call.name) ?? "") } satisfies JsonObject
}
