import type { Block } from "../../core/block.ts"
import { asShown, isShown } from "./hosted.ts"
import { callContent } from "./stream-call.ts"
import { textContent } from "./stream-text.ts"
import { thinkingContent } from "./stream-thinking.ts"
import { wholeContent } from "./stream-whole.ts"
import { type BlockWriter, type Slots, writer } from "./stream-writer.ts"
import type { EncodeContext } from "./types.ts"

/** The writer for a block of its kind. */
export function writeBlock(given: Block, ordinal: number, slots: Slots, context: EncodeContext): BlockWriter {
  const block = asShown(given, context)
  switch (block.type) {
    case "text":
    case "refusal":
    case "data":
      return writer(textContent(block, ordinal, slots, context))
    case "reasoning":
      return writer(thinkingContent(block, ordinal, slots, context))
    case "tool-call":
      if (block.by !== "provider" || isShown(block, context)) return writer(callContent(block, ordinal, slots, context))
      return writer(wholeContent(block, ordinal, slots, context))
    case "tool-result":
    case "compaction":
    case "media":
    case "pin":
    case "foreign":
      return writer(wholeContent(block, ordinal, slots, context))
    default:
      return block satisfies never
  }
}
