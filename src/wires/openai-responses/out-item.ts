import type { Block } from "../../core/block.ts"
import { type BlockDraft, draftOf } from "../../core/block-draft.ts"
import type { At } from "../../core/event.ts"
import type { Exchange } from "../../core/exchange.ts"
import type { Message } from "../../core/message.ts"
import type { Json } from "../../lib/json.ts"
import { buildItem } from "./build-items.ts"
import { type Plan, plansOf } from "./plans.ts"

/** A block of an item that is being written, and how far its frames have come. */
export interface OutPiece {
  readonly at: At
  readonly type: Block["type"]
  /** Its place in the item's content. */
  readonly content: number
  readonly draft: BlockDraft
  /** The hub says that it has ended. */
  ended: boolean
  /** Its text has been repeated in full, and then the part of which it is. */
  textDone: boolean
  partDone: boolean
  /** How many citations have been sent. */
  cited: number
  /** The reasoning part that is open. */
  part: number | undefined
}

/** An item that is being written. */
export interface OutItem {
  readonly index: number
  id: string
  readonly kind: Plan["kind"]
  readonly message: number
  /** The ordinal in its message, and in its turn, of its first block. */
  readonly first: number
  readonly at: number
  readonly phase: string | undefined
  readonly pieces: OutPiece[]
  /** Its first frame has gone out, and then its last. */
  announced: boolean
  done: boolean
  status: Message["status"]
  /** The name of a call, for its closing frame. */
  name?: string
}

export function outPiece(at: At, block: Block, content: number): OutPiece {
  const state = { ended: false, textDone: false, partDone: false, cited: 0, part: undefined }
  return { at, type: block.type, content, draft: draftOf(block), ...state }
}

export const blocksOf = (item: OutItem): readonly Block[] => item.pieces.map((piece) => piece.draft.value())

/** The whole item as it stands, from the hub's blocks; undefined when this wire has none for them. */
export function itemJson(item: OutItem, exchange: Exchange): Json | undefined {
  const blocks = blocksOf(item)
  const plan = planOf(blocks, item)
  if (plan.kind === "foreign") return plan.value
  const status = item.status === undefined ? {} : { status: item.status }
  const message: Message = { role: "assistant", blocks, ...status }
  const path = "candidates[*].messages[*].blocks[*]"
  return buildItem(plan, { side: "response", exchange, path, message, id: item.id, at: item.at })
}

function planOf(blocks: readonly Block[], item: OutItem): Plan {
  const phase = item.phase === undefined ? {} : { phase: item.phase }
  if (item.kind === "message") return { kind: "message", blocks, first: item.first, ...phase }
  return plansOf(blocks, "assistant")[0] ?? { kind: "message", blocks, first: item.first }
}
