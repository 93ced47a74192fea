import type { Block } from "../../core/block.ts"
import type { Message } from "../../core/message.ts"
import { changedFields, mappedNodes, type Node, originOf, sameNodes } from "../../core/node.ts"

/** The decoded list where the given one holds the same nodes, copies included: copying a child is no edit of its parent. */
export function settledList<N extends Node>(parent: Node, key: string, list: readonly N[]): readonly N[] {
  const was = (originOf(parent)?.view as Readonly<Record<string, unknown>> | undefined)?.[key]
  return was === list || (Array.isArray(was) && sameNodes(list, was as N[])) ? (was as readonly N[]) : list
}

/** The copy without some fields; a ride-along stays. */
function without<T extends object>(value: T, names: readonly (keyof T)[]): T {
  const copy = { ...value }
  for (const name of names) delete copy[name]
  return copy
}

/** The block without what an edit of its text voids, unless that was set anew: its seal, citations and log probabilities. */
export function settledBlock(block: Block): Block {
  if (block.type === "text" && block.citations) {
    const citations = settledList(block, "citations", block.citations)
    if (citations !== block.citations) return settledBlock({ ...block, citations })
  }
  if (block.type === "tool-result") {
    const content = settledList(block, "content", block.content.map(settledBlock))
    return content === block.content ? block : { ...block, content }
  }
  const changed = changedFields(block)
  return changed && changed.size > 0 ? withoutStale(block, changed) : block
}

function withoutStale(block: Block, changed: ReadonlySet<string>): Block {
  const isStale = block.seal !== undefined && !changed.has("seal")
  switch (block.type) {
    case "text":
      if (!changed.has("text")) return block
      return without(
        block,
        (["seal", "citations", "logprobs"] as const).filter((name) => block[name] !== undefined && !changed.has(name)),
      )
    case "reasoning":
      return changed.has("parts") && isStale ? without(block, ["seal"]) : block
    case "tool-call":
      return (changed.has("input") || changed.has("name")) && isStale ? without(block, ["seal"]) : block
    default:
      return block
  }
}

export function settledMessage(message: Message): Message {
  const blocks = settledList(message, "blocks", mappedNodes(message.blocks, settledBlock))
  return blocks === message.blocks ? message : { ...message, blocks }
}
