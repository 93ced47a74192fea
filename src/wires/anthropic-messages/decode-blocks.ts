import type { Block, TextBlock, ToolCallBlock, ToolResultBlock } from "../../core/block.ts"
import { answerCallId } from "../../core/call-ids.ts"
import { fault } from "../../core/error.ts"
import { toolKey } from "../../core/exchange.ts"
import { type Draft, nothing } from "../../core/node.ts"
import { sealFrom } from "../../core/seal.ts"
import { asArray, asObject, asString, isJsonText, type Json, type JsonObject, parseJson, stringifyJson } from "../../lib/json.ts"
import { decodeCache, readCache } from "./cache.ts"
import { decodeCitations } from "./citations.ts"
import { readAnswer, readable, withSealedCalls } from "./decode-hosted.ts"
import { filePin, readMedia } from "./media.ts"
import { customMark, nameOfOurs } from "./names.ts"
import { carriedSeal, readRedacted, readThinking, restoreSeal } from "./seals.ts"
import { blockShapes, type Shape } from "./shape.ts"
import { type DecodeContext, ride, wireId } from "./types.ts"

/** Reads a `content`: a string is one text block. `where` names it in the caller's terms, for errors. */
export function decodeContent(json: Json | undefined, context: DecodeContext, where: string): readonly Block[] {
  const text = asString(json)
  if (text !== undefined) return [ride<Block>({ type: "text", text }, context)]
  const list = asArray(json)
  if (!list) {
    if (json === undefined || json === null || context.place === "response") return nothing
    throw fault("invalid-request", `${where}: expected a string or a list of content blocks`, { param: where })
  }
  const blocks = list.some(isRedacted) ? withCarriedSeals(list, context, where) : decodeBlocks(list, context, where)
  return context.sealsHosted ? withSealedCalls(blocks, list, context) : blocks
}

const isRedacted = (json: Json): boolean => asObject(json)?.type === "redacted_thinking"

function decodeBlocks(list: readonly Json[], context: DecodeContext, where: string): readonly Block[] {
  const blocks: Block[] = []
  for (const one of list) blocks.push(decodeBlock(one, context, where, blocks.length))
  return blocks
}

/** Carriers of seals are no blocks: each gives its seal back. */
function withCarriedSeals(list: readonly Json[], context: DecodeContext, where: string): readonly Block[] {
  const carried = list.map(carriedSeal)
  const blocks = list.map((one, index) => (carried[index] ? undefined : decodeBlock(one, context, where, index)))
  for (const [index, envelope] of carried.entries()) if (envelope) restoreSeal(blocks, index, envelope, context)
  const said = blocks.filter((block): block is Block => block !== undefined)
  return context.place === "request" && carried.some((one) => one) ? said.map((block) => withCallSeal(block, said)) : said
}

/** What the vendor's own tool answered is of the vendor that sealed its call. */
function withCallSeal(block: Block, said: readonly Block[]): Block {
  if (block.type !== "tool-result" || block.by !== "provider") return block
  const call = said.find((one) => one.type === "tool-call" && one.by === "provider" && one.id === block.id)
  return call?.seal ? { ...block, seal: call.seal } : block
}

/** One content block. Types that nobody models ride along whole; a known one of the wrong shape is refused in a request. */
export function decodeBlock(json: Json, context: DecodeContext, where: string, index: number): Block {
  const object = asObject(json)
  const type = asString(object?.type)
  const read = object && type !== undefined ? readBlock(object, type, context) : "an object with a `type`"
  if (typeof read === "object") return read
  if (typeof read === "string" && context.place === "request")
    throw fault("invalid-request", `${where}[${index}]: expected ${read}`, { param: `${where}[${index}]` })
  return ride<Block>({ type: "foreign", wire: wireId, value: json }, context, object, "any")
}

/** The block; or what was expected of it; or undefined for a type that nobody models. */
function readBlock(json: JsonObject, type: string, context: DecodeContext): Block | string | undefined {
  switch (type) {
    case "text":
      return readText(json, context)
    case "image":
    case "document":
    case "search_result":
      return readMedia(json, context)
    case "thinking":
      return readThinking(json, context)
    case "redacted_thinking":
      return readRedacted(json, context)
    case "tool_use":
    case "server_tool_use":
    case "mcp_tool_use":
      return readCall(json, type, context)
    case "tool_result":
      return readResult(json, context)
    case "container_upload":
      return readUpload(json, context)
    case "compaction":
      return readCompaction(json, context)
    default:
      return type.endsWith(resultSuffix) ? readProviderResult(json, type, context) : undefined
  }
}

function readText(json: JsonObject, context: DecodeContext): Block | string {
  const text = asString(json.text)
  if (text === undefined) return "`text` to be a string"
  const block: Draft<TextBlock> = { type: "text", text }
  const citations = decodeCitations(json.citations, context)
  const cache = readCache(json)
  if (citations) block.citations = citations
  if (cache) block.cache = cache
  return ride<TextBlock>(block, context, json, blockShapes.text)
}

