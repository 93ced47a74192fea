import type { Block, ReasoningBlock, Seal } from "../../core/block.ts"
import { deriveId } from "../../core/id.ts"
import { originOf, untouched } from "../../core/node.ts"
import { sealForClient } from "../../core/seal.ts"
import { asArray, type Json, type JsonObject } from "../../lib/json.ts"
import { fragmentOf } from "./media.ts"
import { canOpen, openForTarget } from "./seal-issuer.ts"
import { ordinals, sealedText } from "./seal-place.ts"
import { members, wireId } from "./types.ts"
import { isHere, noteRest, type Writer } from "./writer.ts"

/** An entry's place in `reasoning_details`; clients put the pieces of a stream together by it. */
export type Numbering = () => number

/** An entry of thinking text. */
export const textEntry = (part: ReasoningBlock["parts"][number], index: number, id?: string): JsonObject =>
  part.summary
    ? members({ type: "reasoning.summary", summary: part.text, id, index })
    : members({ type: "reasoning.text", text: part.text, id, index })

/** Pieces of one block that has several parts are known by a common id. */
const blockId = (block: ReasoningBlock, ordinal: number, { exchange }: Writer): string | undefined =>
  block.parts.length > 1 ? deriveId("item", exchange.seed, "reasoning", ordinal) : undefined

/** A seal on its way to a client: as it is for its own vendor's clients, else in an envelope. */
export const sealEntry = (seal: Seal, block: Block, ordinal: number, index: number, { exchange }: Writer): JsonObject =>
  members({
    type: "reasoning.encrypted",
    data: sealForClient(seal, exchange.clientHome, ordinal, sealedText(block) ?? ""),
    id: block.type === "tool-call" ? block.id : undefined,
    index,
  })

/** The keys for thinking and for seals: the text in one string, and the details where a string cannot hold it all. */
export function encodeReasoning(all: readonly Block[], own: readonly Block[], writer: Writer, source?: JsonObject): JsonObject {
  const thinking = own.filter((block): block is ReasoningBlock => block.type === "reasoning")
  const details = encodeDetails(all, new Set(own), writer)
  const text = thinking.flatMap((block) => block.parts.map((part) => part.text)).join("")
  const isStructured =
    thinking.length > 1 ||
    thinking.some(({ parts }) => parts.length !== 1 || parts[0]?.summary || parts[0]?.text === "") ||
    details.some((entry) => entry.isSealed) ||
    writer.exchange.target.features.has("reasoning-details") ||
    asArray(source?.reasoning_details) !== undefined
  const keys: Record<string, Json | undefined> = {}
  if (text !== "") for (const key of stringKeys(source)) keys[key] = text
  if (isStructured && details.length > 0) keys.reasoning_details = details.map((entry) => entry.json)
  return members(keys)
}

/** The spelling the message came in; else the most common one. */
function stringKeys(source: JsonObject | undefined): readonly string[] {
  const present = ["reasoning_content", "reasoning"].filter((key) => typeof source?.[key] === "string")
  return present.length > 0 ? present : source?.reasoning_details === undefined ? ["reasoning_content"] : []
}

interface Entry {
  readonly json: Json
  /** More than text: only the details can hold it. */
  readonly isSealed: boolean
}

function encodeDetails(all: readonly Block[], own: ReadonlySet<Block>, writer: Writer): readonly Entry[] {
  const ordinal = ordinals()
  const entries: Entry[] = []
  const next: Numbering = () => entries.length
  for (const block of all) {
    const at = ordinal(block)
    if (block.type === "foreign") {
      const piece = block.wire === wireId ? fragmentOf(block.value, "reasoning_details") : undefined
      if (piece !== undefined) entries.push({ json: piece, isSealed: true })
    } else if (block.type === "reasoning" && own.has(block)) entries.push(...blockEntries(block, at, next, writer))
    else if (block.seal && block.type !== "reasoning" && !isHosted(block))
      entries.push(...otherSeal(block, block.seal, at, next, writer))
  }
  return entries
}

/** A call that the vendor runs is not shown, so there is nothing to put its seal back on. */
const isHosted = (block: Block): boolean =>
  (block.type === "tool-call" || block.type === "tool-result") && block.by === "provider"

function blockEntries(block: ReasoningBlock, at: number, next: Numbering, writer: Writer): readonly Entry[] {
  const isOpen = !block.seal || writer.place === "response" || canOpen(block.seal, writer.exchange)
  const verbatim = isOpen && isHere(block, writer) && untouched(block) ? asArray(originOf(block)?.json) : undefined
  if (verbatim) return verbatim.map((json) => ({ json, isSealed: true }))
  noteRest(block, writer)
  const base = next()
  const id = blockId(block, at, writer)
  const texts = block.parts.map((part, index) => textEntry(part, base + index, id))
  const entries: Entry[] = texts.map((json) => ({ json, isSealed: false }))
  if (!block.seal && texts.length === 0) noteEmpty(writer)
  if (!block.seal) return entries
  const index = base + texts.length
  if (writer.place === "response") return [...entries, { json: sealEntry(block.seal, block, at, index, writer), isSealed: true }]
  const seal = openForTarget(block.seal, writer.exchange, `${writer.path}.seal`)
  return seal ? sealedForTarget(entries, seal, index) : entries
}

/** Thinking of which nothing is shown and nothing can come back. */
export const noteEmpty = ({ note, path, side }: Writer): void =>
  note({ code: "block-unsupported", path, effect: "dropped", side })

/** As routers read it: a signature on the text it signs, anything else as an entry of its own. */
function sealedForTarget(entries: readonly Entry[], seal: Seal, index: number): readonly Entry[] {
  if (seal.kind !== "signature")
    return [...entries, { json: members({ type: "reasoning.encrypted", data: seal.data, id: seal.id, index }), isSealed: true }]
  const last = entries.at(-1)?.json ?? textEntry({ text: "" }, index)
  const signed = { ...(last as JsonObject), signature: seal.data }
  return [...entries.slice(0, -1), { json: signed, isSealed: true }]
}

function otherSeal(block: Block, seal: Seal, at: number, next: Numbering, writer: Writer): readonly Entry[] {
  if (sealedText(block) === undefined) {
    writer.note({ code: "seal-foreign", path: `${writer.path}.seal`, effect: "dropped", side: writer.side })
    return []
  }
  if (writer.place === "response") return [{ json: sealEntry(seal, block, at, next(), writer), isSealed: true }]
  if (block.type === "tool-call" && !writer.exchange.target.features.has("reasoning-details")) return []
  const open = openForTarget(seal, writer.exchange, `${writer.path}.seal`)
  if (!open) return []
  const id = block.type === "tool-call" ? block.id : open.id
  return [{ json: members({ type: "reasoning.encrypted", data: open.data, id, index: next() }), isSealed: true }]
}
