import { type Block, isCall, isResult } from "./block.ts"
import type { Exchange } from "./exchange.ts"
import { deriveId } from "./id.ts"
import type { Message } from "./message.ts"
import type { Note } from "./notice.ts"
import type { Request } from "./request.ts"

const known = new WeakMap<Request, ReadonlySet<string>>()

/** The ids of the calls that a caller's conversation has so far. */
function callsOf(request: Request): ReadonlySet<string> {
  const before = known.get(request)
  if (before) return before
  const ids = new Set<string>()
  for (const { blocks } of request.messages) for (const block of blocks) if (isCall(block)) ids.add(block.id)
  known.set(request, ids)
  return ids
}

/**
 * The id under which a caller is given a call. Some servers begin to count anew with each answer, and a caller of another format pairs calls and
 * results by ids alone: one that the conversation has already, or that `isGiven` says was given in this answer, becomes another.
 */
export function answerCallId(id: string, exchange: Exchange, isGiven?: ReadonlySet<string>): string {
  const { request, seed, client, target, note } = exchange
  if (client === target.wire || !(isGiven?.has(id) || callsOf(request).has(id))) return id
  note({ code: "tool-id-adapted", path: "candidates[*].messages[*].blocks[*].id", effect: "adapted", side: "response" })
  return deriveId("call", seed, "again", id, isGiven?.size ?? 0)
}

/**
 * Calls of a history that bear the id of an earlier one get one of their own, and so do their results: the first result goes to the first call of
 * the turn before it.
 */
export function withOwnCallIds(messages: readonly Message[], note: Note): readonly Message[] {
  if (!repeatsId(messages)) return messages
  note({ code: "tool-id-adapted", path: "messages[*].blocks[*].id", effect: "adapted", side: "request" })
  const calls = new Map<string, Calls>()
  let turn = 0
  return messages.map((message, index) => {
    if (message.role === "assistant" && messages[index - 1]?.role !== "assistant") turn += 1
    if (!message.blocks.some(isPaired)) return message
    return { ...message, blocks: message.blocks.map((block) => withOwnId(block, turn, calls)) }
  })
}

/** What became of one id: the ids of its calls in order, how many of them have a result or are past, and the turn of the last. */
interface Calls {
  readonly ids: string[]
  answered: number
  turn: number
}

function withOwnId(block: Block, turn: number, calls: Map<string, Calls>): Block {
  if (isCall(block)) {
    const same = calls.get(block.id)
    if (!same) calls.set(block.id, { ids: [block.id], answered: 0, turn })
    if (!same) return block
    if (same.turn !== turn) same.answered = same.ids.length
    same.turn = turn
    const id = deriveId("call", "again", block.id, same.ids.length)
    same.ids.push(id)
    return { ...block, id }
  }
  const same = isResult(block) ? calls.get(block.id) : undefined
  if (!same || !isResult(block)) return block
  const id = same.ids[Math.min(same.answered, same.ids.length - 1)]
  same.answered += 1
  return id === undefined || id === block.id ? block : { ...block, id }
}

function repeatsId(messages: readonly Message[]): boolean {
  const ids = new Set<string>()
  for (const { blocks } of messages)
    for (const block of blocks) {
      if (!isCall(block)) continue
      if (ids.has(block.id)) return true
      ids.add(block.id)
    }
  return false
}

const isPaired = (block: Block): boolean => isCall(block) || isResult(block)
