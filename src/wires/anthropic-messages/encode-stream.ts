import type { Frame, Machine, Step, StreamEnd, StreamEvent } from "../../core/event.ts"
import type { Exchange } from "../../core/exchange.ts"
import { sequence } from "../../core/sequence.ts"
import { asObject, asString, stringifyJson } from "../../lib/json.ts"
import { answerPath, clientContext, noteCandidates } from "./encode-response.ts"
import { type BlockRow, blockRow } from "./encode-stream-blocks.ts"
import { type Ends, endsOf, type Of } from "./encode-stream-ends.ts"
import { errorFrames } from "./error.ts"
import { inside, wireId } from "./types.ts"

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
  const render = renderer(exchange, blocks, ends)
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
    if (only && events.length === 1) return one(only)
    return events.flatMap((event) => (closed ? [] : one(event)))
  }

  function one(event: StreamEvent): readonly Frame[] {
    closed ||= isLast(event)
    return render(event)
  }

  function relay({ events }: Step, frame: Frame): readonly Frame[] {
    const before = events.some(moves) ? blocks.settle() : []
    for (const event of events) {
      if ("at" in event) blocks.relayed(event)
      else ends.relayed(event)
      closed ||= isLast(event)
    }
    return [...before, frame]
  }

  return { say }
}

const isLast = (event: StreamEvent): boolean => event.type === "response-end" || event.type === "error"

/** The frames that tell of one event. */
function renderer(exchange: Exchange, blocks: BlockRow, ends: Ends): (event: StreamEvent) => readonly Frame[] {
  return (event) => {
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
        return [...ends.start(), ...blocks.settle(), ...ends.finish(event, blocks.hasCall())]
      case "error":
        return [...ends.startIfNamed(), ...errorFrames(event.error)]
      case "foreign":
        return unknown(event, exchange)
      default:
        return event satisfies never
    }
  }
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
