import { fault } from "../../core/error.ts"
import type { At, Frame, Machine, Step, StreamEvent } from "../../core/event.ts"
import type { Exchange } from "../../core/exchange.ts"
import { asArray, asNumber, asObject, asString, type Json, type JsonObject, parseJson } from "../../lib/json.ts"
import { inputText } from "./decode-items.ts"
import { decodeHead, decodePins } from "./decode-response.ts"
import { errors } from "./error.ts"
import { answerItems } from "./names.ts"
import { noteStale } from "./seals.ts"
import { decodeStop } from "./stop.ts"
import {
  annotationAdded,
  closeItems,
  inputDelta,
  inputDone,
  itemAdded,
  itemDone,
  newTracker,
  type Place,
  partAdded,
  partDone,
  type Tracker,
  textDelta,
  thoughtDelta,
  thoughtDone,
} from "./stream-items.ts"
import { wireId } from "./types.ts"
import { decodeUsage } from "./usage.ts"

type Restated = readonly At[] | "all" | undefined

/** What a frame of one type means. */
type Reader = (frame: JsonObject, tracker: Tracker, out: StreamEvent[]) => Restated

const outputIndex = (frame: JsonObject): number => asNumber(frame.output_index) ?? 0
const contentIndex = (frame: JsonObject): number => asNumber(frame.content_index) ?? 0
const placeOf = (frame: JsonObject): Place => ({ index: outputIndex(frame), content: contentIndex(frame) })
const summaryKey = (frame: JsonObject): string => `s${asNumber(frame.summary_index) ?? 0}`
const contentKey = (frame: JsonObject): string => `c${contentIndex(frame)}`
const deltaOf = (frame: JsonObject): string => asString(frame.delta) ?? ""
const textOf = (frame: JsonObject): string => asString(frame.text) ?? ""
const partText = (frame: JsonObject): string => asString(asObject(frame.part)?.text) ?? ""
const objectOf = (json: Json | undefined): JsonObject => asObject(json) ?? {}

/** A reader of frames that repeat nothing. */
const says =
  (read: (frame: JsonObject, tracker: Tracker, out: StreamEvent[]) => void): Reader =>
  (frame, tracker, out) => {
    read(frame, tracker, out)
    return undefined
  }

const itemReaders: Readonly<Record<string, Reader>> = {
  "response.output_item.added": says((frame, tracker, out) => itemAdded(tracker, outputIndex(frame), objectOf(frame.item), out)),
  "response.output_item.done": (frame, tracker, out) => itemDone(tracker, outputIndex(frame), objectOf(frame.item), out),
  "response.content_part.added": says((frame, tracker, out) =>
    partAdded(tracker, outputIndex(frame), contentIndex(frame), objectOf(frame.part), out),
  ),
  "response.content_part.done": (frame, tracker, out) => {
    const part = objectOf(frame.part)
    if (part.type === "reasoning_text") return thoughtDone(tracker, outputIndex(frame), contentKey(frame), partText(frame), out)
    return partDone(tracker, placeOf(frame), part, true, out)
  },
}

const textReaders: Readonly<Record<string, Reader>> = {
  "response.output_text.delta": says((frame, tracker, out) => textDelta(tracker, placeOf(frame), frame, false, out)),
  "response.output_text.done": (frame, tracker, out) =>
    partDone(tracker, placeOf(frame), { ...frame, type: "output_text" }, false, out),
  "response.output_text.annotation.added": says((frame, tracker, out) =>
    annotationAdded(tracker, placeOf(frame), frame.annotation ?? null, out),
  ),
  "response.refusal.delta": says((frame, tracker, out) => textDelta(tracker, placeOf(frame), frame, true, out)),
  "response.refusal.done": (frame, tracker, out) => partDone(tracker, placeOf(frame), { ...frame, type: "refusal" }, false, out),
}

const thoughtReaders: Readonly<Record<string, Reader>> = {
  "response.reasoning_summary_part.added": () => undefined,
  "response.reasoning_summary_text.delta": says((frame, tracker, out) =>
    thoughtDelta(tracker, outputIndex(frame), summaryKey(frame), deltaOf(frame), out),
  ),
  "response.reasoning_summary_text.done": (frame, tracker, out) =>
    thoughtDone(tracker, outputIndex(frame), summaryKey(frame), textOf(frame), out),
  "response.reasoning_summary_part.done": (frame, tracker, out) =>
    thoughtDone(tracker, outputIndex(frame), summaryKey(frame), partText(frame), out),
  "response.reasoning_text.delta": says((frame, tracker, out) =>
    thoughtDelta(tracker, outputIndex(frame), contentKey(frame), deltaOf(frame), out),
  ),
  "response.reasoning_text.done": (frame, tracker, out) =>
    thoughtDone(tracker, outputIndex(frame), contentKey(frame), textOf(frame), out),
}

