import type { Block } from "../../core/block.ts"
import { type At, atKey, type BlockPatch, type Delta, type Frame } from "../../core/event.ts"
import type { Exchange } from "../../core/exchange.ts"
import { deriveId } from "../../core/id.ts"
import type { Message } from "../../core/message.ts"
import { asObject, type Json, type JsonObject } from "../../lib/json.ts"
import { encodePhase } from "./build-items.ts"
import { carrierItem } from "./encode-response.ts"
import type { FrameWriter } from "./out-frames.ts"
import { blocksOf, itemJson, type OutItem, type OutPiece, outPiece } from "./out-item.ts"
import { partWriter } from "./out-parts.ts"
import { plansOf } from "./plans.ts"
import { wireId } from "./types.ts"

/** The output of an answer in the making: which block is in which item, and the frames that tell of it. */
export function outItems(frames: FrameWriter, exchange: Exchange) {
  const parts = partWriter(frames, exchange)
  const items: OutItem[] = []
  const carriers: { readonly after: OutItem; readonly json: JsonObject }[] = []
  const byBlock = new Map<string, { readonly item: OutItem; readonly piece: OutPiece }>()
  const messages = new Map<number, Omit<Message, "blocks">>()
  const spoken = new Set<number>()
  let ordinal = 0
  let index = 0

  function makeItem(at: At, block: Block): OutItem {
    const kind = plansOf([block], "assistant")[0]?.kind ?? "message"
    const own = at.block === 0 ? messages.get(at.message)?.id : undefined
    const id = own || deriveId(kind === "message" ? "message" : "item", exchange.seed, at.message, at.block)
    const phase = block.type === "text" ? block.phase : undefined
    const item: OutItem = {
      index: index++,
      id,
      kind,
      message: at.message,
      first: at.block,
      at: ordinal,
      phase,
      pieces: [],
      announced: false,
      done: false,
      status: undefined,
      ...(block.type === "tool-call" ? { name: block.name } : {}),
    }
    items.push(item)
    return item
  }

  /** The message item that the block goes on with, if it can. */
  function openContent(at: At, block: Block): OutItem | undefined {
    const last = items.findLast((item) => item.message === at.message)
    if (!last || last.done || last.kind !== "message") return undefined
    const phase = block.type === "text" ? block.phase : undefined
    return phase === undefined || last.phase === undefined || phase === last.phase ? last : undefined
  }

  /** Adds a block without a word; `item` where its frames have told which it belongs to. */
  function place(at: At, block: Block, known?: OutItem): { item: OutItem; piece: OutPiece } {
    const kind = plansOf([block], "assistant")[0]?.kind
    const item = known ?? (kind === "message" ? openContent(at, block) : undefined) ?? makeItem(at, block)
    const piece = outPiece(at, block, item.pieces.length)
    item.pieces.push(piece)
    ordinal++
    const placed = { item, piece }
    spoken.add(at.message)
    byBlock.set(atKey(at), placed)
    return placed
  }

  function announce(item: OutItem): Frame[] {
    if (item.announced) return []
    item.announced = true
    const value = item.kind === "message" ? emptyMessage(item) : firstSight(item)
    return [frames.write("response.output_item.added", { output_index: item.index, item: value })]
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
  function firstSight(item: OutItem): Json {
    const json = asObject(itemJson(item, exchange)) ?? {}
    switch (item.kind) {
      case "call": {
        const { arguments: input, input: free, ...head } = json
        return { ...head, status: "in_progress", ...(input === undefined ? { input: "" } : { arguments: "" }) }
      }
      case "reasoning":
        return { id: item.id, type: "reasoning", summary: [] }
      default:
        return json
    }
  }

  /** Told whole at its end, since this wire has no frames for its pieces. */
  const isWhole = (item: OutItem, block: Block): boolean =>
    (item.kind !== "message" && item.kind !== "reasoning" && item.kind !== "call") ||
    (block.type === "tool-call" && block.by === "provider" && exchange.target.wire !== wireId)

  function closeItem(item: OutItem): Frame[] {
    if (item.done) return []
    item.done = true
    const json = itemJson(item, exchange)
    if (json === undefined) {
      forget(item)
      return []
    }
    const announced = announce(item)
    const ends = item.pieces.flatMap((piece) => endPiece(item, piece))
    const done = frames.write("response.output_item.done", { output_index: item.index, item: json })
    return [...announced, ...ends, done, ...carry(item)]
  }

  const endPiece = (item: OutItem, piece: OutPiece): Frame[] => (isWhole(item, piece.draft.value()) ? [] : parts.end(item, piece))

  /** An item that was never shown leaves no gap. */
  function forget(item: OutItem): void {
    const place = items.indexOf(item)
    if (place >= 0 && !item.announced) items.splice(place, 1)
    if (!item.announced && item.index === index - 1) index--
  }

  /** Seals of blocks that have no field for one go into items of their own. */
  function carry(item: OutItem): Frame[] {
    if (item.kind === "reasoning" || item.kind === "compaction") return []
    return blocksOf(item).flatMap((block, offset) => {
      const id = deriveId("item", exchange.seed, "seal", item.message, item.first + offset)
      const json = carrierItem(block, item.at + offset, id)
      if (!json) return []
      carriers.push({ after: item, json })
      const output_index = index++
      return [
        frames.write("response.output_item.added", { output_index, item: json }),
        frames.write("response.output_item.done", { output_index, item: json }),
      ]
    })
  }

  return {
    items,
    startMessage(message: number, value: Omit<Message, "blocks">): void {
      messages.set(message, value)
    },
    place,
    itemOf: (message: number): OutItem | undefined => items.find((item) => item.message === message),
    pieceAt: (at: At) => byBlock.get(atKey(at)),
    /** An item whose first frame came from the vendor. */
    adopt(message: number, outputIndex: number, id: string, block: Block): OutItem {
      const item = makeItem({ candidate: 0, message, block: 0 }, block)
      Object.assign(item, { index: outputIndex, id, announced: true })
      index = Math.max(index, outputIndex + 1)
      return item
    },
    startBlock(at: At, block: Block): Frame[] {
      const before = items.findLast((item) => item.message === at.message && !item.done)
      const joins =
        before !== undefined && plansOf([block], "assistant")[0]?.kind === "message" && openContent(at, block) === before
      const closed = before && !joins ? closeItem(before) : []
      const { item, piece } = place(at, block)
      if (isWhole(item, block) || (item.kind === "message" && block.type !== "text" && block.type !== "refusal")) return closed
      const announced = announce(item)
      const ended = item.pieces.filter((other) => other !== piece && other.ended).flatMap((other) => endPiece(item, other))
      return [...closed, ...announced, ...ended, ...parts.start(item, piece)]
    },
    append(at: At, delta: Delta, silent: boolean): Frame[] {
      const found = byBlock.get(atKey(at))
      if (!found) return []
      found.piece.draft.append(delta)
      return silent || isWhole(found.item, found.piece.draft.value()) ? [] : parts.delta(found.item, found.piece, delta)
    },
    set(at: At, patch: BlockPatch, silent: boolean): Frame[] {
      const found = byBlock.get(atKey(at))
      if (!found) return []
      found.piece.draft.set(patch)
      const block = found.piece.draft.value()
      if (block.type !== "text") return []
      if (!silent) return parts.annotations(found.item, found.piece, block)
      found.piece.cited = block.citations?.length ?? 0
      return []
    },
    endBlock(at: At, silent: boolean): Frame[] {
      const found = byBlock.get(atKey(at))
      if (!found) return []
      found.piece.ended = true
      const { item, piece } = found
      return silent || item.kind === "message" ? [] : endPiece(item, piece)
    },
    endMessage(message: number, status: Message["status"], silent: boolean): Frame[] {
      const own = items.filter((item) => item.message === message)
      if (own.length === 0 && !silent && !spoken.has(message)) {
        const empty = makeItem({ candidate: 0, message, block: 0 }, { type: "text", text: "" })
        own.push(empty)
      }
      for (const item of own) item.status = item.done ? item.status : status
      if (!silent) return own.flatMap(closeItem)
      for (const item of own) item.done = true
      return []
    },
    /** Closes what is open, for an answer that ends before it. */
    closeAll: (): Frame[] => items.flatMap(closeItem),
    /** All items as they stand. */
    output: (): readonly Json[] =>
      items.flatMap((item) => {
        const json = itemJson(item, exchange)
        const carried = carriers.filter((carrier) => carrier.after === item).map((carrier) => carrier.json)
        return json === undefined ? carried : [json, ...carried]
      }),
  }
}

export type OutItems = ReturnType<typeof outItems>
