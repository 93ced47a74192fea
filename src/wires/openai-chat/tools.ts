import type { CacheHint } from "../../core/block.ts"
import { chosenTool } from "../../core/chosen-tool.ts"
import { type Exchange, fromToolKey } from "../../core/exchange.ts"
import { overlay, restOf } from "../../core/lens.ts"
import type { CustomTool, FunctionTool, HostedTool, Tool, ToolChoice } from "../../core/message.ts"
import { attach, changedFields, lostOrigin, nothing, originOf, untouched } from "../../core/node.ts"
import { asArray, asBoolean, asObject, asString, type Json, type JsonObject, RawJson, stringifyJson } from "../../lib/json.ts"
import { staysStrict } from "../openai-strict.ts"
import { type CacheContext, cacheKeys, cacheRest, readCache } from "./cache.ts"
import { nameOnWire } from "./names.ts"
import { functionKeys, given, joined, members, toolKeys, wireId } from "./types.ts"

const functionTable = {
  name: ["name"],
  namespace: ["name"],
  description: ["description"],
  schema: ["parameters"],
  strict: ["strict"],
}
const customTable = { name: ["name"], namespace: ["name"], description: ["description"], grammar: ["format"] }

/** Function tools, custom tools, and the entries of the deprecated `functions` list, which lack the wrapper. Other types are the vendor's own. */
export function decodeTool(json: Json): Tool {
  const source = asObject(json) ?? {}
  const type = asString(source.type)
  const inner = asObject(source.function)
  const custom = asObject(source.custom)
  const cache = given("cache", readCache(source))
  if (inner && (type === "function" || type === undefined)) return decodeFunction(json, source, inner, cache)
  if (custom && type === "custom") {
    const rest = [...restOf(source, toolKeys), ...cacheRest(source), ...customRest(custom).map((key) => `custom.${key}`)]
    return attach(decodeCustom(custom, cache), { wire: wireId, place: "request", json, rest })
  }
  const hosted: HostedTool = { type: "hosted", kind: type ?? "", wire: wireId, value: json, ...cache }
  return attach(hosted, { wire: wireId, place: "request", json })
}

export function decodeLegacyFunction(json: Json): Tool {
  const source = asObject(json) ?? {}
  return attach<FunctionTool>(functionOf(source), {
    wire: wireId,
    place: "request",
    json,
    rest: restOf(source, functionKeys),
  })
}

function decodeFunction(json: Json, source: JsonObject, inner: JsonObject, cache: { readonly cache?: CacheHint }): Tool {
  const rest = [...restOf(source, toolKeys), ...cacheRest(source), ...restOf(inner, functionKeys).map((key) => `function.${key}`)]
  return attach<FunctionTool>({ ...functionOf(inner), ...cache }, { wire: wireId, place: "request", json, rest })
}

function functionOf(inner: JsonObject): FunctionTool {
  const parameters = inner.parameters
  return {
    type: "function",
    name: asString(inner.name) ?? "",
    ...given("description", asString(inner.description)),
    ...given("schema", parameters === undefined || parameters === null ? undefined : stringifyJson(parameters)),
    ...given("strict", asBoolean(inner.strict)),
  }
}

const customRest = (custom: JsonObject): readonly string[] => [
  ...restOf(custom, customKeys),
  ...restOf(asObject(custom.format) ?? {}, formatKeys).map((key) => `format.${key}`),
  ...restOf(asObject(asObject(custom.format)?.grammar) ?? {}, grammarKeys).map((key) => `format.grammar.${key}`),
]

const formatKeys: ReadonlySet<string> = new Set(["type", "grammar"])
const grammarKeys: ReadonlySet<string> = new Set(["syntax", "definition"])
const customKeys: ReadonlySet<string> = new Set(["name", "description", "format"])

function decodeCustom(custom: JsonObject, cache: { readonly cache?: CacheHint }): CustomTool {
  const grammar = asObject(asObject(custom.format)?.grammar)
  const syntax = asString(grammar?.syntax)
  const definition = asString(grammar?.definition)
  return {
    type: "custom",
    name: asString(custom.name) ?? "",
    ...given("description", asString(custom.description)),
    ...(syntax !== undefined && definition !== undefined ? { grammar: { syntax, definition } } : {}),
    ...cache,
  }
}

/** True for an entry of the deprecated `functions` list. */
export const isLegacy = (tool: Tool): boolean => {
  const from = originOf(tool)
  return from?.wire === wireId && tool.type === "function" && asObject(from.json)?.function === undefined
}

/** The tool on this wire; nothing for one that only another wire's vendor runs. */
export function encodeTool(tool: Tool, exchange: Exchange): Json | undefined {
  const path = "tools[*]"
  const from = originOf(tool)
  if (from?.wire === wireId && from.json !== undefined && untouched(tool)) return from.json
  if (tool.type === "hosted") return encodeHosted(tool, exchange, path)
  if (lostOrigin(tool)) exchange.note({ code: "origin-lost", path, effect: "dropped", side: "request" })
  else if (from && from.wire !== wireId)
    for (const key of from.rest)
      exchange.note({ code: "field-unsupported", path: `${path}.${key}`, effect: "dropped", side: "request" })
  if (isLegacy(tool) && tool.type === "function") return encodeInner(tool, exchange, path, from?.json)
  const source = from?.wire === wireId ? asObject(from.json) : undefined
  const changed = changedFields(tool)
  const kind = tool.type === "function" ? "function" : "custom"
  const inner = encodeInner(tool, exchange, path, source?.[kind])
  const context: CacheContext = { exchange, side: "request", place: "request", path }
  const built = members({ type: kind, [kind]: inner, ...cacheKeys(tool, context) })
  if (!source || !changed) return built
  return overlay(source, built, new Set([...changed, "inner"]), { inner: [kind], cache: ["cache_control"] })
}

