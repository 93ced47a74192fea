import type { Exchange } from "../../core/exchange.ts"
import { choosesHosted, type Tool, type ToolChoice } from "../../core/message.ts"
import { asArray, asObject, asString, type Json, type JsonObject } from "../../lib/json.ts"
import { wireName } from "./names.ts"
import { wireId } from "./types.ts"

/** Every form of `tool_choice`; one that names a tool of the vendor's is foreign. */
export function decodeToolChoice(json: Json | undefined): ToolChoice | undefined {
  if (json === undefined || json === null) return undefined
  const word = asString(json)
  if (word === "auto" || word === "none" || word === "required") return { type: word }
  const choice = asObject(json)
  const foreign: ToolChoice = { type: "foreign", wire: wireId, value: json }
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

function decodeNamed(choice: JsonObject): ToolChoice | undefined {
  const name = asString(choice.name)
  const namespace = asString(choice.namespace)
  return name === undefined ? undefined : { type: "tool", name, ...(namespace === undefined ? {} : { namespace }) }
}

/** Foreign as soon as one of the allowed tools is the vendor's own. */
function decodeAllowed(choice: JsonObject): ToolChoice | undefined {
  const names = (asArray(choice.tools) ?? []).map((tool) => {
    const one = asObject(tool)
    return one?.type === "function" || one?.type === "custom" ? asString(one.name) : undefined
  })
  const mode = choice.mode
  if (mode !== "auto" && mode !== "required") return undefined
  return names.every((name) => name !== undefined) ? { type: "allowed", mode, names } : undefined
}

export function encodeToolChoice(choice: ToolChoice, tools: readonly Tool[], exchange: Exchange): Json | undefined {
  switch (choice.type) {
    case "auto":
    case "none":
    case "required":
      return choice.type
    case "tool": {
      if (choosesHosted(choice, tools)) return unsaid(exchange)
      const space = choice.namespace === undefined ? {} : { namespace: choice.namespace }
      return { ...namedTool(choice.name, choice.namespace, tools, exchange), ...space }
    }
    case "allowed":
      return {
        type: "allowed_tools",
        mode: choice.mode,
        tools: choice.names.map((name) => namedTool(name, undefined, tools, exchange)),
      }
    case "foreign":
      if (choice.wire === wireId) return choice.value
      return unsaid(exchange)
    default:
      return choice satisfies never
  }
}

function unsaid({ note }: Exchange): undefined {
  note({ code: "tool-choice-unsupported", path: "toolChoice", effect: "dropped", side: "request" })
}

function namedTool(name: string, namespace: string | undefined, tools: readonly Tool[], exchange: Exchange): JsonObject {
  const free = tools.some((tool) => tool.type === "custom" && tool.name === name && tool.namespace === namespace)
  return { type: free ? "custom" : "function", name: wireName(name, namespace, exchange) }
}
