import type { Frame, Machine, Step, StreamEnd, StreamEvent } from "../../core/event.ts"
import type { Exchange } from "../../core/exchange.ts"
import { deriveId } from "../../core/id.ts"
import type { Stop } from "../../core/response.ts"
import { sequence } from "../../core/sequence.ts"
import type { Usage } from "../../core/usage.ts"
import { asObject, asString, stringifyJson } from "../../lib/json.ts"
import { answerPath, answerTier, clientContext, containerOf, noteCandidates } from "./encode-response.ts"
import { blockRow } from "./encode-stream-blocks.ts"
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
    push(step) {
      const ordered = order.push(step)
      const [only] = ordered
      return only && ordered.length === 1 ? answer.say(only) : ordered.flatMap((one) => answer.say(one))
    },
    flush: (end: StreamEnd) => order.flush(end).flatMap((ordered) => answer.say(ordered)),
  }
}

function speaker(exchange: Exchange) {
  const blocks = blockRow(inside(clientContext(exchange), answerPath))
  const ends = endsOf(exchange)
  const mayRelay = exchange.client === wireId && exchange.target.wire === wireId
  let closed = false

  function say(step: Step): readonly Frame[] {
    if (closed) return []
    const { frame } = step
    if (frame && mayRelay && blocks.canRelay(step)) return relay(step, frame)
    const frames = rendered(step.events)
    if (closed || ends.isStarted()) return frames
    return [...ends.startIfNamed(), ...frames]
  }

  function rendered(events: readonly StreamEvent[]): readonly Frame[] {
    const [only] = events
    if (only && events.length === 1) return render(only)
    return events.flatMap((event) => (closed ? [] : render(event)))
  }

  function relay({ events }: Step, frame: Frame): readonly Frame[] {
    const before = events.some(moves) ? blocks.settle() : []
    for (const event of events) {
      if ("at" in event) blocks.relayed(event)
      else ends.relayed(event)
      if (event.type === "response-end" || event.type === "error") closed = true
    }
    return [...before, frame]
  }

  function render(event: StreamEvent): readonly Frame[] {
    switch (event.type) {
      case "message-start":
      case "message-end":
        return []
      case "block-start":
        if (event.at.candidate === 0) return [...ends.start(), ...blocks.start(event)]
        noteCandidates(exchange)
        return []
      case "block-delta":
      case "block-set":
      case "block-end":
        return blocks.write(event)
      case "response-start":
      case "usage":
        ends.take(event)
        return []
      case "turn-end":
        if (event.candidate === 0) ends.take(event)
        else noteCandidates(exchange)
        return []
      case "response-end":
        closed = true
        return [...ends.start(), ...blocks.settle(), ...ends.finish(event, blocks.hasCall())]
      case "error":
        closed = true
        return [...ends.startIfNamed(), ...errorFrames(event.error)]
      case "foreign":
        return unknown(event, exchange)
      default:
        return event satisfies never
    }
  }

  return { say }
}

/** After these the block before has nothing more to say. */
const moves = (event: StreamEvent): boolean =>
  event.type === "block-start" || event.type === "turn-end" || event.type === "response-end"

function unknown(event: Of<"foreign">, { note }: Exchange): readonly Frame[] {
  const value = event.wire === wireId ? asObject(event.value) : undefined
  const type = asString(value?.type)
  if (value && type !== undefined) return [{ event: type, data: stringifyJson(value) }]
  note({ code: "event-unsupported", path: "events[*]", effect: "dropped", side: "response" })
  return []
}

/** What is before and after the blocks. The closing delta waits for the usage, which may come after the end of the turn. */
function endsOf(exchange: Exchange) {
  const context = clientContext(exchange)
  const silent = { ...context, note: () => {} }
  let head: Of<"response-start"> | undefined
  let started = false
  let deltaSent = false
  let usage: Usage | undefined
  let stop: Stop | undefined

  function take(event: StreamEvent): void {
    if (event.type === "response-start") head = event
    else if (event.type === "usage") usage = event.usage
    else if (event.type === "turn-end") stop = event.stop
  }

  function start(): readonly Frame[] {
    if (started) return []
    started = true
    const message = {
      id: head?.id || deriveId("response", exchange.seed),
      type: "message",
      role: "assistant",
      model: head?.model ?? exchange.target.model,
      content: [],
      stop_reason: null,
      stop_sequence: null,
      usage: encodeUsage(usage, answerTier(head?.serviceTier, silent), silent),
    }
    return [frameOf({ type: "message_start", message })]
  }

  function closing({ blocked, pins = [], serviceTier }: Of<"response-end">, hasCall: boolean): Frame {
    const tier = answerTier(serviceTier ?? head?.serviceTier, context)
    const said = finalStop(blocked ?? stop, hasCall, context)
    const delta = present({ ...encodeStop(said, context), container: containerOf(pins, context) })
    return frameOf({ type: "message_delta", delta, usage: encodeUsage(usage, tier, context) })
  }

  return {
    take,
    start,
    startIfNamed: () => (head ? start() : []),
    isStarted: () => started,
    relayed(event: StreamEvent): void {
      take(event)
      if (event.type === "response-start") started = true
      if (event.type === "turn-end") deltaSent = true
    },
    finish(event: Of<"response-end">, hasCall: boolean): readonly Frame[] {
      const end = frameOf({ type: "message_stop" })
      return deltaSent ? [end] : [closing(event, hasCall), end]
    },
  }
}
