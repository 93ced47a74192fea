import { type At, atKey, type Frame, type Step, type StreamEvent, sameAt } from "../../core/event.ts"
import type { Issuer } from "../../core/node.ts"
import { writeBlock } from "./encode-stream-block.ts"
import type { BlockEvent, BlockWriter, Slots } from "./stream-writer.ts"
import type { EncodeContext } from "./types.ts"

type BlockStart = Extract<BlockEvent, { type: "block-start" }>

/** The blocks of an answer one after another, as frames of the wire. */
export interface BlockRow {
  /** Frames of a new block, and what the one before still had to say. */
  start(event: BlockStart): readonly Frame[]
  write(event: BlockEvent): readonly Frame[]
  /** A frame went out as it came: keeps the state that a rendered one later on leans on. */
  relayed(event: BlockEvent): void
  /** What the last block still has to say: a text waits for late citations. */
  settle(): readonly Frame[]
  canRelay(step: Step): boolean
  /** A call of the client's tools is among them. */
  hasCall(): boolean
}

export function blockRow(context: EncodeContext): BlockRow {
  const writers = new Map<string, BlockWriter>()
  const slots = slotCounter()
  let current: { readonly writer: BlockWriter; readonly at: At } | undefined
  let isSettled = true
  let ordinal = 0
  let hasCall = false

  /** The block at hand is asked for most of the time. */
  const writerAt = (at: At): BlockWriter | undefined =>
    current && sameAt(current.at, at) ? current.writer : writers.get(atKey(at))

  function begin({ at, block }: BlockStart): BlockWriter {
    if (block.type === "tool-call" && block.by !== "provider") hasCall = true
    const writer = writeBlock(block, ordinal++, slots, context)
    writers.set(atKey(at), writer)
    current = { writer, at }
    isSettled = false
    return writer
  }

  function settle(): readonly Frame[] {
    if (isSettled) return []
    isSettled = true
    return current?.writer.settle() ?? []
  }

  /** True when the frame says the same to this client: no block has moved, no seal needs an envelope. */
  function canRelay({ events, frame }: Step): boolean {
    if (events.length === 0) return !current || isInPlace(current.writer, current.at) || frame?.event === "ping"
    const opening = new Set<string>()
    let next = slots.next()
    return events.every((event) => {
      if (!isBlockEvent(event)) return true
      if (!isForClient(event, context.exchange.clientHome)) return false
      if (event.type === "block-start") {
        opening.add(atKey(event.at))
        return event.at.message === 0 && event.at.block === next++
      }
      if (opening.has(atKey(event.at))) return true
      const writer = writerAt(event.at)
      return writer !== undefined && isInPlace(writer, event.at) && writer.mayRelay(event)
    })
  }

  return {
    start(event) {
      const before = settle()
      return [...before, ...begin(event).start()]
    },
    write: (event) => writerAt(event.at)?.write(event) ?? [],
    relayed(event) {
      const writer = event.type === "block-start" ? begin(event) : writerAt(event.at)
      writer?.relayed(event)
    },
    settle,
    canRelay,
    hasCall: () => hasCall,
  }
}

const isBlockEvent = (event: StreamEvent): event is BlockEvent => "at" in event

/** False for a block that stands at another index than it had, or nowhere. */
const isInPlace = (writer: BlockWriter, at: At): boolean => at.message === 0 && writer.index() === at.block

/** A seal of another issuer has to be wrapped first. */
function isForClient(event: BlockEvent, home: Issuer | undefined): boolean {
  const said = event.type === "block-start" ? event.block : event.type === "block-set" ? event.set : {}
  const citations = "citations" in said ? (said.citations ?? []) : []
  const seals = ["seal" in said ? said.seal : undefined, ...citations.map((one) => one.seal)]
  return seals.every((seal) => !seal || seal.issuer === home)
}

/** Hands out the indices of the wire's blocks, in order. */
function slotCounter(): Slots {
  let next = 0
  return { next: () => next, take: () => next++ }
}
