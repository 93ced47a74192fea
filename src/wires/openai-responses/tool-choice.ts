import { type ChosenTool, chosenTool } from "../../core/chosen-tool.ts"
import type { Exchange } from "../../core/exchange.ts"
import type { AllowedHosted, ChosenUse, Tool, ToolChoice } from "../../core/message.ts"
import { asArray, asObject, asString, type Json, type JsonObject } from "../../lib/json.ts"
import { buildUse } from "./hosted-tools.ts"
import { wireName } from "./names.ts"
import { wireId } from "./types.ts"

/** Every form of `tool_choice`; one that names a tool of the vendor's is foreign. */
export function decodeToolChoice(json: Json | undefined): ToolChoice | undefined {
  if (json === undefined || json === null) return undefined
  const word = asString(json)
  if (word === "auto" || word === "none" || word === "required") return { type: word }
  const choice = asObject(json)
  const use = choice && decodeUse(choice)
  const foreign: ToolChoice = { type: "foreign", wire: wireId, value: json, ...(use ? { use } : {}) }
  if (!choice) return foreign
  switch (choice.type) {
    case "function":
    case "custom":
      return decodeNamed(choice) ?? foreign
    case "allowed_tools":
      return decodeAllowed(choice) ?? foreign
    default:
      return foreign
  }
}

/** Tools of the vendor's are chosen by their type, an MCP server by its label. */
function decodeUse({ type, server_label, name }: JsonObject): ChosenUse | undefined {
  switch (type) {
    case "web_search":
    case "web_search_2025_08_26":
    case "web_search_preview":
    case "web_search_preview_2025_03_11":
      return { type: "web-search" }
    case "code_interpreter":
      return { type: "code-execution" }
    case "mcp": {
      const server = asString(server_label)
      const tool = asString(name)
      return server === undefined ? undefined : { type: "mcp", server, ...(tool === undefined ? {} : { tool }) }
    }
    default:
      return undefined
  }
}

function decodeNamed(choice: JsonObject): ToolChoice | undefined {
  const name = asString(choice.name)
  const namespace = asString(choice.namespace)
  return name === undefined ? undefined : { type: "tool", name, ...(namespace === undefined ? {} : { namespace }) }
}

function decodeAllowed({ mode, tools }: JsonObject): ToolChoice | undefined {
  const listed = asArray(tools)?.map((one) => asObject(one)) ?? []
  if (mode !== "auto" && mode !== "required") return undefined
  const names: string[] = []
  const hosted: AllowedHosted[] = []
  for (const one of listed) {
    const isOwn = one?.type === "function" || one?.type === "custom"
    const name = isOwn ? asString(one.name) : undefined
    if (!one || (isOwn && name === undefined)) return undefined
    if (name !== undefined) names.push(name)
    else hosted.push(hostedEntry(one))
  }
  return { type: "allowed", mode, names, ...(hosted.length > 0 ? { hosted } : {}) }
}

function hostedEntry(value: JsonObject): AllowedHosted {
  const use = decodeUse(value)
  return { wire: wireId, value, ...(use ? { use } : {}) }
}

export function encodeToolChoice(choice: ToolChoice, tools: readonly Tool[], exchange: Exchange): Json | undefined {
  switch (choice.type) {
    case "auto":
    case "none":
    case "required":
      return choice.type
    case "tool": {
      const chosen = chosenTool(choice, tools)
      if (chosen) return hostedChoice(chosen, exchange)
      const space = choice.namespace === undefined ? {} : { namespace: choice.namespace }
      return { ...namedTool(choice.name, choice.namespace, tools, exchange), ...space }
    }
    case "allowed": {
      const own = choice.names.map((name) => namedTool(name, undefined, tools, exchange))
      const hosted = choice.hosted?.flatMap(({ wire, value }) => (wire === wireId ? [value] : [])) ?? []
      if (hosted.length < (choice.hosted?.length ?? 0)) unsaid(exchange)
      return { type: "allowed_tools", mode: choice.mode, tools: [...own, ...hosted] }
    }
    case "foreign":
      if (choice.wire === wireId) return choice.value
      return unsaid(exchange)
    default:
      return choice satisfies never
  }
}

/** A tool of another vendor's, as the one that is declared in its place is chosen. */
function hostedChoice({ hosted, member }: ChosenTool, exchange: Exchange): JsonObject | undefined {
  const { note, target } = exchange
  const built = hosted.wire === wireId ? undefined : buildUse(hosted, target.features, () => {})
  if (!built) return unsaid(exchange)
  note({ code: "tool-choice-unsupported", path: "toolChoice", effect: "adapted", side: "request" })
  const { type, server_label } = built
  if (type === undefined || server_label === undefined) return type === undefined ? undefined : { type }
  return { type, server_label, ...(member === undefined ? {} : { name: member }) }
}

function unsaid({ note }: Exchange): undefined {
  note({ code: "tool-choice-unsupported", path: "toolChoice", effect: "dropped", side: "request" })
}

function namedTool(name: string, namespace: string | undefined, tools: readonly Tool[], exchange: Exchange): JsonObject {
  const free = tools.some((tool) => tool.type === "custom" && tool.name === name && tool.namespace === namespace)
  return { type: free ? "custom" : "function", name: wireName(name, namespace, exchange) }
}
