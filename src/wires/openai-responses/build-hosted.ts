import type { Block, ToolCallBlock, ToolResultBlock } from "../../core/block.ts"
import { isShownId } from "../../core/id.ts"
import { asObject, asString, isJsonText, type Json, type JsonObject, parseJson, stringifyJson } from "../../lib/json.ts"
import { type HostedType, hostedType, itemSeal, sealedRest } from "./hosted.ts"
import { wireId } from "./types.ts"

/** What a result says here; for parts that came from an item of this wire `partOf` gives them as they were. */
export type PartOf = (block: Block, build: () => JsonObject) => Json

/** The item of a call and its result, from the hub alone. */
export function buildHosted(
  call: ToolCallBlock,
  result: ToolResultBlock | undefined,
  type: HostedType,
  head: { readonly id: string; readonly status: JsonObject },
  partOf: PartOf,
): JsonObject {
  const rest = call.seal?.kind === itemSeal ? sealedRest(call.seal) : {}
  const status = result?.failed && type !== "mcp_call" ? { status: "failed" } : head.status
  return { id: head.id, type, ...status, ...rest, ...membersOf(call, result, type, partOf) }
}

/** What a call says, by whatever vendor's tool: the same before a caller is shown it and after they send it back. */
export function saidByCall(call: ToolCallBlock): string {
  const type = hostedType(call)
  return type ? stringifyJson(membersOf(call, undefined, type, (_, build) => build())) : call.input
}

/** Whether an item of the type has a place for a part of its result. */
export function holdsPart(type: HostedType, { type: part, ...block }: Block): boolean {
  const isOwn = part === "foreign" && "wire" in block && block.wire === wireId
  switch (type) {
    case "web_search_call":
      return isOwn || part === "media"
    case "code_interpreter_call":
      return isOwn || part === "text" || part === "media"
    case "file_search_call":
      return part === "data"
    case "mcp_call":
      return part === "text" || part === "data"
    default:
      return type satisfies never
  }
}

function membersOf(call: ToolCallBlock, result: ToolResultBlock | undefined, type: HostedType, partOf: PartOf): JsonObject {
  const input = isJsonText(call.input) ? asObject(parseJson(call.input)) : undefined
  const isPlain = input !== undefined && stringifyJson(input) === call.input
  const content = result?.content.filter((block) => holdsPart(type, block)) ?? []
  switch (type) {
    case "web_search_call": {
      if (!isPlain) return { arguments: call.input }
      const sources = content.map((block) => partOf(block, () => buildSource(block)))
      return { action: { ...(isShownId(call.id) ? actionOf(input) : input), ...(sources.length > 0 ? { sources } : {}) } }
    }
    case "code_interpreter_call": {
      const code = isPlain && Object.keys(input).length === 1 ? (asString(input.code) ?? asString(input.command)) : undefined
      const outputs = content.map((block) => partOf(block, () => buildOutput(block)))
      return { ...(code === undefined ? { arguments: call.input } : { code }), outputs: outputs.length > 0 ? outputs : null }
    }
    case "file_search_call":
      return { queries: input?.queries ?? [call.input], results: dataOf(content) }
    case "mcp_call": {
      const text = result && textOf(content)
      const answer = result?.failed ? { output: null, error: text ?? null } : { output: text ?? null, error: null }
      return { arguments: call.input, name: call.name, server_label: call.namespace ?? "", ...answer }
    }
    default:
      return type satisfies never
  }
}

function dataOf(content: readonly Block[]): Json {
  const [only] = content
  return only?.type === "data" && isJsonText(only.json) ? parseJson(only.json) : null
}

const textOf = (content: readonly Block[]): string =>
  content.map((block) => (block.type === "text" ? block.text : block.type === "data" ? block.json : "")).join("")

/** Other vendors have one tool that searches and one that opens a page, and say no more than what. */
function actionOf(input: JsonObject): JsonObject {
  if (input.type !== undefined) return input
  const query = asString(input.query)
  if (query !== undefined) return { type: "search", ...input, queries: [query] }
  return asString(input.url) === undefined ? input : { type: "open_page", ...input }
}

function buildSource(block: Block): JsonObject {
  const url = block.type === "media" && block.source.type === "url" ? block.source.url : ""
  return block.type === "foreign" ? (asObject(block.value) ?? {}) : { type: "url", url }
}

function buildOutput(block: Block): JsonObject {
  if (block.type === "foreign") return asObject(block.value) ?? {}
  if (block.type === "media" && block.source.type === "url") return { type: "image", url: block.source.url }
  return { type: "logs", logs: textOf([block]) }
}
