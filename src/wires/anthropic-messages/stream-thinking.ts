import type { ReasoningBlock, Seal } from "../../core/block.ts"
import type { Frame } from "../../core/event.ts"
import { isNative } from "./native.ts"
import { thinkingForClient } from "./seals.ts"
import { type Content, type Slots, slotOf, startOf } from "./stream-writer.ts"
import type { EncodeContext } from "./types.ts"

export function thinkingContent(block: ReasoningBlock, ordinal: number, slots: Slots, context: EncodeContext): Content {
  const slot = slotOf(slots)
  const empty = { type: "thinking", thinking: "", signature: "" }
  let text = ""
  let part = -1
  let seal = block.seal

  function say(index: number, piece: string, summary: boolean): readonly Frame[] {
    if (piece === "" || index > 0 || summary)
      context.note({ code: "block-adapted", path: `${context.path}.parts`, effect: "adapted", side: "response" })
    if (piece === "") return []
    const isNext = part >= 0 && index !== part
    part = index
    const thinking = isNext ? `\n\n${piece}` : piece
    text += thinking
    return [...slot.open(startOf(block, empty)), slot.say({ type: "thinking_delta", thinking })]
  }

  function sealed(live: Seal): readonly Frame[] {
    const json = thinkingForClient(text, live, ordinal)
    const isOpen = slot.index() !== undefined
    if (json.type === "redacted_thinking" && !isOpen) return [...slot.open(json), slot.stop()]
    return [
      ...slot.open(startOf(block, empty)),
      slot.say({ type: "signature_delta", signature: json.signature ?? json.data ?? "" }),
      slot.stop(),
    ]
  }

  return {
    slot,
    start: () => block.parts.flatMap((one, index) => say(index, one.text, one.summary === true)),
    delta: (delta) => (delta.type === "part" ? say(delta.index, delta.text, delta.summary === true) : []),
    heard(delta) {
      if (delta.type === "part") text += delta.text
    },
    set(patch) {
      if (patch.seal) seal = patch.seal
      return []
    },
    end(edited) {
      if (seal && !edited) return sealed(seal)
      if (slot.index() !== undefined) return [slot.stop()]
      if (isNative(block)) return [...slot.open(startOf(block, empty)), slot.stop()]
      context.note({ code: "block-unsupported", path: context.path, effect: "dropped", side: "response" })
      return []
    },
  }
}
