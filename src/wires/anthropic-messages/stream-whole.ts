import type { Block } from "../../core/block.ts"
import { draftOf } from "../../core/block-draft.ts"
import type { Frame } from "../../core/event.ts"
import { asObject, asString, type JsonObject } from "../../lib/json.ts"
import { encodeBlock } from "./encode-blocks.ts"
import { type Content, type Slot, type Slots, slotOf } from "./stream-writer.ts"
import type { EncodeContext } from "./types.ts"

/** Blocks that the format sends in one piece wait for their end. */
export function wholeContent(block: Block, ordinal: number, slots: Slots, context: EncodeContext): Content {
  const slot = slotOf(slots)
  const draft = draftOf(block)
  return {
    slot,
    start: () => [],
    delta(delta) {
      draft.append(delta)
      return []
    },
    set(patch) {
      draft.set(patch)
      return []
    },
    end() {
      if (slot.index() !== undefined) return [slot.stop()]
      return encodeBlock(draft.value(), ordinal, context).flatMap((json) => {
        const object = asObject(json)
        return object?.type === "compaction" ? compacted(object, slot) : [...slot.open(json), slot.stop()]
      })
    },
  }
}

/** The vendor says a summary in one delta. */
function compacted(json: JsonObject, slot: Slot): readonly Frame[] {
  const { content, encrypted_content: encrypted } = json
  const delta = {
    type: "compaction_delta",
    content: asString(content) ?? null,
    ...(encrypted ? { encrypted_content: encrypted } : {}),
  }
  const { encrypted_content: _, ...start } = json
  return [...slot.open({ ...start, content: null }), slot.say(delta), slot.stop()]
}
