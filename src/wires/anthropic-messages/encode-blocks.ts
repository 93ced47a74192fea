import type { Block, TextBlock, ToolCallBlock, ToolResultBlock } from "../../core/block.ts"
import { type FieldTable, project } from "../../core/lens.ts"
import { originOf, sameNodes } from "../../core/node.ts"
import { wordsOf } from "../../core/words.ts"
import { asArray, asObject, asString, isJsonText, type Json, type JsonObject, parseJson } from "../../lib/json.ts"
import { encodeCache } from "./cache.ts"
import { encodeCitations } from "./citations.ts"
import { resultSuffix } from "./decode-blocks.ts"
import { encodeCompaction, encodeReasoning } from "./encode-reasoning.ts"
import { asShown, isShown, mcpCall, ranHere, shownResult, vendorsOwn } from "./hosted.ts"
import { mediaMembers, mediaTable, requirePin } from "./media.ts"
import { idOnWire, nameOnWire } from "./names.ts"
import { dropped, isNative } from "./native.ts"
import { carrierOf, liveSeal, sealedText } from "./seals.ts"
import { type EncodeContext, inside, present, wireId } from "./types.ts"

/** Encodes a list; what cannot be said here is dropped with a notice. */
export function encodeBlocks(blocks: readonly Block[], context: EncodeContext): readonly Json[] {
  const encoded: Json[] = []
  for (let index = 0; index < blocks.length; index++)
    for (const json of encodeBlock(blocks[index] as Block, index, context)) encoded.push(json)
  return encoded
}

/** The wire's blocks for one of the hub: none, one, or one with a carrier of its seal before it. */
export function encodeBlock(given: Block, at: number, context: EncodeContext): readonly Json[] {
  const block = asShown(given, context)
  const sentBack = vendorsOwn(block, context)
  if (sentBack) return sentBack
  const encoded = encodeOne(block, at, context)
  if (block.type === "tool-call" && encoded.length === 0) return encoded
  if (!block.seal || block.type === "reasoning" || block.type === "compaction") return encoded
  return [...carrier(block, at, context), ...encoded]
}

/** Text and calls have no field for a seal: towards a client it travels in a redacted block, to the vendor it is not for. */
function carrier(block: Block, at: number, context: EncodeContext): readonly Json[] {
  const seal = liveSeal(block)
  const text = sealedText(block)
  if (context.side === "response" && seal && text !== undefined) return [carrierOf(seal, at, text)]
  context.note({ code: "seal-foreign", path: `${context.path}.seal`, effect: "dropped", side: context.side })
  return []
}

function encodeOne(block: Block, at: number, context: EncodeContext): readonly Json[] {
  switch (block.type) {
    case "text":
      return encodeText(block, context)
    case "reasoning":
      return encodeReasoning(block, at, context)
    case "media":
      return encodeMedia(block, context)
    case "data":
      return asText(block, block.json, context)
    case "refusal":
      return asText(block, block.text, context)
    case "tool-call":
      return block.by === "provider" ? encodeProviderCall(block, context) : [encodeCall(block, context)]
    case "tool-result":
      return block.by === "provider" ? encodeProviderResult(block, context) : [encodeResult(block, context)]
    case "compaction":
      return encodeCompaction(block, context)
    case "pin":
      return encodePin(block, context)
    case "foreign":
      if (block.wire !== wireId) return dropped(context)
      return [project(block, context, {}, () => asObject(block.value) ?? {})]
    default:
      return block satisfies never
  }
}

/** A text in place of a block that has no form here. */
function asText(block: Block, text: string, context: EncodeContext): readonly Json[] {
  if (!isNative(block) || block.type === "refusal")
    context.note({ code: "block-adapted", path: context.path, effect: "adapted", side: context.side })
  if (text === "") return []
  return [project(block, context, {}, (node) => present({ type: "text", text, cache_control: encodeCache(node.cache, context) }))]
}

const textTable: FieldTable = { text: ["text"], citations: ["citations"], cache: ["cache_control"] }

