import type { Block } from "../../core/block.ts"
import type { BlockDraft } from "../../core/block-draft.ts"
import { type At, atKey, type BlockPatch, type Delta, type Frame } from "../../core/event.ts"
import { deriveId, isShownId } from "../../core/id.ts"
import type { Message } from "../../core/message.ts"
import { asObject, asString, type Json, type JsonObject } from "../../lib/json.ts"
import { encodePhase } from "./build-items.ts"
import { carrierItem } from "./encode-response.ts"
import { asShown } from "./hosted.ts"
import { hasItem } from "./lone-calls.ts"
import { blocksOf, itemJson, type OutItem, type OutPiece } from "./out-item.ts"
import { annotationFrames, deltaFrames, endFrames, startFrames } from "./out-parts.ts"
import { forgetItem, makeItem, type Output, openContent, placeBlock } from "./output.ts"
import { wireId } from "./types.ts"

/** Told whole at its end, since this wire has no frames for its pieces. */
function isWhole({ exchange }: Output, item: OutItem, { start }: BlockDraft): boolean {
  if (item.kind !== "message" && item.kind !== "reasoning" && item.kind !== "call") return true
  const isTool = start.type === "tool-call" || start.type === "tool-result"
  return isTool && start.by === "provider" && exchange.target.wire !== wireId
}

/** A call that another vendor runs: its item is told as it begins, and again when its result is there. */
const isShownCall = ({ kind, id }: OutItem): boolean => kind === "hosted" && isShownId(id)
const awaitsResult = (item: OutItem): boolean => (isShownCall(item) || isHidden(item)) && item.pieces.length === 1 && !item.done

/** A call that another vendor runs and no item shows: its seal takes its place. */
const isHidden = ({ kind, pieces: [first] }: OutItem): boolean =>
  kind === "call" && first?.draft.start.type === "tool-call" && !hasItem(first.draft.start)

function beginHosted(output: Output, item: OutItem): Frame[] {
  const announced = announce(output, item)
  const type = asString(asObject(itemJson(item, output.exchange))?.type)
  return announced.length === 0 || type === undefined ? announced : [...announced, progress(output, item, type, "in_progress")]
}

function endHosted(output: Output, item: OutItem, json: Json): Frame[] {
  const { type, status } = asObject(json) ?? {}
  const isTold = status === "completed" || (status === "failed" && type === "mcp_call")
  return isTold && typeof type === "string" ? [progress(output, item, type, status)] : []
}

const progress = ({ frames }: Output, item: OutItem, type: string, state: string): Frame =>
  frames.write(`response.${type}.${state}`, { output_index: item.index, item_id: item.id })

function announce(output: Output, item: OutItem): Frame[] {
  if (item.announced) return []
  item.announced = true
  const value = item.kind === "message" ? emptyMessage(item) : firstSight(output, item)
  return [output.frames.write("response.output_item.added", { output_index: item.index, item: value })]
}

const emptyMessage = (item: OutItem): JsonObject => ({
  id: item.id,
  type: "message",
  status: "in_progress",
  content: [],
  ...(item.phase === undefined ? {} : { phase: encodePhase(item.phase) }),
  role: "assistant",
})

/** A call without its arguments, reasoning without its thoughts; anything else as it is. */
function firstSight({ exchange }: Output, item: OutItem): Json {
  const json = asObject(itemJson(item, exchange)) ?? {}
  switch (item.kind) {
    case "call": {
      const { arguments: input, input: _, ...head } = json
      return { ...head, status: "in_progress", ...(input === undefined ? { input: "" } : { arguments: "" }) }
    }
    case "reasoning":
      return { id: item.id, type: "reasoning", summary: [] }
    case "hosted":
      return isShownCall(item) ? { ...json, status: "in_progress" } : json
    default:
      return json
  }
}

const endPiece = (output: Output, item: OutItem, piece: OutPiece): Frame[] =>
  isWhole(output, item, piece.draft) ? [] : endFrames(output, item, piece)

