import { type Block, isResult, type ToolCallBlock } from "../../core/block.ts"
import { fault } from "../../core/error.ts"
import { type FieldTable, overlay } from "../../core/lens.ts"
import type { Message } from "../../core/message.ts"
import { changedFields, nothing, originOf, sameNodes } from "../../core/node.ts"
import { envelopeMark } from "../../core/seal.ts"
import { asArray, asObject, type Json, type JsonObject, stringifyJson } from "../../lib/json.ts"
import { encodeAnnotations } from "./annotations.ts"
import { isLegacyCall } from "./decode-calls.ts"
import { settledMessage } from "./dependents.ts"
import { encodeCall, encodeLegacyCall, isOwnCall } from "./encode-calls.ts"
import { contentOfRequest, contentOfResponse, dropped, encodePart, encodeParts } from "./encode-content.ts"
import { encodeReasoning } from "./encode-reasoning.ts"
import { encodeResult, isResultMessage } from "./encode-result.ts"
import { fragmentOf, pinnedId } from "./media.ts"
import { hasClosedSeal } from "./seal-issuer.ts"
import { ordinals } from "./seal-place.ts"
import { members, wireId } from "./types.ts"
import { isHere, noteRest, type Writer, within } from "./writer.ts"

/** The keys of a message that are made of one group of its blocks. */
const groups = ["reasoning", "content", "annotations", "refusal", "images", "audio", "calls", "legacyCall"] as const
type Group = (typeof groups)[number]

const groupKeys: FieldTable = {
  role: ["role"],
  name: ["name"],
  reasoning: ["reasoning_content", "reasoning", "reasoning_details"],
  content: ["content", "cache_control"],
  annotations: ["annotations"],
  refusal: ["refusal"],
  images: ["images"],
  audio: ["audio"],
  calls: ["tool_calls"],
  legacyCall: ["function_call"],
}

/** Where a block goes; nothing for one that this wire has no place for. */
function groupOf(block: Block, role: Message["role"], source: JsonObject | undefined): Group | undefined {
  const json = originOf(block)?.json
  if (json !== undefined && asArray(source?.content)?.includes(json)) return "content"
  const isAssistant = role === "assistant"
  switch (block.type) {
    case "text":
    case "data":
    case "compaction":
      return "content"
    case "reasoning":
      return "reasoning"
    case "refusal":
      return isAssistant ? "refusal" : "content"
    case "media":
      if (!isAssistant) return "content"
      return block.kind === "image" ? "images" : block.kind === "audio" ? "audio" : "content"
    case "tool-call":
      if (block.by === "provider") return undefined
      return isLegacyCall(block) ? "legacyCall" : "calls"
    case "foreign":
      return block.wire === wireId ? groupOfFragment(block.value) : undefined
    case "tool-result":
    case "pin":
      return undefined
    default:
      return block satisfies never
  }
}

const fragmentGroups: Readonly<Record<string, Group>> = {
  content: "content",
  annotations: "annotations",
  reasoning_details: "reasoning",
  tool_calls: "calls",
  images: "images",
  audio: "audio",
}

const groupOfFragment = (value: Json): Group | undefined => fragmentGroups[Object.keys(asObject(value) ?? {})[0] ?? ""]

/** The blocks of each group that has any. */
type Sorted = Readonly<Partial<Record<Group, readonly Block[]>>>

const ownOf = (sorted: Sorted, group: Group): readonly Block[] => sorted[group] ?? nothing

function sorted(blocks: readonly Block[], role: Message["role"], source: JsonObject | undefined): Sorted {
  const result: Partial<Record<Group, Block[]>> = {}
  let isCited = false
  for (const block of blocks) {
    const group = groupOf(block, role, source)
    if (group) put(result, group, block)
    if (block.seal && group !== "reasoning") put(result, "reasoning", block)
    if (block.type === "text" && block.citations && block.citations.length > 0) isCited = true
  }
  if (isCited) result.annotations = [...blocks.filter(isText), ...(result.annotations ?? [])]
  return result
}

function put(sorted: Partial<Record<Group, Block[]>>, group: Group, block: Block): void {
  const own = sorted[group]
  if (own) own.push(block)
  else sorted[group] = [block]
}

const isText = (block: Block): boolean => block.type === "text"

