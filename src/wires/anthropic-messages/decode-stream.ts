import type { Pin } from "../../core/block.ts"
import { blameOf, type GatewayError } from "../../core/error.ts"
import type { Frame, Machine, Step, StreamEnd, StreamEvent } from "../../core/event.ts"
import type { Exchange } from "../../core/exchange.ts"
import type { Stop } from "../../core/response.ts"
import { asArray, asObject, asString, type Json, type JsonObject, parseJson } from "../../lib/json.ts"
import { answerContext, answerHead, containerPins } from "./decode-response.ts"
import { type Heard, nothing } from "./decode-stream-block.ts"
import { blockTable, joined } from "./decode-stream-blocks.ts"
import { errorIn } from "./error.ts"
import { decodeStop } from "./stop.ts"
import { type DecodeContext, wireId } from "./types.ts"
import { decodeUsage, mergeUsage } from "./usage.ts"

/** Frames to steps. https://platform.claude.com/docs/en/build-with-claude/streaming */
export function streamDecoder(exchange: Exchange): Machine<Frame, Step> {
  const answer = listener(exchange)

  function push(frame: Frame): readonly Step[] {
    if (answer.isOver()) return []
    if (frame.data === "") return [{ events: [], frame }]
    const object = objectOf(frame.data)
    if (!object) return [{ events: [{ type: "foreign", wire: wireId, value: frame.data }], frame }]
    const { events, changed } = answer.hear(object, frame.event)
    if (!changed) return [{ events, frame }]
    return events.length > 0 ? [{ events }] : []
  }

  return {
    push,
    flush: (end: StreamEnd) => (answer.isOver() || end === "abort" ? [] : [{ events: [failure("truncated", unfinished)] }]),
  }
}

const unfinished = "The upstream's answer ended before it was complete."

function objectOf(data: string): JsonObject | undefined {
  try {
    return asObject(parseJson(data))
  } catch {
    return undefined
  }
}

const failure = (kind: GatewayError["kind"], message: string): StreamEvent => ({
  type: "error",
  error: { kind, blame: blameOf(kind), message },
})

/** Reads one event after the other, whatever their order. */
function listener(exchange: Exchange) {
  const context = answerContext(exchange)
  const blocks = blockTable(context)
  const frame = frameOfAnswer(exchange, context)
  let over = false

  function start(message: JsonObject): Heard {
    if (frame.id() !== undefined) return again(message)
    const content = (asArray(message.content) ?? []).map((json: Json) => blocks.whole(json))
    return content.reduce(joined, { events: frame.begin(message) })
  }

  /** A start that is repeated says nothing; another answer inside this one leaves neither whole. */
  function again(message: JsonObject): Heard {
    if (blocks.isEmpty() || asString(message.id) === frame.id()) return { events: [], changed: true }
    over = true
    return { events: [failure("bad-answer", "The upstream began another answer inside this one.")], changed: true }
  }

  function failed(object: JsonObject): Heard {
    over = true
    const error = errorIn({ ...object, type: "error" })
    return { events: [error ? { type: "error", error } : failure("server-error", "The upstream reported an error.")] }
  }

  function finish(): Heard {
    over = true
    return { events: frame.finish(blocks.endAll) }
  }

  function hear(object: JsonObject, name: string | undefined): Heard {
    const type = asString(object.type) ?? name
    switch (type) {
      case "message_start":
        return start(asObject(object.message) ?? {})
      case "content_block_start":
        return joined({ events: frame.begun() }, blocks.start(object))
      case "content_block_delta":
        return joined({ events: frame.begun() }, blocks.delta(object))
      case "content_block_stop":
        return blocks.stop(object)
      case "message_delta":
        return { events: frame.change(object, blocks.endAll) }
      case "message_stop":
        return finish()
      case "ping":
        return nothing
      case "error":
        return failed(object)
      default:
        return { events: [{ type: "foreign", wire: wireId, value: object }] }
    }
  }

  return { hear, isOver: () => over }
}

/** What is around the blocks: the answer's head, its usage, its end. */
function frameOfAnswer(exchange: Exchange, context: DecodeContext) {
  let id: string | undefined
  let turnOver = false
  let usage: JsonObject | undefined
  let stop: Stop | undefined
  let pins: readonly Pin[] = []

  function begin(message: JsonObject): StreamEvent[] {
    const head = answerHead(message, exchange)
    id = head.id
    const said = decodeStop(message)
    if (said.reason !== "pending") stop = said
    takePins(message)
    const start: StreamEvent = { type: "message-start", candidate: 0, message: 0, value: { role: "assistant" } }
    return [{ type: "response-start", ...head }, start, ...takeUsage(message.usage)]
  }

  /** Some servers leave the first frame out. */
  const begun = (): StreamEvent[] => (id === undefined ? begin({}) : [])

  function takeUsage(json: Json | undefined): StreamEvent[] {
    usage = mergeUsage(usage, asObject(json))
    const decoded = asObject(json) ? decodeUsage(usage) : undefined
    return decoded ? [{ type: "usage", usage: decoded }] : []
  }

  function takePins(from: JsonObject): void {
    const said = containerPins(from, context)
    if (said.length > 0) pins = said
  }

  function endTurn(said: Stop, ends: () => readonly StreamEvent[]): StreamEvent[] {
    if (turnOver) return []
    turnOver = true
    return [...ends(), { type: "message-end", candidate: 0, message: 0 }, { type: "turn-end", candidate: 0, stop: said }]
  }

  function change(object: JsonObject, ends: () => readonly StreamEvent[]): StreamEvent[] {
    const delta = asObject(object.delta) ?? {}
    takePins(delta)
    const events = [...begun(), ...takeUsage(object.usage)]
    const said = decodeStop(delta)
    return said.reason === "pending" ? events : [...events, ...endTurn(said, ends)]
  }

  function finish(ends: () => readonly StreamEvent[]): StreamEvent[] {
    const events = [...begun(), ...endTurn(stop ?? { reason: "other", raw: "" }, ends)]
    if (!usage) exchange.note({ code: "usage-missing", path: "usage", effect: "dropped", side: "response" })
    return [...events, { type: "response-end", ...(pins.length > 0 ? { pins } : {}) }]
  }

  return { id: () => id, begin, begun, change, finish }
}
