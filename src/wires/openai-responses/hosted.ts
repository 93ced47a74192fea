import type { Block, Seal, ToolCallBlock } from "../../core/block.ts"
import type { Exchange } from "../../core/exchange.ts"
import { isShownId, shownId } from "../../core/id.ts"
import { asObject, asString, isJsonText, type JsonObject, parseJson } from "../../lib/json.ts"
import { wireId } from "./types.ts"

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

/** Tools of other vendors that do what one of these does. */
const alike: Readonly<Record<string, HostedType>> = {
  web_fetch: "web_search_call",
  bash_code_execution: "code_interpreter_call",
  text_editor_code_execution: "code_interpreter_call",
}

function typeOfName(name: string | undefined): HostedType | undefined {
  if (name === undefined) return undefined
  const found = Object.entries(hostedNames).find(([, one]) => one === name)
  return found ? (found[0] as HostedType) : Object.hasOwn(alike, name) ? alike[name] : undefined
}

const prefixes = { web_search_call: "ws_", code_interpreter_call: "ci_", file_search_call: "fs_", mcp_call: "mcp_" } as const

/** What another vendor's tool did has an id for the caller's eyes alone: a caller may send it to this vendor, who would refuse it. */
export function asShown(block: Block, { target }: Exchange): Block {
  if ((block.type !== "tool-call" && block.type !== "tool-result") || block.by !== "provider") return block
  if (target.wire === wireId || isShownId(block.id)) return block
  const type = block.type === "tool-call" ? hostedType(block) : typeOfName(block.name)
  return type ? { ...block, id: shownId(prefixes[type], block.id) } : block
}

/** Names such an item's own keys among those of a seal. */
export const itemSeal = "item"

/** The item type that a call of a tool of the vendor's has here; undefined for tools that this wire does not know. */
export function hostedType({ by, name, namespace, seal }: ToolCallBlock): HostedType | undefined {
  if (by !== "provider") return undefined
  const sealed = seal?.kind === itemSeal ? asString(sealedRest(seal).type) : undefined
  if (sealed !== undefined && Object.hasOwn(hostedNames, sealed)) return sealed as HostedType
  if (namespace !== undefined) return "mcp_call"
  const type = typeOfName(name)
  return type === "mcp_call" ? undefined : type
}

/** The keys of an item that its call and its result do not say. */
export function sealedRest(seal: Seal): JsonObject {
  return isJsonText(seal.data) ? (asObject(parseJson(seal.data)) ?? {}) : {}
}
