import type { Exchange } from "../../core/exchange.ts"
import { project } from "../../core/lens.ts"
import type { CustomTool, FunctionTool, HostedUse, Tool } from "../../core/message.ts"
import { attach, originOf, type Place } from "../../core/node.ts"
import { asArray, asBoolean, asObject, asString, type Json, type JsonObject, RawJson, stringifyJson } from "../../lib/json.ts"
import { staysStrict } from "../openai-strict.ts"
import { buildUse, readUse, useShapes } from "./hosted-tools.ts"
import { wireName } from "./names.ts"
import { noteForeignRest } from "./nodes.ts"
import { restOfShape } from "./rest.ts"
import { toolShapes, wireId } from "./types.ts"

/** Tools in a flat list; those of a namespace bear its name. What the vendor runs is kept whole. */
export const decodeTools = (json: Json | undefined, place: Place = "request"): readonly Tool[] =>
  (asArray(json) ?? []).flatMap((tool) => decodeTool(tool, place))

function decodeTool(json: Json, place: Place): readonly Tool[] {
  const tool = asObject(json)
  const type = asString(tool?.type)
  if (tool && type === "namespace") return decodeNamespace(tool, json, place)
  const own = tool && decodeOwn(tool, undefined)
  if (own) return [attach(own, { wire: wireId, place, json, rest: restOfShape(tool, toolShapes[own.type]) })]
  return [hosted(json, type ?? "unknown", place, tool && readUse(tool))]
}

function hosted(json: Json, kind: string, place: Place, use?: HostedUse): Tool {
  const tool: Tool = { type: "hosted", kind, wire: wireId, value: json, ...(use ? { use } : {}) }
  return attach(tool, { wire: wireId, place, json, rest: use ? restOfShape(json, useShapes[use.type]) : [] })
}

/** The description of a namespace has no hub field: other wires name it as lost, once. */
function decodeNamespace(group: JsonObject, json: Json, place: Place): readonly Tool[] {
  const name = asString(group.name)
  const inner = asArray(group.tools) ?? []
  const said = asString(group.description) ? ["namespace.description"] : []
  const tools = inner.map((one) => {
    const tool = asObject(one)
    const own = tool && decodeOwn(tool, name)
    return own && attach(own, { wire: wireId, place, json: one, rest: [...restOfShape(tool, toolShapes[own.type]), ...said] })
  })
  const known = tools.filter((tool) => tool !== undefined)
  const whole = name !== undefined && known.length > 0 && known.length === tools.length
  return whole ? known : [hosted(json, "namespace", place)]
}

function decodeOwn(tool: JsonObject, namespace: string | undefined): FunctionTool | CustomTool | undefined {
  const name = asString(tool.name)
  if (name === undefined) return undefined
  const description = asString(tool.description)
  const head = {
    name,
    ...(namespace === undefined ? {} : { namespace }),
    ...(description === undefined ? {} : { description }),
  }
  if (tool.type === "function") {
    const { parameters } = tool
    return {
      type: "function",
      ...head,
      ...(parameters === undefined || parameters === null ? {} : { schema: stringifyJson(parameters) }),
      ...(tool.strict === true ? { strict: true } : {}),
      ...(asBoolean(tool.defer_loading) ? { deferred: true as const } : {}),
    }
  }
  if (tool.type !== "custom") return undefined
  const format = asObject(tool.format)
  const syntax = asString(format?.syntax)
  const definition = asString(format?.definition)
  const grammar = syntax !== undefined && definition !== undefined ? { grammar: { syntax, definition } } : {}
  return { type: "custom", ...head, ...grammar }
}

const functionTable = {
  type: ["type"],
  name: ["name"],
  description: ["description"],
  schema: ["parameters"],
  strict: ["strict"],
  deferred: ["defer_loading"],
} as const
const customTable = { type: ["type"], name: ["name"], description: ["description"], grammar: ["format"] } as const

/** The list with neighbours of one namespace grouped again, in the source's own group where there is one. */
export function encodeTools(tools: readonly Tool[], source: Json | undefined, exchange: Exchange): readonly Json[] {
  const groups: { namespace: string | undefined; tools: Json[] }[] = []
  for (const tool of tools) {
    const json = encodeTool(tool, exchange)
    if (json === undefined) continue
    const namespace = tool.type === "hosted" ? undefined : tool.namespace
    const last = groups.at(-1)
    if (last && namespace !== undefined && last.namespace === namespace) last.tools.push(json)
    else groups.push({ namespace, tools: [json] })
  }
  const sources = (asArray(source) ?? []).map((one) => asObject(one))
  return groups.flatMap(({ namespace, tools: members }) => {
    if (namespace === undefined) return members
    const group = sources.find((one) => one?.type === "namespace" && one.name === namespace)
    return [{ ...(group ?? { type: "namespace", name: namespace, description: namespace }), tools: members }]
  })
}

function encodeTool(tool: Tool, exchange: Exchange): Json | undefined {
  const { note } = exchange
  const path = "tools[*]"
  if (tool.cache) note({ code: "cache-unsupported", path: `${path}.cache`, effect: "dropped", side: "request" })
  if (tool.type === "hosted") {
    if (tool.wire === wireId) return tool.value
    const built = buildUse(tool, exchange.target.features, note)
    if (built) note({ code: "tool-adapted", path, effect: "adapted", side: "request" })
    else note({ code: "tool-unsupported", path, effect: "dropped", side: "request" })
    if (built) noteForeignRest(tool, path, "request", note)
    return built
  }
  const from = originOf(tool)
  const context = { wire: wireId, place: from?.place ?? "request", note, side: "request" as const, path }
  if (tool.type === "custom") return project(tool, context, customTable, (node) => buildCustom(node, exchange))
  return project(tool, context, functionTable, (node) => buildFunction(node, exchange))
}

/**
 * Here strictness is the default and changes the schema, so a tool that does not ask for it says so. The vendor refuses a deferred tool without its
 * own search for it, which no other format's caller has: https://developers.openai.com/api/docs/guides/tools-tool-search
 */
function buildFunction(tool: FunctionTool, exchange: Exchange): JsonObject {
  const isFound = exchange.client === wireId
  if (tool.deferred && !isFound)
    exchange.note({ code: "field-unsupported", path: "tools[*].deferred", effect: "dropped", side: "request" })
  return {
    type: "function",
    name: wireName(tool.name, tool.namespace, exchange),
    ...(tool.description === undefined ? {} : { description: tool.description }),
    parameters: tool.schema === undefined ? null : new RawJson(tool.schema),
    strict: tool.strict === true && staysStrict(tool.schema, "tools[*].strict", exchange),
    ...(tool.deferred && isFound ? { defer_loading: true } : {}),
  }
}

function buildCustom(tool: CustomTool, exchange: Exchange): JsonObject {
  return {
    type: "custom",
    name: wireName(tool.name, tool.namespace, exchange),
    ...(tool.description === undefined ? {} : { description: tool.description }),
    ...(tool.grammar ? { format: { type: "grammar", ...tool.grammar } } : {}),
  }
}
