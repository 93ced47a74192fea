import type { Pin } from "../../core/block.ts"
import { type At, atKey, type Frame, type Machine, type Step, type StreamEnd, type StreamEvent } from "../../core/event.ts"
import type { Exchange } from "../../core/exchange.ts"
import { deriveId } from "../../core/id.ts"
import type { Stop } from "../../core/response.ts"
import { sequence } from "../../core/sequence.ts"
import type { Usage } from "../../core/usage.ts"
import { asObject, asString, type JsonObject, stringifyJson } from "../../lib/json.ts"
import { answerPath, answerTier, clientContext, containerOf } from "./encode-response.ts"
import { type BlockWriter, type Slots, writeBlock } from "./encode-stream-block.ts"
import { errorFrames } from "./error.ts"
import { encodeStop, finalStop } from "./stop.ts"
import { frameOf } from "./stream-frame.ts"
import { inside, present, wireId } from "./types.ts"
import { encodeUsage } from "./usage.ts"

type Of<T extends StreamEvent["type"]> = Extract<StreamEvent, { type: T }>

/** Steps to frames, one block after another. A frame of this wire whose events are as they were goes out as it came. */
export function streamEncoder(exchange: Exchange): Machine<Step, Frame> {
  const order = sequence({ note: exchange.note })
  const answer = speaker(exchange)
  return {
    push: (step) => order.push(step).flatMap((ordered) => answer.say(ordered)),
    flush: (end: StreamEnd) => order.flush(end).flatMap((ordered) => answer.say(ordered)),
  }
}

