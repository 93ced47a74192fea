import type { Block } from "../../core/block.ts"
import type { BlockPatch, Delta, Frame, StreamEvent } from "../../core/event.ts"
import { originOf } from "../../core/node.ts"
import { asObject, type Json, type JsonObject } from "../../lib/json.ts"
import { blockDelta, blockStart, blockStop } from "./stream-frame.ts"
import { type EncodeContext, wireId } from "./types.ts"

export type BlockEvent = Extract<StreamEvent, { type: "block-start" | "block-delta" | "block-set" | "block-end" }>

/** The indices of the wire's blocks. */
export interface Slots {
  next(): number
  take(): number
}

/** Writes one block of the hub as frames; it may turn out to be none of the wire's, one, or one and the carrier of its seal. */
export interface BlockWriter {
  start(): readonly Frame[]
  write(event: BlockEvent): readonly Frame[]
  /** A frame that said this went out as it came. */
  relayed(event: BlockEvent): void
  /** False where the frame depends on what has been edited. */
  mayRelay(event: BlockEvent): boolean
  /** Undefined while nothing of it has been written. */
  index(): number | undefined
  /** Closes it; nothing from the second time on. */
  settle(): readonly Frame[]
}

/** What differs from one kind of block to the next. */
export interface Content {
  readonly slot: Slot
  start(): readonly Frame[]
  delta(delta: Delta): readonly Frame[]
  set(patch: BlockPatch): readonly Frame[]
  /** What a frame said that went out as it came. */
  heard?(delta: Delta): void
  /** What comes before the end of the block, the end, and what comes after it. `edited`: some frames were rendered, some relayed. */
  end(edited: boolean): readonly Frame[]
  /** The text of a block may still get citations after its end. */
  readonly waits?: true
}

export interface Slot {
  index(): number | undefined
  /** The start of the block, the first time. */
  open(json: Json): readonly Frame[]
  say(delta: JsonObject): Frame
  stop(): Frame
  take(): void
}

export function slotOf(slots: Slots): Slot {
  let index: number | undefined
  return {
    index: () => index,
    take() {
      index ??= slots.take()
    },
    open(json) {
      if (index !== undefined) return []
      index = slots.take()
      return [blockStart(index, json)]
    },
    say: (delta) => blockDelta(index ?? 0, delta),
    stop: () => blockStop(index ?? 0),
  }
}

export function writer(content: Content): BlockWriter {
  const { slot } = content
  let isRelayed = false
  let isRendered = false
  let isPending = false
  let isClosed = false

  function close(): readonly Frame[] {
    if (isClosed) return []
    isClosed = true
    return content.end(isRelayed && isRendered)
  }

  return {
    start() {
      return content.start()
    },
    write(event) {
      if (isClosed) return []
      if (event.type === "block-delta") {
        isRendered = true
        return content.delta(event.delta)
      }
      if (event.type === "block-set") {
        isPending = true
        return content.set(event.set)
      }
      return event.type === "block-end" && !content.waits ? close() : []
    },
    relayed(event) {
      if (event.type === "block-start") {
        slot.take()
        isRelayed = true
      } else if (event.type === "block-delta") {
        isRelayed = true
        content.heard?.(event.delta)
      } else if (event.type === "block-end") isClosed = true
    },
    mayRelay(event) {
      if (event.type === "block-set") return !(event.set.seal && isRendered)
      return event.type !== "block-end" || !(isRendered || isPending)
    },
    index: slot.index,
    settle: close,
  }
}

/** A native block's own start, without what the deltas say. */
export const startOf = (block: Block, base: JsonObject): JsonObject => {
  const from = originOf(block)
  const source = from?.wire === wireId ? asObject(from.json) : undefined
  return source?.type === base.type ? { ...source, ...base } : base
}

export const whole = (slots: Slots, json: Json): readonly Frame[] => {
  const slot = slotOf(slots)
  return [...slot.open(json), slot.stop()]
}

/** What is missing of a text of which a part has been sent; what has been sent cannot be taken back. */
export function remainder(sent: string, text: string, context: EncodeContext): string {
  if (text.startsWith(sent)) return text.slice(sent.length)
  context.note({ code: "block-adapted", path: context.path, effect: "adapted", side: "response" })
  return ""
}
