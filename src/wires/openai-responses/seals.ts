import type { Block, ReasoningBlock, Seal } from "../../core/block.ts"
import type { Message } from "../../core/message.ts"
import type { Place } from "../../core/node.ts"
import type { Note } from "../../core/notice.ts"
import { type Envelope, openEnvelope, sealedHash } from "../../core/seal.ts"
import { asArray, asString, type JsonObject } from "../../lib/json.ts"
import { saidByCall } from "./build-hosted.ts"
import { hasItem, isLone, isReferredBy, loneText } from "./lone-calls.ts"
import { home, wireId } from "./types.ts"

/** What a seal was put over, so that an edit by a client shows. Reasoning is its parts; other kinds are told apart from it by their name. */
export function sealedText(block: Block): string {
  switch (block.type) {
    case "reasoning":
      return block.parts.map((part) => part.text).join("\n")
    case "text":
    case "refusal":
      return `text\u0000${block.text}`
    case "tool-call":
      if (!hasItem(block)) return loneText
      if (block.by === "provider") return `hosted\u0000${block.id}\u0000${saidByCall(block)}`
      return `call\u0000${block.name}\u0000${block.input}`
    case "compaction":
      return ""
    case "media":
    case "data":
    case "tool-result":
    case "pin":
    case "foreign":
      return block.type
    default:
      return block satisfies never
  }
}

/** A seal that came in an item of its own, since the block it belongs to has no field for one. */
export interface Carried {
  readonly envelope: Envelope
  /** How many messages had been read before it. */
  readonly after: number
}

/** What sealed reasoning is called here. */
export const sealKind = "encrypted"

/** The envelope in an item that says nothing itself and whose seal is over what another item says. */
export function carriedBy(item: JsonObject): Envelope | undefined {
  const sealed = asString(item.encrypted_content)
  if (item.type !== "reasoning" || sealed === undefined) return undefined
  if (asArray(item.summary)?.length || asArray(item.content)?.length) return undefined
  const envelope = openEnvelope(sealed)
  return envelope && envelope.over !== sealedHash("") && !isLone(envelope) ? envelope : undefined
}

/**
 * Reads an enveloped reasoning item: the block with its seal back. That its parts are summaries was this gateway's choice, unless the seal is of this
 * wire. A text that the client changed has no seal.
 */
export function openReasoning(block: ReasoningBlock, sealed: string, note: Note): ReasoningBlock | undefined {
  const envelope = openEnvelope(sealed)
  if (!envelope) return undefined
  const own = envelope.seal.kind === sealKind
  const parts = own ? block.parts : block.parts.map(({ text }) => ({ text }))
  const plain: ReasoningBlock = { type: "reasoning", parts, came: wireId }
  if (envelope.over === sealedHash(sealedText(plain))) return { ...plain, seal: envelope.seal }
  noteStale(note, "request")
  return plain
}

/** Tells of a seal whose content is gone or has changed. */
export function noteStale(note: Note, side: Place): void {
  const path = side === "request" ? "messages[*].blocks[*].seal" : "candidates[*].messages[*].blocks[*].seal"
  note({ code: "seal-stale", path, effect: "dropped", side })
}

/** A seal that callers of this API must not get bare, since they would take it for the vendor's own. */
export const needsEnvelope = (block: Block): boolean => block.seal !== undefined && block.seal.issuer !== home

/** Puts carried seals back on the blocks they were taken from: in the same turn, the same text, nearest to the same place. */
export function restoreSeals(
  messages: readonly Message[],
  carried: readonly Carried[],
  note: Note,
  side: Place,
): readonly Message[] {
  if (carried.length === 0) return messages
  const result = [...messages]
  for (const one of carried) if (!restoreSeal(result, one)) noteStale(note, side)
  return result
}

function restoreSeal(messages: Message[], { envelope, after }: Carried): boolean {
  const [from, to] = turnAround(messages, after)
  let best: { message: number; block: number; distance: number } | undefined
  let ordinal = 0
  for (let index = from; index < to; index++) {
    const { blocks } = messages[index] as Message
    for (const [position, block] of blocks.entries()) {
      const distance = Math.abs(ordinal - envelope.at)
      const isMeant = isReferredBy(block, envelope.seal) || sealedHash(sealedText(block)) === envelope.over
      if (!block.seal && isMeant && (!best || distance < best.distance)) best = { message: index, block: position, distance }
      ordinal++
    }
  }
  if (!best) return false
  messages[best.message] = sealBlock(messages[best.message] as Message, best.block, envelope.seal)
  return true
}

/** The run of assistant messages around a place between messages. */
function turnAround(messages: readonly Message[], place: number): [number, number] {
  let from = place
  let to = place
  while (from > 0 && messages[from - 1]?.role === "assistant") from--
  while (to < messages.length && messages[to]?.role === "assistant") to++
  return [from, to]
}

/** What the vendor's own tool answered is of the vendor that sealed its call. */
function sealBlock(message: Message, at: number, seal: Seal): Message {
  const sealed = message.blocks[at]
  const call = sealed?.type === "tool-call" && sealed.by === "provider" ? sealed : undefined
  const isSealed = (block: Block): boolean =>
    block === sealed || (call !== undefined && block.type === "tool-result" && block.by === "provider" && block.id === call.id)
  return { ...message, blocks: message.blocks.map((block) => (isSealed(block) ? { ...block, seal } : block)) }
}
