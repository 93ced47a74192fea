import type { Block, Seal, ToolCallBlock } from "../../core/block.ts"
import { isShownId, shownId } from "../../core/id.ts"
import type { Message } from "../../core/message.ts"
import { attach, type Place } from "../../core/node.ts"
import type { Note } from "../../core/notice.ts"
import { type Envelope, openEnvelope, sealedHash } from "../../core/seal.ts"
import { asString, type JsonObject } from "../../lib/json.ts"
import { hostedType } from "./hosted.ts"
import { wireId } from "./types.ts"

/** What a call of another vendor's tool is sealed over where no item shows it: its seal alone travels, and stands for the call and its result. */
export const loneText = "hosted\u0000"
const overLone = sealedHash(loneText)

export const isLone = ({ over }: Envelope): boolean => over === overLone

/** False for what another vendor's tool did and no item of this wire can show. */
export const hasItem = (block: ToolCallBlock): boolean => block.by !== "provider" || hostedType(block) !== undefined

/** A call of which no more is known than whose it is: its own vendor finds all of it in the seal, no other is told of it. */
const knownById = (id: string, place: Place, seal?: Seal): Message =>
  attach<Message>(
    {
      role: "assistant",
      blocks: [{ type: "tool-call", id, name: "", input: "{}", by: "provider", came: wireId, ...(seal ? { seal } : {}) }],
    },
    { wire: wireId, place },
  )

/**
 * The call that an item stands for which says nothing of it: one that has its seal alone, or a reference to one that was made for a caller's eyes,
 * since the vendor keeps no such item.
 */
export function knownCall(item: JsonObject, type: string, place: Place): Message | undefined {
  if (type === "item_reference") {
    const id = asString(item.id) ?? ""
    return place === "request" && isShownId(id) ? knownById(id, place) : undefined
  }
  const envelope = type === "reasoning" ? openEnvelope(asString(item.encrypted_content) ?? "") : undefined
  if (!envelope || !isLone(envelope)) return undefined
  const { seal } = envelope
  return knownById(shownId("", seal.id ?? seal.data), place, seal)
}

/** Whether an item is one that stands for a call by its seal. */
export const standsForCall = (item: JsonObject): boolean => knownCall(item, asString(item.type) ?? "", "response") !== undefined

const isKnownById = (block: Block): block is ToolCallBlock =>
  block.type === "tool-call" && block.name === "" && block.namespace === undefined && isShownId(block.id)

/** Whether a seal is that of a call which was only referred to. */
export const isReferredBy = (block: Block, { id }: Seal): boolean =>
  id !== undefined && isKnownById(block) && block.id.endsWith(shownId("", id))

/** Leaves out the calls whose seal has not come with their name: it says nothing of what they did. */
export function withoutUnknown(messages: readonly Message[], note: Note): readonly Message[] {
  const isUnknown = ({ blocks }: Message): boolean => blocks.some((block) => isKnownById(block) && !block.seal)
  if (!messages.some(isUnknown)) return messages
  return messages.filter((message) => {
    const isLost = isUnknown(message)
    if (isLost) note({ code: "pin-unsupported", path: "messages[*].blocks[*]", effect: "dropped", side: "request" })
    return !isLost
  })
}
