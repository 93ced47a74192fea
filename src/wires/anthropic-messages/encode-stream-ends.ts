import type { Frame, StreamEvent } from "../../core/event.ts"
import type { Exchange } from "../../core/exchange.ts"
import { deriveId } from "../../core/id.ts"
import type { Stop } from "../../core/response.ts"
import type { Usage } from "../../core/usage.ts"
import { answerTier, clientContext, containerOf } from "./encode-response.ts"
import { encodeStop, finalStop } from "./stop.ts"
import { frameOf } from "./stream-frame.ts"
import { present } from "./types.ts"
import { encodeUsage } from "./usage.ts"

export type Of<T extends StreamEvent["type"]> = Extract<StreamEvent, { type: T }>

/** What is before and after the blocks of an answer. */
export interface Ends {
  take(event: StreamEvent): void
  /** The first frame, once. */
  start(): readonly Frame[]
  /** The first frame if there is something to say in it. */
  startIfNamed(): readonly Frame[]
  isStarted(): boolean
  /** A frame that said this went out as it came. */
  relayed(event: StreamEvent): void
  finish(event: Of<"response-end">, hasCall: boolean): readonly Frame[]
}

/** The closing delta waits for the usage, which may come after the end of the turn. */
export function endsOf(exchange: Exchange): Ends {
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
