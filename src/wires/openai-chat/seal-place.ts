import type { Block } from "../../core/block.ts"
import { attach, originOf } from "../../core/node.ts"
import { type Envelope, sealedHash } from "../../core/seal.ts"
import { isJsonText } from "../../lib/json.ts"

/** What a seal was made over, told apart by kind of block, since all seals of a message travel in one list. */
export function sealedText(block: Block): string | undefined {
  switch (block.type) {
    case "reasoning":
      return block.parts.map((part) => part.text).join("")
    case "text":
      return `\u0001${block.text}`
    case "tool-call":
      return `\u0002${isJsonText(block.input) ? JSON.stringify(JSON.parse(block.input)) : block.input}`
    case "media":
      return `\u0003${block.kind}`
    default:
      return undefined
  }
}

/** Counts the blocks of a turn as this wire gives them back: all text of a message is one block. */
export function ordinals(): (block: Block) => number {
  let next = 0
  let text: number | undefined
  return (block) => {
    if (block.type !== "text") return next++
    text ??= next++
    return text
  }
}

/** An envelope that stands apart from what it seals. */
export interface LooseSeal {
  readonly envelope: Envelope
  /** The tool call it names. */
  readonly id?: string
}

const emptyText = sealedHash("\u0001")

/** Puts each seal back on the text or call that it was made over; those that nothing fits any more are left over. */
export function restoreSeals(blocks: readonly Block[], loose: readonly LooseSeal[]): { blocks: readonly Block[]; stale: number } {
  const result = [...blocks]
  const inserted: { block: Block; at: number }[] = []
  let stale = 0
  for (const { envelope, id } of loose) {
    const index = result.findIndex((block) => !block.seal && seals(envelope, block) && (id === undefined || named(block, id)))
    const found = result[index]
    if (found) result[index] = resealed({ ...found, seal: envelope.seal })
    else if (envelope.over === emptyText)
      inserted.push({ block: { type: "text", text: "", seal: envelope.seal }, at: envelope.at })
    else stale += 1
  }
  for (const { block, at } of inserted) result.splice(at, 0, block)
  return { blocks: result, stale }
}

/** The seal is part of what was decoded, not an edit. */
function resealed(block: Block): Block {
  const from = originOf(block)
  return from ? attach<Block>(block, from) : block
}

const named = (block: Block, id: string): boolean => block.type !== "tool-call" || block.id === id

function seals(envelope: Envelope, block: Block): boolean {
  if (block.type === "reasoning") return false
  const text = sealedText(block)
  return text !== undefined && sealedHash(text) === envelope.over
}

/** Blocks with an ordinal take their place, the others keep their order around them. */
export function interleave(
  blocks: readonly Block[],
  placed: readonly { readonly block: Block; readonly at: number }[],
): readonly Block[] {
  const result: Block[] = []
  const waiting = placed.toSorted((left, right) => left.at - right.at)
  let next = 0
  for (const block of blocks) {
    for (let first = waiting[next]; first && first.at <= result.length; first = waiting[next]) {
      result.push(first.block)
      next++
    }
    result.push(block)
  }
  return [...result, ...waiting.slice(next).map((one) => one.block)]
}