function closeItem(output: Output, item: OutItem): Frame[] {
  if (item.done) return []
  item.done = true
  const json = itemJson(item, output.exchange)
  if (json === undefined) {
    const carried = carrySeals(output, item, item.index)
    if (carried.length === 0) forgetItem(output, item)
    return carried
  }
  const announced = announce(output, item)
  const ends = isShownCall(item) ? endHosted(output, item, json) : item.pieces.flatMap((piece) => endPiece(output, item, piece))
  const done = output.frames.write("response.output_item.done", { output_index: item.index, item: json })
  return [...announced, ...ends, done, ...carrySeals(output, item)]
}

/** Seals of blocks that have no field for one go into items of their own, the first of them at the place of an item that is not there. */
function carrySeals(output: Output, item: OutItem, free?: number): Frame[] {
  let place = free
  if (item.kind === "reasoning" || item.kind === "compaction") return []
  return blocksOf(item).flatMap((block, offset) => {
    const id = deriveId("item", output.exchange.seed, "seal", item.message, item.first + offset)
    const json = carrierItem(block, item.at + offset, id)
    if (!json) return []
    output.carriers.push({ after: item, json })
    const fields = { output_index: place ?? output.index++, item: json }
    place = undefined
    return [output.frames.write("response.output_item.added", fields), output.frames.write("response.output_item.done", fields)]
  })
}

/** Closes the item before, unless the block goes on with it. */
export function startBlock(output: Output, at: At, given: Block): Frame[] {
  const block = asShown(given, output.exchange)
  const joined = openContent(output, at, block)
  const before = output.items.filter(
    (item) => item.message === at.message && !item.done && item !== joined && !awaitsResult(item),
  )
  const closed = before.flatMap((item) => closeItem(output, item))
  const { item, piece } = placeBlock(output, at, block)
  const isLate = item.kind === "message" && block.type !== "text" && block.type !== "refusal"
  if (isLate || isWhole(output, item, piece.draft)) return closed
  const announced = announce(output, item)
  const ended = item.pieces.filter((other) => other !== piece && other.ended)
  const ends = ended.flatMap((other) => endPiece(output, item, other))
  return [...closed, ...announced, ...ends, ...startFrames(output, item, piece)]
}

/** `silent`: the vendor's own frame says it. */
export function appendBlock(output: Output, at: At, delta: Delta, silent: boolean): Frame[] {
  const found = output.byBlock.get(atKey(at))
  if (!found) return []
  const { item, piece } = found
  piece.draft.append(delta)
  return silent || isWhole(output, item, piece.draft) ? [] : deltaFrames(output, item, piece, delta)
}

export function setBlock(output: Output, at: At, patch: BlockPatch, silent: boolean): Frame[] {
  const found = output.byBlock.get(atKey(at))
  if (!found) return []
  found.piece.draft.set(patch)
  const block = found.piece.draft.value()
  if (block.type !== "text") return []
  if (!silent) return annotationFrames(output, found.item, found.piece, block)
  found.piece.cited = block.citations?.length ?? 0
  return []
}

/** A text may still be given citations, so its part stays open. */
export function endBlock(output: Output, at: At, silent: boolean): Frame[] {
  const found = output.byBlock.get(atKey(at))
  if (!found) return []
  found.piece.ended = true
  if (silent || found.item.kind === "message") return []
  if (isHidden(found.item)) return []
  return awaitsResult(found.item) ? beginHosted(output, found.item) : endPiece(output, found.item, found.piece)
}

export function endMessage(output: Output, message: number, status: Message["status"], silent: boolean): Frame[] {
  const own = output.items.filter((item) => item.message === message)
  if (own.length === 0 && !silent && !output.spoken.has(message))
    own.push(makeItem(output, { candidate: 0, message, block: 0 }, { type: "text", text: "" }))
  for (const item of own) item.status = item.done ? item.status : status
  if (!silent) return own.flatMap((item) => closeItem(output, item))
  for (const item of own) item.done = true
  return []
}

/** Closes what is open, for an answer that ends before it. */
export const closeAll = (output: Output): Frame[] => [...output.items].flatMap((item) => closeItem(output, item))