/** The chat messages that one message of the hub is: its own source, or one for each result of a tool and one for all else. */
export function encodeMessage(message: Message, writer: Writer): readonly Json[] {
  const settled = settledMessage(message)
  const { blocks } = settled
  const source = isHere(settled, writer) ? asObject(originOf(settled)?.json) : undefined
  const blocksAt = within(writer, writer.path === "instructions" ? "[*]" : ".blocks[*]")
  if (source && isResultMessage(source, blocks)) return [encodeResult(blocks, blocksAt, source)]
  const hasResults = blocks.some(isResult)
  if (source && !hasResults) return [laidOver(settled, source, blocksAt)]
  noteRest(settled, writer)
  if (hasResults) return withResults(settled, writer, blocksAt)
  const built = fresh(settled, blocks, blocksAt)
  return isEmpty(built, writer) ? [] : [built]
}

/** Nothing is left of it that has a place here, and vendors refuse a message without a word or a call. */
const isEmpty = (message: JsonObject, { place }: Writer): boolean =>
  place === "request" && message.content === null && Object.keys(message).every((key) => barest.has(key))

const besideNull = ["tool_calls", "function_call", "refusal", "audio"] as const

/** A message of nothing but thinking or images: null stands only beside what else is said. */
const isWordless = (message: JsonObject): boolean =>
  besideNull.every((key) => message[key] === undefined) && Object.keys(message).some((key) => !barest.has(key))

const barest: ReadonlySet<string> = new Set(["role", "content", "name"])

function withResults(message: Message, writer: Writer, blocksAt: Writer): readonly Json[] {
  const results = message.blocks.filter(isResult)
  const others = message.blocks.filter((block) => !isResult(block))
  if (!message.blocks.slice(0, results.length).every(isResult))
    writer.note({ code: "message-order-adapted", path: writer.path, effect: "adapted", side: writer.side })
  const answers = results.map((block) => encodeResult([block], blocksAt))
  const rest = others.length > 0 ? fresh(message, others, blocksAt) : undefined
  return rest && !isEmpty(rest, writer) ? [...answers, rest] : answers
}

/** Whether a message still carries seals in envelopes, which no upstream may see. */
export const holdsEnvelope = ({ reasoning_details, tool_calls }: JsonObject): boolean =>
  [reasoning_details, tool_calls].some((json) => json !== undefined && stringifyJson(json).includes(envelopeMark))

function laidOver(message: Message, source: JsonObject, writer: Writer): Json {
  const changed = changedFields(message) ?? new Set()
  const isEnveloped = holdsEnvelope(source)
  const isResealed = isEnveloped || (writer.place === "request" && hasClosedSeal(message.blocks, writer.exchange))
  if (changed.size === 0 && !isResealed) return source
  const view = originOf(message)?.view as Message
  const now = sorted(message.blocks, message.role, source)
  const was = sorted(view.blocks, view.role, source)
  const touched = groups.filter((group) => !sameNodes(ownOf(now, group), ownOf(was, group)))
  if (isResealed) touched.push("reasoning", "calls")
  noteDropped(
    message.blocks.filter((block) => !view.blocks.includes(block)),
    message.role,
    writer,
    source,
  )
  const built: Record<string, Json> = { role: message.role, ...(message.name === undefined ? {} : { name: message.name }) }
  for (const group of new Set(touched)) Object.assign(built, buildGroup(group, now, message.blocks, writer, source))
  const names = ["role", "name"].filter((name) => changed.has(name))
  const isMarked = source.cache_control !== undefined && typeof source.content === "string"
  const table = isMarked ? { ...groupKeys, content: ["content"] } : groupKeys
  return overlay(source, built, new Set([...touched, ...names]), table)
}

function fresh({ role, name }: Message, blocks: readonly Block[], writer: Writer): JsonObject {
  const now = sorted(blocks, role, undefined)
  noteOrder(blocks, role, writer)
  noteDropped(blocks, role, writer)
  const built: Record<string, Json> = { role }
  if (name !== undefined) built.name = name
  for (const group of groups) {
    if (group === "content") built.content = buildContent(ownOf(now, group), blocks, writer, undefined)
    else if (now[group]) Object.assign(built, buildGroup(group, now, blocks, writer, undefined))
  }
  if (writer.place === "response") built.refusal ??= null
  else if (built.content === null && isWordless(built)) built.content = ""
  return built
}

function buildGroup(
  group: Group,
  now: Sorted,
  all: readonly Block[],
  writer: Writer,
  source: JsonObject | undefined,
): JsonObject {
  const own = ownOf(now, group)
  switch (group) {
    case "reasoning":
      return encodeReasoning(all, own.filter(isThinking), writer, source)
    case "content":
      return { content: buildContent(own, all, writer, source) }
    case "annotations":
      return members({ annotations: buildAnnotations(own, all, writer) })
    case "refusal":
      return members({ refusal: buildRefusal(own, writer) })
    case "images":
      return listed("images", buildImages(own, writer))
    case "audio":
      return members({ audio: encodeAudio(own, writer) })
    case "calls":
      return listed("tool_calls", buildCalls(own, all, writer))
    case "legacyCall": {
      const call = own.find((block): block is ToolCallBlock => block.type === "tool-call")
      return members({ function_call: call && encodeLegacyCall(call, writer) })
    }
    default:
      return group satisfies never
  }
}

