import type { Block, ReasoningBlock, TextBlock } from "../../core/block.ts"
import { overlay, project } from "../../core/lens.ts"
import { changedFields, originOf } from "../../core/node.ts"
import { asObject, type Json, type JsonObject } from "../../lib/json.ts"
import { cacheKeys } from "./cache.ts"
import { encodeMediaPart, fragmentOf, isMediaType, mediaKeys } from "./media.ts"
import { wireId } from "./types.ts"
import { isHere, noteRest, type Writer } from "./writer.ts"

const cacheNames = ["cache_control", "prompt_cache_breakpoint"]
const textTable = { text: ["text"], cache: cacheNames }
const refusalTable = { text: ["refusal"] }
const thinkingTable = { parts: ["thinking", "signature"] }

/** A content part; nothing, with a notice, for a block that no part can hold. */
export function encodePart(block: Block, writer: Writer): Json | undefined {
  switch (block.type) {
    case "text":
      noteTextFields(block, writer)
      return project(block, writer, textTable, (node) => ({ type: "text", text: node.text, ...cacheKeys(node, writer) }))
    case "refusal":
      return project(block, writer, refusalTable, ({ text }) => ({ type: "refusal", refusal: text }))
    case "reasoning":
      return project(block, writer, thinkingTable, thinkingPart)
    case "media":
      return encodeMedia(block, writer)
    case "data":
      noteRest(block, writer)
      writer.note({ code: "block-adapted", path: writer.path, effect: "adapted", side: writer.side })
      return { type: "text", text: block.json, ...cacheKeys(block, writer) }
    case "compaction":
      return encodeCompaction(block, writer)
    case "foreign": {
      const piece = block.wire === wireId ? fragmentOf(block.value, "content") : undefined
      return piece ?? dropped(block, writer)
    }
    case "tool-call":
    case "tool-result":
    case "pin":
      return dropped(block, writer)
    default:
      return block satisfies never
  }
}

export function encodeParts(blocks: readonly Block[], writer: Writer): readonly Json[] {
  const parts: Json[] = []
  for (const block of blocks) {
    const part = encodePart(block, writer)
    if (part !== undefined) parts.push(part)
  }
  return parts
}

/** Says that a block has no place here. */
export function dropped(block: Block, writer: Writer): undefined {
  noteRest(block, writer)
  writer.note({ code: "block-unsupported", path: writer.path, effect: "dropped", side: writer.side })
  return undefined
}

const thinkingPart = (block: ReasoningBlock): JsonObject => ({
  type: "thinking",
  thinking: block.parts.map(({ text }) => ({ type: "text", text })),
})

function encodeCompaction(block: Extract<Block, { type: "compaction" }>, writer: Writer): Json | undefined {
  if (block.text === undefined || writer.place === "response") return dropped(block, writer)
  noteRest(block, writer)
  writer.note({ code: "block-adapted", path: writer.path, effect: "adapted", side: writer.side })
  return { type: "text", text: block.text, ...cacheKeys(block, writer) }
}

/** What a text block says that no part of this wire holds. */
export function noteTextFields(block: TextBlock, { note, path, side, place }: Writer): void {
  if (block.phase !== undefined) note({ code: "field-unsupported", path: `${path}.phase`, effect: "dropped", side })
  if (block.guard) note({ code: "field-unsupported", path: `${path}.guard`, effect: "dropped", side })
  if (block.logprobs && place === "request")
    note({ code: "logprobs-unsupported", path: `${path}.logprobs`, effect: "dropped", side })
}

function encodeMedia(block: Extract<Block, { type: "media" }>, writer: Writer): Json | undefined {
  const source = isHere(block, writer) ? asObject(originOf(block)?.json) : undefined
  const changed = changedFields(block)
  if (source && changed?.size === 0) return originOf(block)?.json
  if (!source) noteRest(block, writer)
  const built = encodeMediaPart(block, writer.exchange, writer.side, writer.path)
  if (!built) return undefined
  const whole = { ...built, ...cacheKeys(block, writer) }
  return source && changed ? laidOverMedia(source, whole, changed) : whole
}

/** Unmodelled keys stay, on the part and inside its value, unless it became a part of another type. */
function laidOverMedia(source: JsonObject, built: JsonObject, changed: ReadonlySet<string>): JsonObject {
  const type = built.type
  const was = typeof type === "string" && source.type === type && isMediaType(type) ? asObject(source[type]) : undefined
  const now = typeof type === "string" ? asObject(built[type]) : undefined
  if (!was || !now || typeof type !== "string" || !isMediaType(type)) return built
  const inner = overlay(was, now, new Set(["all"]), { all: [...mediaKeys[type]] })
  const names = changed.has("cache") ? [type, ...cacheNames] : [type]
  return overlay(source, { ...built, [type]: inner }, new Set(["all"]), { all: names })
}

/** A request's `content`: one plain text as a string, anything more as parts. */
export function contentOfRequest(blocks: readonly Block[], writer: Writer, isCacheKept = false): Json {
  const only = blocks[0]
  if (only?.type === "text" && blocks.length === 1 && isPlain(only, isCacheKept)) {
    noteRest(only, writer)
    noteTextFields(only, writer)
    return only.text
  }
  return encodeParts(blocks, writer)
}

function isPlain(block: TextBlock, isCacheKept: boolean): boolean {
  const from = originOf(block)
  return block.text !== "" && (!block.cache || isCacheKept) && !(from?.wire === wireId && from.json !== undefined)
}

/** An answer's `content`: its text as one string, or null; parts only where some of it came as a part. */
export function contentOfResponse(blocks: readonly Block[], writer: Writer): Json {
  for (const block of blocks) if (block.type === "foreign" || isHere(block, writer)) return encodeParts(blocks, writer)
  let count = 0
  let whole = ""
  for (const block of blocks) {
    const text = textOf(block, writer)
    if (text === undefined) continue
    count += 1
    whole += text
  }
  if (count > 1) writer.note({ code: "block-adapted", path: writer.path, effect: "adapted", side: writer.side })
  return count === 0 ? null : whole
}

/** The text that a block adds to an answer's one string. */
export function textOf(block: Block, writer: Writer): string | undefined {
  if (block.type === "text") {
    noteRest(block, writer)
    noteTextFields(block, writer)
    return block.text
  }
  const part = asObject(encodePart(block, writer))
  return part && typeof part.text === "string" ? part.text : undefined
}
