import type { Block } from "../../core/block.ts"
import { originOf } from "../../core/node.ts"
import type { Json } from "../../lib/json.ts"
import { type EncodeContext, wireId } from "./types.ts"

/** A block of this wire, of the same or the other place. */
export const isNative = (block: Block): boolean => originOf(block)?.wire === wireId

/** A block with no form here. */
export function dropped(context: EncodeContext): readonly Json[] {
  context.note({ code: "block-unsupported", path: context.path, effect: "dropped", side: context.side })
  return []
}
