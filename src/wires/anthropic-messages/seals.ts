import type { Block, ReasoningBlock, Seal } from "../../core/block.ts"
import { changedFields } from "../../core/node.ts"
import { type Envelope, envelopeMark, openEnvelope, sealedHash, sealForClient, sealFrom, wrapSeal } from "../../core/seal.ts"
import { asObject, asString, type Json, type JsonObject } from "../../lib/json.ts"
import { blockShapes } from "./shape.ts"
import { type DecodeContext, home, ride, wireId } from "./types.ts"

/** The thinking text as one string: parts are the other formats' business. */
export const reasoningText = (block: ReasoningBlock): string => block.parts.map((part) => part.text).join("\n\n")

/**
 * What a seal was put over, so that an edit by a client shows. A call's input is left out: a client that parses and prints it may change its
 * spelling, and the id names the call.
 */
export function sealedText(block: Block): string | undefined {
  switch (block.type) {
    case "reasoning":
      return reasoningText(block)
    case "text":
    case "refusal":
      return `text\u0000${block.text}`
    case "tool-call":
      return `call\u0000${block.id}\u0000${block.name}`
    case "compaction":
    case "media":
    case "data":
    case "tool-result":
    case "pin":
    case "foreign":
      return undefined
    default:
      return block satisfies never
  }
}

const contentFields: Readonly<Record<string, readonly string[]>> = {
  reasoning: ["parts"],
  text: ["text"],
  refusal: ["text"],
  "tool-call": ["input", "name"],
  compaction: ["text"],
}

/** The seal of a block, unless what it was put over has been edited since. */
export function liveSeal(block: Block): Seal | undefined {
  if (!block.seal) return undefined
  const changed = changedFields(block)
  if (!changed || changed.has("seal")) return block.seal
  return contentFields[block.type]?.some((field) => changed.has(field)) ? undefined : block.seal
}

/** Tells of a seal whose content is gone or has changed. */
export function noteStale({ note, place }: DecodeContext): void {
  const path = place === "request" ? "messages[*].blocks[*].seal" : "candidates[*].messages[*].blocks[*].seal"
  note({ code: "seal-stale", path, effect: "dropped", side: place })
}

/** A thinking block. A seal that came in an envelope stands bare in the ride-along, as its issuer wants it. */
export function readThinking(json: JsonObject, context: DecodeContext): Block {
  const text = asString(json.thinking) ?? ""
  const signature = asString(json.signature)
  const { seal, envelope } = sealFrom(signature, context.issuer, "signature")
  const isStale = envelope ? envelope.over !== sealedHash(text) : signature?.startsWith(envelopeMark) === true
  if (isStale) noteStale(context)
  const kept = isStale ? undefined : seal
  const block: Block = { type: "reasoning", parts: text === "" ? [] : [{ text }], ...(kept ? { seal: kept } : {}) }
  const isWrapped = envelope !== undefined || isStale
  return ride(block, context, isWrapped ? { ...json, signature: kept?.data ?? "" } : json, blockShapes.thinking)
}

export function readRedacted(json: JsonObject, context: DecodeContext): Block {
  const { seal, envelope } = sealFrom(asString(json.data), context.issuer, "redacted")
  const block: Block = { type: "reasoning", parts: [], ...(seal ? { seal } : {}) }
  if (!envelope) return ride(block, context, json, blockShapes.redacted_thinking)
  const bare = envelope.seal.kind === "redacted" ? { ...json, data: envelope.seal.data } : undefined
  return ride(block, context, bare, blockShapes.redacted_thinking)
}

/** The envelope of a redacted block that carries the seal of a sibling which has no field for one. */
export function carriedSeal(json: Json): Envelope | undefined {
  const object = asObject(json)
  if (object?.type !== "redacted_thinking") return undefined
  const envelope = openEnvelope(asString(object.data) ?? "")
  return envelope && envelope.over !== sealedHash("") ? envelope : undefined
}

/** What is sealed where a vendor seals a text without words. */
export const overEmptyText = sealedHash("text\u0000")

/** Gives a carried seal back to the block it was taken from: the same content, nearest after its carrier, else before it. */
export function restoreSeal(blocks: (Block | undefined)[], carrier: number, envelope: Envelope, context: DecodeContext): void {
  const order = [...blocks.keys()].sort((a, b) => rank(a, carrier) - rank(b, carrier))
  for (const index of order) {
    const block = blocks[index]
    const text = block && sealedText(block)
    if (!block || block.seal || text === undefined || sealedHash(text) !== envelope.over) continue
    blocks[index] = { ...block, seal: envelope.seal }
    return
  }
  // an empty text that was there only for its seal does not come back from a client
  if (envelope.over === overEmptyText) blocks[carrier] = { type: "text", text: "", seal: envelope.seal, came: wireId }
  else noteStale(context)
}

const rank = (index: number, carrier: number): number => (index > carrier ? index - carrier : 1_000_000 + carrier - index)

/** A block that carries the seal of the block after it through a client of this wire. */
export const carrierOf = (seal: Seal, at: number, text: string): JsonObject => ({
  type: "redacted_thinking",
  data: wrapSeal({ seal, at, over: sealedHash(text) }),
})

/** Thinking as a client of this wire gets it. */
export function thinkingForClient(text: string, seal: Seal | undefined, at: number): JsonObject {
  const signature = seal ? sealForClient(seal, home, at, text) : ""
  const isRedacted = text === "" && seal !== undefined && (seal.issuer !== home || seal.kind === "redacted")
  return isRedacted ? { type: "redacted_thinking", data: signature } : { type: "thinking", thinking: text, signature }
}
