import type { Seal, ToolCallBlock } from "../../core/block.ts"
import type { Frame } from "../../core/event.ts"
import type { JsonObject } from "../../lib/json.ts"
import { clientName } from "./encode-blocks.ts"
import { carrierOf, sealedText } from "./seals.ts"
import { type Content, remainder, type Slots, slotOf, startOf, whole } from "./stream-writer.ts"
import type { EncodeContext } from "./types.ts"

export function callContent(block: ToolCallBlock, ordinal: number, slots: Slots, context: EncodeContext): Content {
  const slot = slotOf(slots)
  const isText = block.form === "text"
  let sent = ""
  let seal: Seal | undefined

  function say(piece: string): readonly Frame[] {
    if (piece === "") return []
    const opening = isText && sent === "" ? '{"input":"' : ""
    sent += piece
    return [slot.say({ type: "input_json_delta", partial_json: isText ? opening + escaped(piece) : piece })]
  }

  function carrier(live: Seal | undefined): readonly Frame[] {
    const over = live && sealedText(block)
    return live && over !== undefined ? whole(slots, carrierOf(live, ordinal, over)) : []
  }

  return {
    slot,
    start() {
      if (isText) context.note({ code: "emulated", path: context.path, effect: "adapted", side: "response" })
      const before = carrier(block.seal)
      return [...before, ...slot.open(startOf(block, callStart(block, context))), ...say(block.input)]
    },
    delta: (delta) => (delta.type === "input" ? say(delta.text) : []),
    set(patch) {
      if (patch.seal) seal = patch.seal
      return patch.input === undefined ? [] : say(remainder(sent, patch.input, context))
    },
    end() {
      const rest = sent === "" ? (isText ? '{"input":""}' : "{}") : isText ? '"}' : ""
      const last = rest === "" ? [] : [slot.say({ type: "input_json_delta", partial_json: rest })]
      return [...last, slot.stop(), ...carrier(seal)]
    },
  }
}

/** A piece of a JSON string, without the quotes. */
const escaped = (text: string): string => JSON.stringify(text).slice(1, -1)

function callStart(block: ToolCallBlock, context: EncodeContext): JsonObject {
  const base = { id: block.id, name: block.name, input: {} }
  if (block.by !== "provider") return { type: "tool_use", ...base, name: clientName(block, context) }
  return block.namespace === undefined
    ? { type: "server_tool_use", ...base }
    : { type: "mcp_tool_use", ...base, server_name: block.namespace }
}
