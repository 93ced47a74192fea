import { fault } from "../../core/error.ts"
import { toolKey } from "../../core/exchange.ts"
import { type FieldTable, project } from "../../core/lens.ts"
import type { CustomTool, FunctionTool, HostedTool, Tool } from "../../core/message.ts"
import { attach, nothing } from "../../core/node.ts"
import { asBoolean, asObject, asString, type Json, type JsonObject, parseJson, stringifyJson } from "../../lib/json.ts"
import { decodeCache, encodeCache } from "./cache.ts"
import { buildUse, readUse, useRest } from "./hosted-tools.ts"
import { customMark, nameOnWire } from "./names.ts"
import { toolShape } from "./shape.ts"
import { type DecodeContext, type EncodeContext, present, ride, wireId } from "./types.ts"

/** Functions have no type or `custom`; every other type is a tool with a schema of the vendor's own, or run by it. */
export function decodeTool(json: Json, context: DecodeContext, where: string, servers: readonly JsonObject[]): Tool {
  const object = asObject(json)
  if (!object) throw fault("invalid-request", `${where}: expected a tool object`, { param: where })
  const kind = asString(object.type)
  if (kind !== undefined && kind !== "custom") return decodeHosted(object, kind, context, servers)
  const name = asString(object.name)
  if (name === undefined) throw fault("invalid-request", `${where}.name: expected a string`, { param: `${where}.name` })
  const description = asString(object.description)
  const strict = asBoolean(object.strict)
  const tool: FunctionTool = {
    type: "function",
    name,
    ...(description === undefined ? {} : { description }),
    ...(object.input_schema === undefined ? {} : { schema: stringifyJson(object.input_schema) }),
    ...(strict === undefined ? {} : { strict }),
    ...(object.defer_loading === true ? { deferred: true } : {}),
    ...decodeCache(object),
  }
  return ride(tool, context, object, toolShape)
}

function decodeHosted(object: JsonObject, kind: string, context: DecodeContext, servers: readonly JsonObject[]): Tool {
  const name = asString(object.name)
  const use = readUse(object, kind, servers)
  const tool: HostedTool = {
    type: "hosted",
    kind,
    wire: wireId,
    value: object,
    ...(name === undefined ? {} : { name }),
    ...(use ? { use } : {}),
    ...decodeCache(object),
  }
  return attach<Tool>(tool, { wire: wireId, place: context.place, json: object, rest: use ? useRest(object, use) : nothing })
}

const functionTable: FieldTable = {
  name: ["name"],
  namespace: ["name"],
  description: ["description"],
  schema: ["input_schema"],
  strict: ["strict"],
  deferred: ["defer_loading"],
  cache: ["cache_control"],
}

/** Undefined for a tool that only another vendor runs: a tool like it is asked for instead, where this vendor has one. */
export function encodeTool(tool: Tool, context: EncodeContext): Json | undefined {
  const { path, side } = context
  switch (tool.type) {
    case "function":
      return renamed(
        project(tool, context, functionTable, (node) => buildFunction(node, context)),
        tool,
        context,
      )
    case "custom":
      context.note({ code: "emulated", path, effect: "adapted", side })
      context.exchange.emulated.add(customMark(toolKey(tool.name, tool.namespace)))
      return project(tool, context, {}, (node) => buildCustom(node, context))
    case "hosted": {
      if (tool.wire === wireId) return project(tool, context, { cache: ["cache_control"] }, () => hostedValue(tool, context))
      const built = buildUse(tool, context)
      if (built) context.note({ code: "tool-adapted", path, effect: "adapted", side })
      else context.note({ code: "tool-unsupported", path, effect: "dropped", side })
      return built && project(tool, context, {}, () => built)
    }
    default:
      return tool satisfies never
  }
}

function hostedValue(tool: Extract<Tool, { type: "hosted" }>, context: EncodeContext): JsonObject {
  const { cache_control: _, ...value } = asObject(tool.value) ?? {}
  return present({ ...value, cache_control: encodeCache(tool.cache, context) })
}

/** An untouched tool is its source value, whose name may still be one that the vendor refuses. */
function renamed(json: Json, tool: FunctionTool, context: EncodeContext): Json {
  const object = asObject(json)
  if (!object) return json
  const name = nameOnWire(tool, context)
  return object.name === name ? json : { ...object, name }
}

/** Nothing would find a deferred tool of another format's caller: https://platform.claude.com/docs/en/agents-and-tools/tool-use/tool-search-tool. */
function buildFunction(tool: FunctionTool, context: EncodeContext): JsonObject {
  const isFound = context.exchange.client === context.wire
  if (tool.deferred && !isFound)
    context.note({ code: "field-unsupported", path: `${context.path}.deferred`, effect: "dropped", side: context.side })
  return present({
    name: tool.name,
    description: tool.description,
    input_schema: inputSchema(tool.schema, context),
    strict: tool.strict,
    defer_loading: isFound ? tool.deferred : undefined,
    cache_control: encodeCache(tool.cache, context),
  })
}

/** The vendor wants a schema, and `type` at its top. */
function inputSchema(schema: string | undefined, context: EncodeContext): Json {
  const parsed = schema === undefined ? {} : parseJson(schema)
  const object = asObject(parsed)
  if (!object || object.type !== undefined) return parsed
  context.note({ code: "tool-adapted", path: `${context.path}.schema`, effect: "adapted", side: context.side })
  return Object.keys(object).length === 0 ? { type: "object", properties: {} } : { type: "object", ...object }
}

function buildCustom(tool: CustomTool, context: EncodeContext): JsonObject {
  const { grammar } = tool
  const rule = grammar ? `The input must match this ${grammar.syntax} grammar:\n${grammar.definition}` : undefined
  const description = [tool.description, rule].filter((part) => part !== undefined).join("\n\n")
  return present({
    name: nameOnWire(tool, context),
    description: description === "" ? undefined : description,
    input_schema: { type: "object", properties: { input: { type: "string" } }, required: ["input"], additionalProperties: false },
    cache_control: encodeCache(tool.cache, context),
  })
}