function speaker(exchange: Exchange) {
  const context = inside(clientContext(exchange), answerPath)
  const root = clientContext(exchange)
  const mayRelay = exchange.client === wireId && exchange.target.wire === wireId
  const writers = new Map<string, BlockWriter>()
  const slots = slotCounter()
  let head: Of<"response-start"> | undefined
  let started = false
  let closed = false
  let deltaSent = false
  let hasCall = false
  let current: { readonly writer: BlockWriter; readonly at: At } | undefined
  let ordinal = 0
  let last: BlockWriter | undefined
  let usage: Usage | undefined
  let stop: Stop | undefined

  function say(step: Step): readonly Frame[] {
    if (closed) return []
    const { frame } = step
    if (frame && mayRelay && canRelay(step)) return relay(step, frame)
    const frames = step.events.flatMap((event) => (closed ? [] : render(event)))
    return head && !started && !closed ? [...start(), ...frames] : frames
  }

  /** True when the frame says the same to this client: no block has moved, no seal needs an envelope. */
  function canRelay({ events, frame }: Step): boolean {
    if (events.length === 0) return !current || isInPlace(current.writer, current.at) || frame?.event === "ping"
    let next = slots.next()
    const opening = new Set<string>()
    return events.every((event) => {
      if (event.type === "block-start") {
        opening.add(atKey(event.at))
        return event.at.message === 0 && event.at.block === next++ && isForClient(event)
      }
      if (event.type !== "block-set" && event.type !== "block-delta" && event.type !== "block-end") return true
      if (opening.has(atKey(event.at))) return isForClient(event)
      const writer = writers.get(atKey(event.at))
      return writer !== undefined && isInPlace(writer, event.at) && isForClient(event) && writer.mayRelay(event)
    })
  }

  function isForClient(event: Of<"block-start" | "block-set" | "block-delta" | "block-end">): boolean {
    const said = event.type === "block-start" ? event.block : event.type === "block-set" ? event.set : {}
    const citations = "citations" in said ? (said.citations ?? []) : []
    const seals = ["seal" in said ? said.seal : undefined, ...citations.map((one) => one.seal)]
    return seals.every((seal) => !seal || seal.issuer === exchange.clientHome)
  }

  function relay(step: Step, frame: Frame): readonly Frame[] {
    const before = step.events.some(moves) ? settle() : []
    for (const event of step.events) track(event)
    return [...before, frame]
  }

  /** Keeps the state that a rendered frame later on leans on. */
  function track(event: StreamEvent): void {
    switch (event.type) {
      case "response-start":
        head = event
        started = true
        return
      case "block-start":
        begin(event).relayed(event)
        return
      case "block-delta":
      case "block-set":
      case "block-end":
        writers.get(atKey(event.at))?.relayed(event)
        return
      case "usage":
        usage = event.usage
        return
      case "turn-end":
        stop = event.stop
        deltaSent = true
        return
      case "response-end":
      case "error":
        closed = true
        return
      case "message-start":
      case "message-end":
      case "foreign":
        return
      default:
        event satisfies never
    }
  }

  function begin(event: Of<"block-start">): BlockWriter {
    const { block } = event
    if (block.type === "tool-call" && block.by !== "provider") hasCall = true
    const writer = writeBlock(block, ordinal++, slots, context)
    writers.set(atKey(event.at), writer)
    current = { writer, at: event.at }
    last = writer
    return writer
  }

  /** What the last block still has to say: a text waits for late citations. */
  function settle(): readonly Frame[] {
    const frames = last?.settle() ?? []
    last = undefined
    return frames
  }

  function start(): readonly Frame[] {
    if (started) return []
    started = true
    const tier = answerTier(head?.serviceTier, root)
    const message = {
      id: head?.id || deriveId("response", exchange.seed),
      type: "message",
      role: "assistant",
      model: head?.model ?? exchange.target.model,
      content: [],
      stop_reason: null,
      stop_sequence: null,
      usage: encodeUsage(usage, tier, { ...root, note: () => {} }),
    }
    return [frameOf({ type: "message_start", message })]
  }

  function render(event: StreamEvent): readonly Frame[] {
    switch (event.type) {
      case "response-start":
        head = event
        return []
      case "message-start":
      case "message-end":
        return []
      case "block-start":
        return startBlock(event)
      case "block-delta":
      case "block-set":
      case "block-end":
        return writers.get(atKey(event.at))?.write(event) ?? []
      case "usage":
        usage = event.usage
        return []
      case "turn-end":
        if (event.candidate === 0) stop = event.stop
        else noteCandidate()
        return []
      case "response-end":
        return finish(event.blocked, event.pins ?? [])
      case "error":
        closed = true
        return errorFrames(event.error)
      case "foreign":
        return unknown(event)
      default:
        return event satisfies never
    }
  }

  function startBlock(event: Of<"block-start">): readonly Frame[] {
    if (event.at.candidate > 0) {
      noteCandidate()
      return []
    }
    const before = [...start(), ...settle()]
    const writer = begin(event)
    const frames = writer.start()
    return [...before, ...frames]
  }

  const noteCandidate = (): void =>
    exchange.note({ code: "candidates-unsupported", path: "candidates[*]", effect: "dropped", side: "response" })

  function finish(blocked: Stop | undefined, pins: readonly Pin[]): readonly Frame[] {
    const before = [...start(), ...settle()]
    closed = true
    const end = frameOf({ type: "message_stop" })
    return deltaSent ? [...before, end] : [...before, closing(blocked, pins), end]
  }

  function closing(blocked: Stop | undefined, pins: readonly Pin[]): Frame {
    const said = finalStop(blocked ?? stop, hasCall, root)
    const tier = answerTier(head?.serviceTier, { ...root, note: () => {} })
    const delta = present({ ...encodeStop(said, root), container: containerOf(pins, root) })
    return frameOf({ type: "message_delta", delta, usage: encodeUsage(usage, tier, root) })
  }

  function unknown(event: Of<"foreign">): readonly Frame[] {
    const value = event.wire === wireId ? asObject(event.value) : undefined
    if (value && asString(value.type)) return [{ event: asString(value.type) ?? "", data: stringifyJson(value as JsonObject) }]
    exchange.note({ code: "event-unsupported", path: "events[*]", effect: "dropped", side: "response" })
    return []
  }

  return { say }
}

/** After these the block before has nothing more to say. */
const moves = (event: StreamEvent): boolean =>
  event.type === "block-start" || event.type === "turn-end" || event.type === "response-end"

/** False for a block that stands at another index than it had, or nowhere. */
const isInPlace = (writer: BlockWriter, at: At): boolean => at.message === 0 && writer.index() === at.block

/** Hands out the indices of the wire's blocks, in order. */
function slotCounter(): Slots {
  let next = 0
  return { next: () => next, take: () => next++ }
}
