import type { Block, ToolResultBlock } from "../../core/block.ts"
import { overlay } from "../../core/lens.ts"
import { changedFields } from "../../core/node.ts"
import { asArray, type Json, type JsonObject } from "../../lib/json.ts"
import { contentOfRequest, encodePart } from "./encode-content.ts"
import { idOnWire } from "./names.ts"
import { members } from "./types.ts"
import { noteRest, type Writer, within } from "./writer.ts"

const resultTable = { id: ["tool_call_id"], name: ["name"], content: ["content"] }

/** True while the message is still the one result that it came as. */
export const isResultMessage = (source: JsonObject, blocks: readonly Block[]): boolean =>
  (source.role === "tool" || source.role === "function") && blocks.length === 1 && blocks[0]?.type === "tool-result"

/** A `tool` message, which says nothing of failure. */
export function encodeResult(blocks: readonly Block[], writer: Writer, source?: JsonObject): Json {
  const [block] = blocks
  if (block?.type !== "tool-result") return source ?? {}
  const changed = source ? changedFields(block) : undefined
  if (source && changed?.size === 0) return source
  const built = members({
    role: "tool",
    tool_call_id: idOnWire(block.id, block, writer.exchange, `${writer.path}.id`),
    name: block.name,
    content: resultContent(block, writer, source),
  })
  if (source && changed) return overlay(source, built, changed, resultTable)
  noteRest(block, writer)
  if (block.failed)
    writer.note({ code: "field-unsupported", path: `${writer.path}.failed`, effect: "dropped", side: writer.side })
  if (block.cache && !isMarked(block, writer))
    writer.note({ code: "cache-unsupported", path: `${writer.path}.cache`, effect: "dropped", side: writer.side })
  return built
}

/** A result has no cache mark of its own: its last part takes it, where the route reads marks at all. */
const isMarked = (block: ToolResultBlock, { exchange }: Writer): boolean =>
  exchange.target.features.has("cache-marks") && block.content.at(-1)?.type === "text"

function marked(block: ToolResultBlock, writer: Writer): readonly Block[] {
  const last = block.content.at(-1)
  if (!block.cache || !last || last.cache || !isMarked(block, writer)) return block.content
  return [...block.content.slice(0, -1), { ...last, cache: block.cache }]
}

function resultContent(block: ToolResultBlock, writer: Writer, source: JsonObject | undefined): Json {
  const inside = within(writer, ".content[*]")
  if (asArray(source?.content)) return block.content.flatMap((part) => encodePart(part, inside) ?? [])
  const content = block.content.length === 0 ? "" : contentOfRequest(marked(block, writer), inside)
  return Array.isArray(content) && content.length === 0 ? "" : content
}
