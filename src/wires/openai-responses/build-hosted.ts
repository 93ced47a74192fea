import type { Block, ToolCallBlock, ToolResultBlock } from "../../core/block.ts"
import { asObject, asString, isJsonText, type Json, type JsonObject, parseJson, stringifyJson } from "../../lib/json.ts"
import { type HostedType, itemSeal, sealedRest } from "./hosted.ts"

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

function membersOf(call: ToolCallBlock, result: ToolResultBlock | undefined, type: HostedType, partOf: PartOf): JsonObject {
  const input = isJsonText(call.input) ? asObject(parseJson(call.input)) : undefined
  const isPlain = input !== undefined && stringifyJson(input) === call.input
  const content = result?.content ?? []
  switch (type) {
    case "web_search_call": {
      if (!isPlain) return { arguments: call.input }
      const sources = content.filter(isSource).map((block) => partOf(block, () => buildSource(block)))
      return { action: { ...input, ...(sources.length > 0 ? { sources } : {}) } }
    }
    case "code_interpreter_call": {
      const code = isPlain && Object.keys(input).length === 1 ? asString(input.code) : undefined
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

/** What another vendor says of a page in its own terms is no source here. */
const isSource = (block: Block): boolean => block.type === "media" || block.type === "foreign"

function buildSource(block: Block): JsonObject {
  const url = block.type === "media" && block.source.type === "url" ? block.source.url : ""
  return block.type === "foreign" ? (asObject(block.value) ?? {}) : { type: "url", url }
}

function buildOutput(block: Block): JsonObject {
  if (block.type === "foreign") return asObject(block.value) ?? {}
  if (block.type === "media" && block.source.type === "url") return { type: "image", url: block.source.url }
  return { type: "logs", logs: textOf([block]) }
}
