import type { Seal, ToolCallBlock } from "../../core/block.ts"
import { asObject, asString, isJsonText, type JsonObject, parseJson } from "../../lib/json.ts"

/** Items in which the vendor both calls a tool of its own and answers the call, https://platform.openai.com/docs/guides/tools. */
export type HostedType = "web_search_call" | "code_interpreter_call" | "file_search_call" | "mcp_call"

/** What the hub calls the tool; an MCP server's tools keep their names, in the namespace of their server. */
export const hostedNames = {
  web_search_call: "web_search",
  code_interpreter_call: "code_execution",
  file_search_call: "file_search",
  mcp_call: "mcp",
} as const satisfies Readonly<Record<HostedType, string>>

/** Keys that the call's input and its result say; all others are the vendor's own business. */
export const hostedKeys: Readonly<Record<HostedType, readonly string[]>> = {
  web_search_call: ["action", "arguments"],
  code_interpreter_call: ["code", "outputs", "arguments"],
  file_search_call: ["queries", "results"],
  mcp_call: ["arguments", "name", "server_label", "output", "error"],
}

/** Names such an item's own keys among those of a seal. */
export const itemSeal = "item"

/** The item type that a call of a tool of the vendor's has here; undefined for tools that this wire does not know. */
export function hostedType({ by, name, namespace, seal }: ToolCallBlock): HostedType | undefined {
  if (by !== "provider") return undefined
  const sealed = seal?.kind === itemSeal ? asString(sealedRest(seal).type) : undefined
  if (sealed !== undefined && Object.hasOwn(hostedNames, sealed)) return sealed as HostedType
  if (namespace !== undefined) return "mcp_call"
  const found = Object.entries(hostedNames).find(([type, one]) => one === name && type !== "mcp_call")
  return found?.[0] as HostedType | undefined
}

/** The keys of an item that its call and its result do not say. */
export function sealedRest(seal: Seal): JsonObject {
  return isJsonText(seal.data) ? (asObject(parseJson(seal.data)) ?? {}) : {}
}