function readCall(json: JsonObject, type: string, context: DecodeContext): Block | string {
  const theirs = asString(json.name)
  if (theirs === undefined) return "`name` to be a string"
  const input = json.input === undefined || json.input === null ? "{}" : stringifyJson(json.input)
  const theirId = asString(json.id)
  if (type !== "tool_use") return readProviderCall(json, type, { name: theirs, input, id: theirId ?? "" }, context)
  const id = theirId ? callId(theirId, context) : context.missingId(theirs, input)
  const named = callNames(theirs, context)
  const emulated = isEmulated(named, context)
  const call: ToolCallBlock = {
    type: "tool-call",
    id,
    ...named,
    ...(emulated ? { input: freeText(input), form: "text" } : { input }),
    ...decodeCache(json),
  }
  const isSame = id === theirId && named.name === theirs && named.namespace === undefined
  if (emulated) return ride(call, context)
  return ride(call, context, isSame ? json : { ...json, id, name: named.name }, callShape)
}

const callId = (theirs: string, { exchange }: DecodeContext): string =>
  exchange ? answerCallId(exchange.ids.ours(theirs), exchange) : theirs

const callShape: Shape = blockShapes.tool_use

/** What the client calls the tool that was called. */
const callNames = (theirs: string, context: DecodeContext): { readonly name: string; readonly namespace?: string } =>
  context.exchange ? nameOfOurs(theirs, context.exchange) : { name: theirs }

const isEmulated = (named: { readonly name: string; readonly namespace?: string }, context: DecodeContext): boolean =>
  context.exchange?.emulated.has(customMark(toolKey(named.name, named.namespace))) === true

/** The free text in the input of a tool that had to be declared as a function; a cut-off input as far as it goes. */
export function freeText(input: string): string {
  if (!isJsonText(input)) return input
  const text = asString(asObject(parseJson(input))?.input)
  return text ?? input
}

function readProviderCall(
  json: JsonObject,
  type: string,
  said: { name: string; input: string; id: string },
  context: DecodeContext,
): Block {
  const server = type === "mcp_tool_use" ? asString(json.server_name) : undefined
  const namespace = server === undefined ? {} : { namespace: server }
  const call: ToolCallBlock = { type: "tool-call", ...said, ...namespace, by: "provider", ...decodeCache(json) }
  return ride(call, context, json, type === "mcp_tool_use" ? blockShapes.mcp_tool_use : blockShapes.tool_use)
}

function readResult(json: JsonObject, context: DecodeContext): Block | string {
  const id = asString(json.tool_use_id)
  if (id === undefined) return "`tool_use_id` to be a string"
  const result: ToolResultBlock = {
    type: "tool-result",
    id,
    content: decodeContent(json.content, context, "content"),
    ...(json.is_error === true ? { failed: true } : {}),
    ...decodeCache(json),
  }
  return ride(result, context, json, blockShapes.tool_result)
}

/** Ends the type of every block that holds what a tool of the vendor's own answered. */
export const resultSuffix = "_tool_result"

/** What the vendor's own tool answered: content blocks of an MCP server, else a value only the vendor can read in full. */
function readProviderResult(json: JsonObject, type: string, context: DecodeContext): Block | string {
  const id = asString(json.tool_use_id)
  if (id === undefined) return "`tool_use_id` to be a string"
  const isBlocks = type === "mcp_tool_result" && json.content !== undefined
  const content = context.sealsHosted ? readAnswer(json.content, context) : [dataBlock(json.content, context)]
  const result: ToolResultBlock = {
    type: "tool-result",
    id,
    name: type.slice(0, -resultSuffix.length),
    content: isBlocks ? decodeContent(json.content, context, "content") : content,
    by: "provider",
    ...(json.is_error === true || isErrorValue(json.content) ? { failed: true } : {}),
    ...decodeCache(json),
  }
  return ride(result, context, json, blockShapes.tool_result)
}

const dataBlock = (json: Json | undefined, context: DecodeContext): Block =>
  ride<Block>({ type: "data", json: stringifyJson(readable(json ?? null)) }, context)

const isErrorValue = (json: Json | undefined): boolean => asString(asObject(json)?.type)?.endsWith("_error") === true

function readUpload(json: JsonObject, context: DecodeContext): Block | string {
  const id = asString(json.file_id)
  if (id === undefined) return "`file_id` to be a string"
  const block: Block = { type: "pin", pin: filePin(id, context), ...decodeCache(json) }
  return ride(block, context, json, blockShapes.container_upload)
}

function readCompaction(json: JsonObject, context: DecodeContext): Block {
  const text = asString(json.content)
  const { seal } = sealFrom(asString(json.encrypted_content), context.issuer, "encrypted")
  const said: Block = {
    type: "compaction",
    ...(text === undefined ? {} : { text }),
    ...(seal ? { seal } : {}),
    ...decodeCache(json),
  }
  const bare = seal ? { ...json, encrypted_content: seal.data } : json
  return ride(said, context, bare, blockShapes.compaction)
}
