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
  if (block.cache) writer.note({ code: "cache-unsupported", path: `${writer.path}.cache`, effect: "dropped", side: writer.side })
  return built
}

function resultContent(block: ToolResultBlock, writer: Writer, source: JsonObject | undefined): Json {
  const inside = within(writer, ".content[*]")
  if (asArray(source?.content)) return block.content.flatMap((part) => encodePart(part, inside) ?? [])
  return block.content.length === 0 ? "" : contentOfRequest(block.content, inside)
}
