import type { Pin } from "../../core/block.ts"
import { blameOf } from "../../core/error.ts"
import type { Frame, Machine, Step, StreamEnd, StreamEvent } from "../../core/event.ts"
import type { Exchange } from "../../core/exchange.ts"
import type { Stop } from "../../core/response.ts"
import { asArray, asNumber, asObject, asString, type Json, type JsonObject, parseJson } from "../../lib/json.ts"
import { answerContext, answerHead, containerPins } from "./decode-response.ts"
import { type OpenBlock, openBlock } from "./decode-stream-block.ts"
import { errorIn } from "./error.ts"
import { decodeStop } from "./stop.ts"
import { wireId } from "./types.ts"
import { decodeUsage, mergeUsage } from "./usage.ts"

/** What one frame said; `changed` when it does not say the same to a client as it does here. */
interface Heard {
  readonly events: readonly StreamEvent[]
  readonly changed?: true
}

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
    flush(end: StreamEnd) {
      if (answer.isOver() || end === "abort") return []
      const message = "The upstream's answer ended before it was complete."
      return [{ events: [{ type: "error", error: { kind: "truncated", blame: blameOf("truncated"), message } }] }]
    },
  }
}

function objectOf(data: string): JsonObject | undefined {
  try {
    return asObject(parseJson(data))
  } catch {
    return undefined
  }
}

const nothing: Heard = { events: [] }

function listener(exchange: Exchange) {
  const context = answerContext(exchange)
  const blocks = new Map<number, OpenBlock>()
  let next = 0
  let id: string | undefined
  let over = false
  let turnOver = false
  let usage: JsonObject | undefined
  let stop: Stop | undefined
  let pins: readonly Pin[] = []

  function begin(message: JsonObject): StreamEvent[] {
    const head = answerHead(message, exchange)
    id = head.id
    return [
      { type: "response-start", ...head },
      { type: "message-start", candidate: 0, message: 0, value: { role: "assistant" } },
    ]
  }

  /** Servers that leave the first frame out. */
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

  function open(index: number, json: Json): Heard {
    const before = blocks.get(index)?.end().events ?? []
    const block = openBlock(json, { candidate: 0, message: 0, block: next++ }, context)
    blocks.set(index, block)
    const start = block.start()
    return { events: [...begun(), ...before, ...start.events], ...(start.changed ? { changed: true } : {}) }
  }

  function start(object: JsonObject): Heard {
    const message = asObject(object.message) ?? {}
    if (id !== undefined) return again(message)
    const events = [...begin(message), ...takeUsage(message.usage)]
    takePins(message)
    let changed = false
    for (const json of asArray(message.content) ?? []) {
      const index = next
      const heard = open(index, json)
      const ended = blocks.get(index)?.end()
      changed ||= heard.changed === true || ended?.changed === true
      events.push(...heard.events, ...(ended?.events ?? []))
    }
    const said = decodeStop(message)
    if (said.reason !== "pending") stop = said
    return changed ? { events, changed } : { events }
  }

  /** A start that is repeated says nothing; another answer inside this one leaves neither whole. */
  function again(message: JsonObject): Heard {
    if (next === 0 || asString(message.id) === id) return { events: [], changed: true }
    over = true
    const said = "The upstream began another answer inside this one."
    return {
      events: [{ type: "error", error: { kind: "bad-answer", blame: blameOf("bad-answer"), message: said } }],
      changed: true,
    }
  }

  function endTurn(said: Stop): StreamEvent[] {
    if (turnOver) return []
    turnOver = true
    const ends = [...blocks.values()].flatMap((block) => block.end().events)
    return [
      ...begun(),
      ...ends,
      { type: "message-end", candidate: 0, message: 0 },
      { type: "turn-end", candidate: 0, stop: said },
    ]
  }

  function messageDelta(object: JsonObject): Heard {
    const delta = asObject(object.delta) ?? {}
    takePins(delta)
    const events = [...begun(), ...takeUsage(object.usage)]
    const said = decodeStop(delta)
    return { events: said.reason === "pending" ? events : [...events, ...endTurn(said)] }
  }

  function finish(): Heard {
    const events = endTurn(stop ?? { reason: "other", raw: "" })
    over = true
    if (!usage) exchange.note({ code: "usage-missing", path: "usage", effect: "dropped", side: "response" })
    return { events: [...events, { type: "response-end", ...(pins.length > 0 ? { pins } : {}) }] }
  }

  function delta(object: JsonObject): Heard {
    const said = asObject(object.delta) ?? {}
    const index = asNumber(object.index) ?? 0
    const isEmpty = Object.values(said).filter((value) => value !== "" && value !== null).length <= 1
    if (!blocks.has(index) && isEmpty) return nothing
    const opened = blocks.has(index) ? nothing : open(index, impliedBlock(said))
    const heard = blocks.get(index)?.delta(said) ?? { events: [foreign(object)] }
    const changed = opened.changed === true || heard.changed === true
    return { events: [...opened.events, ...heard.events], ...(changed ? { changed } : {}) }
  }

  function failed(object: JsonObject): Heard {
    const error = errorIn({ type: "error", ...object }) ?? {
      kind: "server-error" as const,
      blame: blameOf("server-error"),
      message: "The upstream reported an error.",
    }
    over = true
    return { events: [{ type: "error", error }] }
  }

  function hear(object: JsonObject, name: string | undefined): Heard {
    switch (asString(object.type) ?? name) {
      case "message_start":
        return start(object)
      case "content_block_start":
        return open(asNumber(object.index) ?? next, object.content_block ?? null)
      case "content_block_delta":
        return delta(object)
      case "content_block_stop":
        return blocks.get(asNumber(object.index) ?? 0)?.end() ?? nothing
      case "message_delta":
        return messageDelta(object)
      case "message_stop":
        return finish()
      case "ping":
        return nothing
      case "error":
        return failed(object)
      default:
        return { events: [foreign(object)] }
    }
  }

  return { hear, isOver: () => over }
}

const foreign = (value: Json): StreamEvent => ({ type: "foreign", wire: wireId, value })

/** The block that a delta belongs to whose start never came. */
function impliedBlock(delta: JsonObject): Json {
  switch (delta.type) {
    case "thinking_delta":
    case "signature_delta":
      return { type: "thinking", thinking: "", signature: "" }
    case "compaction_delta":
      return { type: "compaction", content: null }
    case "input_json_delta":
      return { type: "tool_use", name: "", input: {} }
    default:
      return { type: "text", text: "" }
  }
}