const isThinking = (block: Block): boolean => block.type === "reasoning" || block.type === "foreign"

const buildAnnotations = (own: readonly Block[], all: readonly Block[], writer: Writer): readonly Json[] | undefined =>
  encodeAnnotations([...own, ...all.filter((block) => block.type === "foreign" && !own.includes(block))], writer)

function buildRefusal(own: readonly Block[], writer: Writer): string | undefined {
  for (const block of own) noteRest(block, writer)
  return own.map((block) => (block.type === "refusal" ? block.text : "")).join("") || undefined
}

const buildImages = (own: readonly Block[], writer: Writer): readonly Json[] =>
  own.flatMap((block) =>
    block.type === "foreign" ? (fragmentOf(block.value, "images") ?? []) : (encodePart(block, writer) ?? []),
  )

function buildCalls(own: readonly Block[], all: readonly Block[], writer: Writer): readonly Json[] {
  const ordinal = ordinals()
  const places = new Map(all.map((block) => [block, ordinal(block)]))
  return own.filter(isOwnCall).flatMap((block) => encodeCall(block, places.get(block) ?? 0, writer) ?? [])
}

const listed = (key: string, list: readonly Json[]): JsonObject => (list.length > 0 ? { [key]: list } : {})

function buildContent(own: readonly Block[], all: readonly Block[], writer: Writer, source: JsonObject | undefined): Json {
  const isParts = asArray(source?.content) !== undefined
  if (writer.place === "response") {
    const content = contentOfResponse(own, writer)
    return content ?? (source?.content === "" ? "" : null)
  }
  if (own.length > 0) {
    if (isParts) return encodeParts(own, writer)
    const content = contentOfRequest(own, writer, source?.cache_control !== undefined)
    return Array.isArray(content) && content.length === 0 ? null : content
  }
  if (isParts) return []
  return all.length > 0 && source?.content !== "" ? null : ""
}

/** An answer's audio; in a history only its id is taken, else its transcript has to do. */
function encodeAudio(blocks: readonly Block[], writer: Writer): Json | undefined {
  const [block] = blocks
  if (blocks.length > 1) writer.note({ code: "media-unsupported", path: writer.path, effect: "dropped", side: writer.side })
  if (block?.type === "foreign") return fragmentOf(block.value, "audio")
  if (block?.type !== "media") return undefined
  const from = originOf(block)
  const source = from?.wire === wireId ? asObject(from.json) : undefined
  const { source: held, transcript } = block
  if (writer.place === "request") {
    const id = held.type === "pin" ? pinnedId(held.pin, writer.exchange, writer.path) : source?.id
    if (typeof id === "string") return members({ id, transcript: held.type === "pin" ? transcript : undefined })
  } else if (held.type === "base64") {
    const id = typeof source?.id === "string" ? source.id : `audio_${writer.exchange.seed}`
    return members({ id, data: held.data, expires_at: source?.expires_at ?? 0, transcript })
  }
  noteRest(block, writer)
  writer.note({ code: "media-unsupported", path: writer.path, effect: "dropped", side: writer.side })
  return undefined
}

function noteDropped(blocks: readonly Block[], role: Message["role"], writer: Writer, source?: JsonObject): void {
  for (const block of blocks) {
    if (groupOf(block, role, source)) continue
    if (block.type === "pin") {
      if (writer.place === "request")
        throw fault("unsupported", `the ${block.pin.kind} ${block.pin.id} cannot be sent to this model`, { param: writer.path })
      noteRest(block, writer)
      writer.note({ code: "pin-unsupported", path: writer.path, effect: "dropped", side: writer.side })
    } else dropped(block, writer)
  }
}

const order: readonly Group[] = ["reasoning", "content", "refusal", "images", "audio", "calls", "legacyCall"]

/** This wire has one place for all thinking and one for all text; only seals in envelopes bring their order back. */
function noteOrder(blocks: readonly Block[], role: Message["role"], writer: Writer): void {
  let last = 0
  for (const block of blocks) {
    if (block.type === "reasoning" && block.seal && writer.place === "response") continue
    const group = groupOf(block, role, undefined)
    const rank = group ? order.indexOf(group) : -1
    if (rank < 0) continue
    if (rank < last) {
      writer.note({ code: "interleaving-adapted", path: writer.path, effect: "adapted", side: writer.side })
      return
    }
    last = rank
  }
}
