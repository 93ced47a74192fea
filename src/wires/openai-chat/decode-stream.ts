import type { GatewayError } from "../../core/error.ts"
import type { Frame, Machine, Step, StreamEnd, StreamEvent } from "../../core/event.ts"
import type { Exchange } from "../../core/exchange.ts"
import { deriveId } from "../../core/id.ts"
import { restOf } from "../../core/lens.ts"
import { asArray, asNumber, asObject, asString, type Json, type JsonObject } from "../../lib/json.ts"
import { isDone, jsonIn } from "./chunks.ts"
import { errors } from "./error.ts"
import { type StreamChoice, streamChoice } from "./stream-choice.ts"
import { given, responseKeys, wireId } from "./types.ts"
import { decodeUsage } from "./usage.ts"

/** As many as the format allows a caller to ask for. */
const mostChoices = 128

export const truncated: GatewayError = {
  kind: "truncated",
  blame: "provider",
  message: "the answer was cut off before it ended",
}

/** An error told in a frame of a stream. */
export function errorInFrame(source: JsonObject, frame: Frame): GatewayError | undefined {
  const isError = (source.error !== undefined && source.error !== null) || source.object === "error" || frame.event === "error"
  return isError ? errors.inBody(source) : undefined
}

/** A stream as far as it has been read. */
interface Reading {
  readonly exchange: Exchange
  readonly choices: Map<number, StreamChoice>
  isStarted: boolean
  isOver: boolean
  hasUsage: boolean
  firstTier: string | undefined
  lastTier: string | undefined
}

/** Reads a stream of chunks. It has ended in order once each choice seen has a finish reason; the closing `[DONE]` may be missing. */
export function streamDecoder(exchange: Exchange): Machine<Frame, Step> {
  const reading: Reading = {
    exchange,
    choices: new Map(),
    isStarted: false,
    isOver: false,
    hasUsage: false,
    firstTier: undefined,
    lastTier: undefined,
  }
  return {
    push(frame) {
      if (reading.isOver) return []
      const events = take(reading, frame)
      // a closing frame before its time would make the answer look whole
      return events[0]?.type === "error" && isDone(frame) ? [{ events }] : [{ events, frame }]
    },
    flush(ending: StreamEnd) {
      if (reading.isOver || ending === "abort") return []
      return [{ events: [end(reading)] }]
    },
  }
}

function take(reading: Reading, frame: Frame): readonly StreamEvent[] {
  if (frame.data === "") return []
  if (isDone(frame)) return [end(reading)]
  const json = jsonIn(frame)
  const source = asObject(json)
  if (json === undefined || !source) return [{ type: "foreign", wire: wireId, value: json ?? frame.data }]
  const error = errorInFrame(source, frame)
  if (!error) return takeChunk(reading, source, json)
  reading.isOver = true
  return [{ type: "error", error }]
}

function takeChunk(reading: Reading, source: JsonObject, json: Json): readonly StreamEvent[] {
  const out: StreamEvent[] = []
  const entries = asArray(source.choices) ?? []
  const usage = decodeUsage(source.usage) ?? decodeUsage(asObject(source.x_groq)?.usage)
  if (!reading.isStarted && (entries.length > 0 || usage)) start(reading, source, out)
  reading.lastTier = asString(source.service_tier) ?? reading.lastTier
  for (let position = 0; position < entries.length; position++) {
    const choice = asObject(entries[position])
    if (choice) choiceAt(reading, asNumber(choice.index) ?? position)?.take(choice, out)
  }
  if (usage) {
    reading.hasUsage = true
    out.push({ type: "usage", usage })
  }
  const isUnknown = out.length === 0 && entries.length === 0 && restOf(source, responseKeys).length > 0
  return isUnknown ? [{ type: "foreign", wire: wireId, value: json }] : out
}

function start(reading: Reading, source: JsonObject, out: StreamEvent[]): void {
  const { exchange } = reading
  reading.isStarted = true
  reading.firstTier = asString(source.service_tier)
  out.push({
    type: "response-start",
    id: asString(source.id) || deriveId("response", exchange.seed),
    model: asString(source.model) || exchange.target.model,
    ...given("created", asNumber(source.created)),
    ...given("serviceTier", reading.firstTier),
  })
}

function choiceAt({ choices, exchange }: Reading, index: number): StreamChoice | undefined {
  const found = choices.get(index)
  if (found) return found
  if (choices.size >= mostChoices) {
    exchange.note({ code: "candidates-unsupported", path: "candidates[*]", effect: "dropped", side: "response" })
    return undefined
  }
  const made = streamChoice(choices.size, exchange)
  choices.set(index, made)
  return made
}

const isTerminal = ({ choices }: Reading): boolean =>
  choices.size > 0 && [...choices.values()].every((choice) => choice.isFinished)

function end(reading: Reading): StreamEvent {
  const { exchange, firstTier, lastTier } = reading
  reading.isOver = true
  if (!isTerminal(reading)) return { type: "error", error: truncated }
  if (!reading.hasUsage) exchange.note({ code: "usage-missing", path: "usage", effect: "adapted", side: "response" })
  return { type: "response-end", ...(lastTier === firstTier ? {} : given("serviceTier", lastTier)) }
}
