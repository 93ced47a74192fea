import { type Block, isResult } from "./block.ts"
import type { Message, Role } from "./message.ts"

/** Neighbouring messages of one role, as turn-shaped wires want them. */
export interface Turn {
  readonly role: Role
  readonly messages: readonly Message[]
  readonly blocks: readonly Block[]
}

/** Regroups containers into turns, order kept. Named messages and system ones stay apart. */
export function turns(messages: readonly Message[]): readonly Turn[] {
  const result: { role: Role; messages: Message[] }[] = []
  for (const message of messages) {
    const last = result.at(-1)
    if (last && last.role === message.role && joins(message.role)) last.messages.push(message)
    else result.push({ role: message.role, messages: [message] })
  }
  return result.map((turn) => ({ ...turn, blocks: turn.messages.flatMap((message) => message.blocks) }))
}

const joins = (role: Role): boolean => role === "user" || role === "assistant"

/** Results of the caller's tools first, all else in order: what wires demand that tie results to the calls just before them. */
export function resultsFirst(blocks: readonly Block[]): readonly Block[] {
  let isOther = false
  for (const block of blocks) {
    if (!isResult(block)) isOther = true
    else if (isOther) return [...blocks.filter(isResult), ...blocks.filter((one) => !isResult(one))]
  }
  return blocks
}