function encodeHosted(tool: HostedTool, exchange: Exchange, path: string): Json | undefined {
  if (tool.wire === wireId) return tool.value
  exchange.note({ code: "tool-unsupported", path, effect: "dropped", side: "request" })
  return undefined
}

function encodeInner(tool: FunctionTool | CustomTool, exchange: Exchange, path: string, source: Json | undefined): JsonObject {
  const built = tool.type === "function" ? builtFunction(tool, exchange, path) : builtCustom(tool, exchange, path)
  const was = asObject(source)
  const changed = changedFields(tool)
  if (!was || !changed) return built
  return overlay(was, built, changed, tool.type === "function" ? functionTable : customTable)
}

function builtFunction(tool: FunctionTool, exchange: Exchange, path: string): JsonObject {
  if (tool.deferred) exchange.note({ code: "field-unsupported", path: `${path}.deferred`, effect: "dropped", side: "request" })
  return members({
    name: nameOnWire(tool, exchange, path),
    description: tool.description,
    parameters: tool.schema === undefined ? undefined : new RawJson(tool.schema),
    strict: tool.strict === true && !staysStrict(tool.schema, `${path}.strict`, exchange) ? undefined : tool.strict,
  })
}

function builtCustom(tool: CustomTool, exchange: Exchange, path: string): JsonObject {
  const { grammar } = tool
  return members({
    name: nameOnWire(tool, exchange, path),
    description: tool.description,
    format: grammar && { type: "grammar", grammar: { syntax: grammar.syntax, definition: grammar.definition } },
  })
}

const choiceKeys: ReadonlySet<string> = new Set(["type", "name", "function", "custom", "allowed_tools"])
const namedKeys: ReadonlySet<string> = new Set(["name", "mode", "tools"])

/** Unmodelled keys inside a tool choice. */
export const choiceRest = (source: JsonObject): readonly string[] =>
  joined(restOfChoice(source, "tool_choice"), restOfChoice(source, "function_call"))

function restOfChoice(source: JsonObject, name: string): readonly string[] {
  const choice = asObject(source[name])
  if (!choice) return nothing
  const allowed = asArray(asObject(choice.allowed_tools)?.tools) ?? nothing
  const named = [choice, ...allowed.map((one) => asObject(one) ?? {})]
  const inner = named.flatMap((one) =>
    ["function", "custom", "allowed_tools"].flatMap((key) => restOf(asObject(one[key]) ?? {}, namedKeys)),
  )
  return [...named.flatMap((one) => restOf(one, choiceKeys)), ...inner].map((key) => `${name}.${key}`)
}

/** `tool_choice`, or the deprecated `function_call`. */
export function decodeToolChoice(json: Json | undefined): ToolChoice | undefined {
  if (json === undefined || json === null) return undefined
  const word = asString(json)
  if (word === "auto" || word === "none" || word === "required") return { type: word }
  if (word === "any") return { type: "required" }
  const source = asObject(json)
  const name = asString((asObject(source?.function) ?? asObject(source?.custom) ?? source)?.name)
  if (name !== undefined) return { type: "tool", name }
  const allowed = asObject(source?.allowed_tools)
  const names = asArray(allowed?.tools)?.map(namedIn)
  if (allowed && names?.every((one) => one !== undefined))
    return { type: "allowed", mode: asString(allowed.mode) === "required" ? "required" : "auto", names }
  return { type: "foreign", wire: wireId, value: json }
}

const namedIn = (json: Json): string | undefined => {
  const source = asObject(json)
  return asString((asObject(source?.function) ?? asObject(source?.custom))?.name)
}

export function encodeToolChoice(choice: ToolChoice, exchange: Exchange): Json | undefined {
  switch (choice.type) {
    case "auto":
    case "none":
    case "required":
      return choice.type
    case "tool":
      return chosenTool(choice, exchange.request.tools) ? unsaid(exchange) : reference(choice, exchange)
    case "allowed":
      if (choice.hosted && choice.names.length === 0) return noneOfAllowed(exchange)
      if (choice.hosted) noteChoice("adapted", exchange)
      return {
        type: "allowed_tools",
        allowed_tools: { mode: choice.mode, tools: choice.names.map((name) => reference(fromToolKey(name), exchange)) },
      }
    case "foreign":
      if (choice.wire === wireId) return choice.value
      return unsaid(exchange)
    default:
      return choice satisfies never
  }
}

/** Only tools that another vendor runs are allowed, so none that are here. */
function noneOfAllowed(exchange: Exchange): Json | undefined {
  const hasTools = exchange.request.tools?.some((tool) => tool.type !== "hosted")
  unsaid(exchange)
  return hasTools ? "none" : undefined
}

const unsaid = (exchange: Exchange): undefined => noteChoice("dropped", exchange)

export function noteChoice(effect: "adapted" | "dropped", { note }: Exchange): undefined {
  note({ code: "tool-choice-unsupported", path: "toolChoice", effect, side: "request" })
}

function reference({ name, namespace }: { name: string; namespace?: string }, exchange: Exchange): JsonObject {
  const tool = exchange.request.tools?.find((one) => one.type !== "hosted" && one.name === name && one.namespace === namespace)
  const kind = tool?.type === "custom" ? "custom" : "function"
  const named = tool && tool.type !== "hosted" ? tool : { name, ...(namespace === undefined ? {} : { namespace }) }
  return { type: kind, [kind]: { name: nameOnWire(named, exchange, "toolChoice") } }
}
