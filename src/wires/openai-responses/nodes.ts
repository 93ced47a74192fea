import type { Block } from "../../core/block.ts"
import type { Message } from "../../core/message.ts"
import { lostOrigin, mappedNodes, type Node, originOf, type Place, sameNodes } from "../../core/node.ts"
import type { Note } from "../../core/notice.ts"
import { sealedText } from "./seals.ts"
import { wireId } from "./types.ts"

/** The decoded list where the given one holds the same nodes, copies included; so that copying a child is no edit of its parent. */
function settleList<N extends Node>(parent: Node, key: string, list: readonly N[]): readonly N[] {
  const view = originOf(parent)?.view as Readonly<Record<string, unknown>> | undefined
  const was = view?.[key]
  return was === list || (Array.isArray(was) && sameNodes(list, was as N[])) ? (was as readonly N[]) : list
}

export function settleBlock(block: Block): Block {
  if (block.type === "text" && block.citations) {
    const citations = settleList(block, "citations", block.citations)
    return citations === block.citations ? block : { ...block, citations }
  }
  if (block.type === "tool-result") {
    const content = settleList(block, "content", block.content.map(settleBlock))
    return content === block.content ? block : { ...block, content }
  }
  return block
}

export function settleMessage(message: Message): Message {
  const blocks = settleList(message, "blocks", mappedNodes(message.blocks, settleBlock))
  return blocks === message.blocks ? message : { ...message, blocks }
}

export const settleNodes = settleList

/** The message without seals over a text that has been edited since. */
export function withoutStaleSeals(message: Message, path: string, side: Place, note: Note): Message {
  if (!message.blocks.some(isStale)) return message
  note({ code: "seal-stale", path: `${path}.blocks[*].seal`, effect: "dropped", side })
  const blocks = message.blocks.map((block): Block => (isStale(block) ? (without(block, "seal") as Block) : block))
  return { ...without(message, "id"), blocks }
}

function isStale(block: Block): boolean {
  const view = block.seal && (originOf(block)?.view as Block | undefined)
  return view !== undefined && view !== block && view.seal === block.seal && sealedText(view) !== sealedText(block)
}

/** The copy without these fields; a ride-along stays. */
export function without<T extends object, K extends string>(value: T, name: K): Omit<T, K> {
  const { [name]: _, ...rest } = value as T & Record<K, unknown>
  return rest as Omit<T, K>
}

/** Raises what a node from elsewhere loses here: its unmodelled keys, or its whole ride-along. */
export function noteForeignRest(node: Node, path: string, side: Place, note: Note): void {
  const from = originOf(node)
  if (!from) {
    if (lostOrigin(node)) note({ code: "origin-lost", path, effect: "dropped", side })
    return
  }
  if (from.wire === wireId) return
  for (const key of from.rest)
    note({ code: "field-unsupported", path: path === "" ? key : `${path}.${key}`, effect: "dropped", side })
}
