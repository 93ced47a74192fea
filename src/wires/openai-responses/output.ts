import type { Block } from "../../core/block.ts"
import { type At, atKey } from "../../core/event.ts"
import type { Exchange } from "../../core/exchange.ts"
import { deriveId, isShownId } from "../../core/id.ts"
import type { Message } from "../../core/message.ts"
import type { Json, JsonObject } from "../../lib/json.ts"
import type { FrameWriter } from "./out-frames.ts"
import { itemJson, type OutItem, type OutPiece, outPiece } from "./out-item.ts"
import { type Plan, plansOf } from "./plans.ts"

/** The output of an answer in the making: which block is in which item. It lives as long as the stream and holds the answer once. */
export interface Output {
  readonly frames: FrameWriter
  readonly exchange: Exchange
  readonly items: OutItem[]
  /** Items that only carry the seal of another. */
  readonly carriers: { readonly after: OutItem; readonly json: JsonObject }[]
  readonly byBlock: Map<string, { readonly item: OutItem; readonly piece: OutPiece }>
  readonly messages: Map<number, Omit<Message, "blocks">>
  /** Messages that have had a block. */
  readonly spoken: Set<number>
  /** How many blocks there have been. */
  ordinal: number
  /** The next free index on the wire. */
  index: number
}

export const newOutput = (frames: FrameWriter, exchange: Exchange): Output => ({
  frames,
  exchange,
  items: [],
  carriers: [],
  byBlock: new Map(),
  messages: new Map(),
  spoken: new Set(),
  ordinal: 0,
  index: 0,
})

const kindOf = (block: Block): Plan["kind"] => plansOf([block], "assistant")[0]?.kind ?? "message"

export function makeItem(output: Output, at: At, block: Block): OutItem {
  const kind = kindOf(block)
  const own = at.block === 0 ? output.messages.get(at.message)?.id : undefined
  const derived = () => deriveId(kind === "message" ? "message" : "item", output.exchange.seed, at.message, at.block)
  const item: OutItem = {
    index: output.index++,
    id: block.type === "tool-call" && isShownId(block.id) ? block.id : own || derived(),
    kind,
    message: at.message,
    first: at.block,
    at: output.ordinal,
    phase: block.type === "text" ? block.phase : undefined,
    pieces: [],
    announced: false,
    done: false,
    status: undefined,
    ...(block.type === "tool-call" ? { name: block.name } : {}),
  }
  output.items.push(item)
  return item
}

/** The message item that the block goes on with, if it can. */
export function openContent(output: Output, at: At, block: Block): OutItem | undefined {
  if (block.type === "tool-result" && block.by === "provider") return calledBy(output, at, block.id)
  if (kindOf(block) !== "message") return undefined
  const last = output.items.findLast((item) => item.message === at.message)
  if (!last || last.done || last.kind !== "message") return undefined
  const phase = block.type === "text" ? block.phase : undefined
  return phase === undefined || last.phase === undefined || phase === last.phase ? last : undefined
}

/** The item of the vendor's own call that a result answers: they are one. */
const calledBy = (output: Output, at: At, id: string): OutItem | undefined =>
  output.items.findLast(
    ({ message, kind, done, pieces }) =>
      message === at.message && (kind === "hosted" || kind === "call") && !done && isCall(pieces[0], id),
  )

function isCall(piece: OutPiece | undefined, id: string): boolean {
  const block = piece?.draft.value()
  return block?.type === "tool-call" && block.id === id
}

/** Adds a block without a word; `known` where its frames have told which item it belongs to. */
export function placeBlock(output: Output, at: At, block: Block, known?: OutItem): { item: OutItem; piece: OutPiece } {
  const item = known ?? openContent(output, at, block) ?? makeItem(output, at, block)
  const piece = outPiece(at, block, item.pieces.length)
  item.pieces.push(piece)
  output.ordinal++
  output.spoken.add(at.message)
  const placed = { item, piece }
  output.byBlock.set(atKey(at), placed)
  return placed
}

/** An item whose first frame came from the vendor. */
export function adoptItem(output: Output, message: number, index: number, id: string, block: Block): void {
  const item = makeItem(output, { candidate: 0, message, block: 0 }, block)
  Object.assign(item, { index, id, announced: true })
  output.index = Math.max(output.index, index + 1)
}

/** An item that was never shown leaves no gap. */
export function forgetItem(output: Output, item: OutItem): void {
  if (item.announced) return
  const place = output.items.indexOf(item)
  if (place >= 0) output.items.splice(place, 1)
  if (item.index === output.index - 1) output.index--
}

/** All items as they stand. */
export const outputJson = ({ items, carriers, exchange }: Output): readonly Json[] =>
  items.flatMap((item) => {
    const json = itemJson(item, exchange)
    const carried = carriers.filter((carrier) => carrier.after === item).map((carrier) => carrier.json)
    return json === undefined ? carried : [json, ...carried]
  })