const callReaders: Readonly<Record<string, Reader>> = {
  "response.function_call_arguments.delta": says((frame, tracker, out) =>
    inputDelta(tracker, outputIndex(frame), deltaOf(frame), false, out),
  ),
  "response.function_call_arguments.done": (frame, tracker, out) =>
    inputDone(tracker, outputIndex(frame), inputText(frame.arguments), false, out),
  "response.custom_tool_call_input.delta": says((frame, tracker, out) =>
    inputDelta(tracker, outputIndex(frame), deltaOf(frame), true, out),
  ),
  "response.custom_tool_call_input.done": (frame, tracker, out) =>
    inputDone(tracker, outputIndex(frame), inputText(frame.input), true, out),
}

/** Frames about items, https://platform.openai.com/docs/api-reference/responses-streaming. All others are foreign or end the answer. */
const readers: ReadonlyMap<string, Reader> = new Map(
  [itemReaders, textReaders, thoughtReaders, callReaders].flatMap((table) => Object.entries(table)),
)

/** Progress of the vendor's own tools: what they do is told in full by the item that ends it. */
const progress =
  /^response\.(?:web_search_call|file_search_call|code_interpreter_call|code_interpreter_call_code|image_generation_call|mcp_call|mcp_call_arguments|mcp_list_tools)\./

/** Frames that repeat the response object before its end. */
const openings: ReadonlySet<string> = new Set(["response.created", "response.in_progress", "response.queued"])
const closings: ReadonlySet<string> = new Set(["response.completed", "response.incomplete", "response.failed"])

interface Reading {
  readonly exchange: Exchange
  readonly tracker: Tracker
  started: boolean
  over: boolean
}

function start(reading: Reading, body: JsonObject, out: StreamEvent[]): void {
  if (reading.started) return
  reading.started = true
  const { model, ...head } = decodeHead(body)
  out.push({ type: "response-start", ...head, model: model || reading.exchange.target.model })
}

function fail(reading: Reading, error: JsonObject, out: StreamEvent[]): undefined {
  reading.over = true
  out.push({ type: "error", error: errors.ofObject(error) })
  return undefined
}

/** The closing frame repeats the whole answer, and is the first to tell its usage. */
function close(reading: Reading, body: JsonObject, out: StreamEvent[]): Restated {
  const { exchange, tracker } = reading
  const usage = decodeUsage(body)
  if (usage) out.push({ type: "usage", usage })
  if (body.status === "failed") return fail(reading, objectOf(body.error), out)
  if (!closeItems(tracker, asArray(body.output) ?? [], out)) noteStale(exchange.note, "response")
  out.push({ type: "turn-end", candidate: 0, stop: decodeStop(body, tracker.called) })
  if (!usage) exchange.note({ code: "usage-missing", path: "usage", effect: "dropped", side: "response" })
  const pins = decodePins(body, exchange)
  const { serviceTier } = decodeHead(body)
  const tier = serviceTier === undefined ? {} : { serviceTier }
  out.push({ type: "response-end", ...(pins.length > 0 ? { pins } : {}), ...tier })
  reading.over = true
  return "all"
}

function read(reading: Reading, frame: JsonObject, type: string, out: StreamEvent[]): Restated {
  if (type === "error") return fail(reading, asObject(frame.error) ?? frame, out)
  const body = objectOf(frame.response)
  if (openings.has(type)) {
    start(reading, body, out)
    return undefined
  }
  const reader = readers.get(type)
  if (!reader && !closings.has(type)) {
    if (progress.test(type)) return undefined
    out.push({ type: "foreign", wire: wireId, value: frame })
    return undefined
  }
  start(reading, body, out)
  if (reader) return reader(frame, reading.tracker, out)
  return close(reading, type === "response.failed" ? { ...body, status: "failed" } : body, out)
}

/** Reads one streamed answer. What follows its end, such as a second report of one failure, says nothing. */
export function streamDecoder(exchange: Exchange): Machine<Frame, Step> {
  const reading: Reading = { exchange, tracker: newTracker(answerItems(exchange)), started: false, over: false }
  return {
    push(frame) {
      const events: StreamEvent[] = []
      const json = reading.over ? undefined : parse(frame)
      if (json === undefined) return [{ events, frame }]
      const object = asObject(json)
      const type = asString(object?.type) ?? frame.event
      if (!object || type === undefined) events.push({ type: "foreign", wire: wireId, value: json })
      const restates = object && type !== undefined ? read(reading, object, type, events) : undefined
      return [restates === undefined || restates.length === 0 ? { events, frame } : { events, frame, restates }]
    },
    flush(end) {
      if (reading.over || end === "abort") return []
      reading.over = true
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
