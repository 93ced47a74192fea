import { fault } from "../../core/error.ts"
import type { At, Frame, Machine, Step, StreamEvent } from "../../core/event.ts"
import type { Exchange } from "../../core/exchange.ts"
import { asArray, asNumber, asObject, asString, type Json, type JsonObject, parseJson } from "../../lib/json.ts"
import { inputText } from "./decode-items.ts"
import { decodeHead, decodePins } from "./decode-response.ts"
import { errorOf } from "./error.ts"
import { answerItems } from "./names.ts"
import { decodeStop } from "./stop.ts"
import { type ItemTracker, itemTracker } from "./stream-items.ts"
import { wireId } from "./types.ts"
import { decodeUsage } from "./usage.ts"

type Restated = readonly At[] | "all" | undefined

/** What a frame of one type means. */
type Reader = (frame: JsonObject, items: ItemTracker, out: StreamEvent[]) => Restated

const outputIndex = (frame: JsonObject): number => asNumber(frame.output_index) ?? 0
const contentIndex = (frame: JsonObject): number => asNumber(frame.content_index) ?? 0
const summaryKey = (frame: JsonObject): string => `s${asNumber(frame.summary_index) ?? 0}`
const contentKey = (frame: JsonObject): string => `c${contentIndex(frame)}`
const partText = (frame: JsonObject): string => asString(asObject(frame.part)?.text) ?? ""
const objectOf = (json: Json | undefined): JsonObject => asObject(json) ?? {}

/** Frames about items, https://platform.openai.com/docs/api-reference/responses-streaming. All others are foreign or end the answer. */
const readers: Readonly<Record<string, Reader>> = {
  "response.output_item.added": (frame, items, out) => {
    items.added(outputIndex(frame), objectOf(frame.item), out)
    return undefined
  },
  "response.output_item.done": (frame, items, out) => items.done(outputIndex(frame), objectOf(frame.item), out),
  "response.content_part.added": (frame, items, out) => {
    items.partAdded(outputIndex(frame), contentIndex(frame), objectOf(frame.part), out)
    return undefined
  },
  "response.content_part.done": (frame, items, out) => {
    const part = objectOf(frame.part)
    if (part.type === "reasoning_text") return items.reasoning(outputIndex(frame), contentKey(frame), partText(frame), true, out)
    return items.partDone(outputIndex(frame), contentIndex(frame), part, true, out)
  },
  "response.output_text.delta": (frame, items, out) => {
    items.textDelta(outputIndex(frame), contentIndex(frame), frame, false, out)
    return undefined
  },
  "response.output_text.done": (frame, items, out) =>
    items.partDone(outputIndex(frame), contentIndex(frame), { ...frame, type: "output_text" }, false, out),
  "response.output_text.annotation.added": (frame, items, out) => {
    items.annotation(outputIndex(frame), contentIndex(frame), frame.annotation ?? null, out)
    return undefined
  },
  "response.refusal.delta": (frame, items, out) => {
    items.textDelta(outputIndex(frame), contentIndex(frame), frame, true, out)
    return undefined
  },
  "response.refusal.done": (frame, items, out) =>
    items.partDone(outputIndex(frame), contentIndex(frame), { ...frame, type: "refusal" }, false, out),
  "response.reasoning_summary_part.added": () => undefined,
  "response.reasoning_summary_text.delta": (frame, items, out) => {
    items.reasoning(outputIndex(frame), summaryKey(frame), asString(frame.delta) ?? "", false, out)
    return undefined
  },
  "response.reasoning_summary_text.done": (frame, items, out) =>
    items.reasoning(outputIndex(frame), summaryKey(frame), asString(frame.text) ?? "", true, out),
  "response.reasoning_summary_part.done": (frame, items, out) =>
    items.reasoning(outputIndex(frame), summaryKey(frame), partText(frame), true, out),
  "response.reasoning_text.delta": (frame, items, out) => {
    items.reasoning(outputIndex(frame), contentKey(frame), asString(frame.delta) ?? "", false, out)
    return undefined
  },
  "response.reasoning_text.done": (frame, items, out) =>
    items.reasoning(outputIndex(frame), contentKey(frame), asString(frame.text) ?? "", true, out),
  "response.function_call_arguments.delta": (frame, items, out) => {
    items.inputDelta(outputIndex(frame), asString(frame.delta) ?? "", false, out)
    return undefined
  },
  "response.function_call_arguments.done": (frame, items, out) =>
    items.inputDone(outputIndex(frame), inputText(frame.arguments), false, out),
  "response.custom_tool_call_input.delta": (frame, items, out) => {
    items.inputDelta(outputIndex(frame), asString(frame.delta) ?? "", true, out)
    return undefined
  },
  "response.custom_tool_call_input.done": (frame, items, out) =>
    items.inputDone(outputIndex(frame), inputText(frame.input), true, out),
}