/** Empty texts are refused by the vendor. One that a caller of this wire wrote is left as it is. */
function encodeText(block: Extract<Block, { type: "text" }>, context: EncodeContext): readonly Json[] {
  noteTextLosses(block, context)
  if (block.text === "" && !isNative(block)) return []
  return [withTrueCitations(project(block, context, textTable, buildText), block, context)]
}

function buildText({ text, citations, cache }: TextBlock, context: EncodeContext): JsonObject {
  const built: Record<string, Json> = { type: "text", text }
  const cited = citations && encodeCitations(citations, context)
  const mark = encodeCache(cache, context)
  if (cited) built.citations = cited
  if (mark) built.cache_control = mark
  return built
}

/** An untouched text is its source value, whose citations may hold seals that are not for this reader. */
function withTrueCitations(encoded: Json, block: Extract<Block, { type: "text" }>, context: EncodeContext): Json {
  const object = block.citations && isNative(block) ? asObject(encoded) : undefined
  if (!object || !block.citations) return encoded
  const citations = encodeCitations(block.citations, context) ?? null
  const was = asArray(object.citations)
  return was && citations && was.length === citations.length && citations.every((one, index) => one === was[index])
    ? encoded
    : { ...object, citations }
}

export function noteTextLosses(block: Extract<Block, { type: "text" }>, context: EncodeContext): void {
  const { note, path, side } = context
  if (block.phase !== undefined) note({ code: "field-unsupported", path: `${path}.phase`, effect: "dropped", side })
  if (block.guard) note({ code: "field-unsupported", path: `${path}.guard`, effect: "dropped", side })
  if (block.logprobs && block.logprobs.length > 0)
    note({ code: "logprobs-unsupported", path: `${path}.logprobs`, effect: "dropped", side })
}

function encodeMedia(block: Extract<Block, { type: "media" }>, context: EncodeContext): readonly Json[] {
  if (context.side === "response" && !isNative(block)) {
    context.note({ code: "media-unsupported", path: context.path, effect: "dropped", side: "response" })
    return []
  }
  const members = mediaMembers(block, context)
  if (!members) return []
  return [
    project(block, context, mediaTable(block), (node) =>
      present({ ...members, cache_control: encodeCache(node.cache, context) }),
    ),
  ]
}

const callTable: FieldTable = {
  id: ["id"],
  name: ["name"],
  namespace: ["name", "server_name"],
  input: ["input"],
  form: ["input"],
  cache: ["cache_control"],
}

function encodeCall(block: ToolCallBlock, context: EncodeContext): Json {
  if (block.form === "text") context.note({ code: "emulated", path: context.path, effect: "adapted", side: context.side })
  const name = context.side === "request" ? nameOnWire(block, context) : clientName(block, context)
  const id = context.side === "request" ? idOnWire(block.id, context) : block.id
  const encoded = project(block, context, callTable, (node) =>
    present({ type: "tool_use", id, name, input: callInput(node, context), cache_control: encodeCache(node.cache, context) }),
  )
  const object = asObject(encoded)
  return !object || (object.id === id && object.name === name) ? encoded : { ...object, id, name }
}

/** Clients of this format know no namespaces. */
export function clientName(block: ToolCallBlock, context: EncodeContext): string {
  if (block.namespace === undefined) return block.name
  context.note({ code: "tool-name-adapted", path: context.path, effect: "adapted", side: "response" })
  return `${block.namespace}__${block.name}`
}

/** The input as the object that the format wants; a text, or what is no object, goes into its member `input`. */
function callInput(block: ToolCallBlock, context: EncodeContext): Json {
  if (block.form === "text") return { input: block.input }
  if (block.input.trim() === "") return {}
  if (!isJsonText(block.input)) return wrapped(block.input, context)
  const value = parseJson(block.input)
  return asObject(value) ? value : wrapped(value, context)
}

function wrapped(input: Json, context: EncodeContext): JsonObject {
  context.note({ code: "block-adapted", path: `${context.path}.input`, effect: "adapted", side: context.side })
  return { input }
}

/** Calls that this vendor ran; those of another's tools would be refused. A caller is shown each one that its format has a form for. */
function encodeProviderCall(block: ToolCallBlock, context: EncodeContext): readonly Json[] {
  if (!isShown(block, context)) return dropped(context)
  return [
    project(block, context, callTable, (node) =>
      present({
        type: node.id.startsWith(mcpCall) || node.namespace !== undefined ? "mcp_tool_use" : "server_tool_use",
        id: node.id,
        name: node.name,
        input: callInput(node, context),
        server_name: node.namespace,
        cache_control: encodeCache(node.cache, context),
      }),
    ),
  ]
}