/** Frames that repeat the response object before its end. */
const openings: ReadonlySet<string> = new Set(["response.created", "response.in_progress", "response.queued"])
const closings: ReadonlySet<string> = new Set(["response.completed", "response.incomplete", "response.failed"])

/** Reads one streamed answer. What follows its end, such as a second report of one failure, says nothing. */
export function streamDecoder(exchange: Exchange): Machine<Frame, Step> {
  const items = itemTracker(answerItems(exchange))
  let started = false
  let over = false

  function start(body: JsonObject, out: StreamEvent[]): void {
    if (started) return
    started = true
    const { model, ...head } = decodeHead(body)
    out.push({ type: "response-start", ...head, model: model || exchange.target.model })
  }

  function fail(error: JsonObject, out: StreamEvent[]): undefined {
    over = true
    out.push({ type: "error", error: errorOf(error, 200) })
    return undefined
  }

  function close(body: JsonObject, out: StreamEvent[]): Restated {
    const usage = decodeUsage(body)
    if (usage) out.push({ type: "usage", usage })
    if (body.status === "failed") return fail(objectOf(body.error), out)
    items.close(asArray(body.output) ?? [], out)
    out.push({ type: "turn-end", candidate: 0, stop: decodeStop(body, items.callsTool()) })
    if (!usage) exchange.note({ code: "usage-missing", path: "usage", effect: "dropped", side: "response" })
    const pins = decodePins(body, exchange)
    const { serviceTier } = decodeHead(body)
    const tier = serviceTier === undefined ? {} : { serviceTier }
    out.push({ type: "response-end", ...(pins.length > 0 ? { pins } : {}), ...tier })
    over = true
    return "all"
  }

  function read(frame: JsonObject, type: string, out: StreamEvent[]): Restated {
    if (type === "error") return fail(asObject(frame.error) ?? frame, out)
    const body = objectOf(frame.response)
    if (openings.has(type)) {
      start(body, out)
      return undefined
    }
    const reader = Object.hasOwn(readers, type) ? readers[type] : undefined
    if (!reader && !closings.has(type)) {
      out.push({ type: "foreign", wire: wireId, value: frame })
      return undefined
    }
    start(body, out)
    return reader ? reader(frame, items, out) : close(type === "response.failed" ? { ...body, status: "failed" } : body, out)
  }

  return {
    push(frame) {
      const events: StreamEvent[] = []
      const json = over ? undefined : parse(frame)
      if (json === undefined) return [{ events, frame }]
      const object = asObject(json)
      const type = asString(object?.type) ?? frame.event
      if (!object || type === undefined) events.push({ type: "foreign", wire: wireId, value: json })
      const restates = object && type !== undefined ? read(object, type, events) : undefined
      return [restates === undefined || restates.length === 0 ? { events, frame } : { events, frame, restates }]
    },
    flush(end) {
      if (over || end === "abort") return []
      over = true
      return [{ events: [{ type: "error", error: truncated }] }]
    },
  }
}

const truncated = fault("truncated", "The provider's stream ended before the answer was complete.").error

/** The payload; undefined for frames that hold none, its text where it is no JSON. */
function parse({ data }: Frame): Json | undefined {
  if (data === "" || data === "[DONE]") return undefined
  try {
    return parseJson(data)
  } catch {
    return data
  }
}