const resultTable: FieldTable = { id: ["tool_use_id"], content: ["content"], failed: ["is_error"], cache: ["cache_control"] }

function encodeResult(block: ToolResultBlock, context: EncodeContext): Json {
  const { path, side } = context
  if (block.form === "text") context.note({ code: "emulated", path, effect: "adapted", side })
  if (block.name !== undefined) context.note({ code: "field-unsupported", path: `${path}.name`, effect: "dropped", side })
  const id = idOnWire(block.id, context)
  const encoded = encodeBlocks(block.content, inside(context, `${path}.content[*]`))
  const result = project(block, context, resultTable, (node) =>
    present({
      type: "tool_result",
      tool_use_id: id,
      content: contentOf(encoded, asObject(originOf(node)?.json)?.content),
      is_error: node.failed,
      cache_control: encodeCache(node.cache, context),
    }),
  )
  return withId(result, id)
}

function withId(result: Json, id: string): Json {
  const object = asObject(result)
  return !object || object.tool_use_id === id ? result : { ...object, tool_use_id: id }
}

/** A string where it was one or says it all, else the list; absent where nothing was said and nothing is. */
export function contentOf(encoded: readonly Json[], source: Json | undefined): Json | undefined {
  const [only] = encoded
  const text = encoded.length === 1 ? plainText(only) : undefined
  if (text !== undefined && (typeof source === "string" || source === undefined)) return text
  if (encoded.length === 0 && (source === undefined || source === null || source === "")) return source
  const was = asArray(source)
  return was && was.length === encoded.length && was.every((one, index) => one === encoded[index]) ? was : encoded
}

/** The text of a block that has nothing else. */
function plainText(json: Json | undefined): string | undefined {
  const object = asObject(json)
  if (object?.type !== "text") return undefined
  return Object.keys(object).length === 2 ? asString(object.text) : undefined
}

/** What a tool of the vendor's own answered; of another vendor's, its text is kept. */
function encodeProviderResult(block: ToolResultBlock, context: EncodeContext): readonly Json[] {
  if (!ranHere(block, context)) return context.side === "response" ? shownResult(block, context) : resultTexts(block, context)
  return [
    project(block, context, resultTable, (node) =>
      present({
        type: `${node.name ?? "web_search"}${resultSuffix}`,
        tool_use_id: node.id,
        content: providerContent(node, context),
        is_error: node.name === "mcp" ? node.failed : undefined,
        cache_control: encodeCache(node.cache, context),
      }),
    ),
  ]
}

function providerContent(block: ToolResultBlock, context: EncodeContext): Json | undefined {
  const source = asObject(originOf(block)?.json)?.content
  const was = originOf(block)?.view as ToolResultBlock | undefined
  if (was && sameNodes(block.content, was.content)) return source
  const [only] = block.content
  if (block.content.length === 1 && only?.type === "data") return isJsonText(only.json) ? parseJson(only.json) : only.json
  return contentOf(encodeBlocks(block.content, inside(context, `${context.path}.content[*]`)), source)
}

function resultTexts(block: ToolResultBlock, context: EncodeContext): readonly Json[] {
  context.note({ code: "block-adapted", path: context.path, effect: "adapted", side: context.side })
  return block.content.flatMap((inner) => {
    const text = wordsOf(inner)
    if (text === undefined) return dropped(inside(context, `${context.path}.content[*]`))
    return text === "" ? [] : [{ type: "text", text }]
  })
}

function encodePin(block: Extract<Block, { type: "pin" }>, context: EncodeContext): readonly Json[] {
  requirePin(block.pin, context)
  if (block.pin.kind !== "file") return dropped(context)
  return [
    project(block, context, { pin: ["file_id"], cache: ["cache_control"] }, (node) =>
      present({ type: "container_upload", file_id: node.pin.id, cache_control: encodeCache(node.cache, context) }),
    ),
  ]
}
