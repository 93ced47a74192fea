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

/** Reads a stream of chunks. It has ended in order once each choice seen has a finish reason; the closing `[DONE]` may be missing. */
export function streamDecoder(exchange: Exchange): Machine<Frame, Step> {
  const choices = new Map<number, StreamChoice>()
  let isStarted = false
  let isOver = false
  let hasUsage = false
  let firstTier: string | undefined
  let lastTier: string | undefined

  const isTerminal = (): boolean => choices.size > 0 && [...choices.values()].every((choice) => choice.isFinished)

  function end(): StreamEvent {
    isOver = true
    if (!isTerminal()) return { type: "error", error: truncated }
    if (!hasUsage) exchange.note({ code: "usage-missing", path: "usage", effect: "adapted", side: "response" })
    return { type: "response-end", ...(lastTier === firstTier ? {} : given("serviceTier", lastTier)) }
  }

  function start(source: JsonObject, out: StreamEvent[]): void {
    isStarted = true
    firstTier = asString(source.service_tier)
    out.push({
      type: "response-start",
      id: asString(source.id) || deriveId("response", exchange.seed),
      model: asString(source.model) || exchange.target.model,
      ...given("created", asNumber(source.created)),
      ...given("serviceTier", firstTier),
    })
  }

  function choiceAt(index: number): StreamChoice | undefined {
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

  function takeChunk(source: JsonObject, json: Json): readonly StreamEvent[] {
    const out: StreamEvent[] = []
    const entries = asArray(source.choices) ?? []
    const usage = decodeUsage(source.usage) ?? decodeUsage(asObject(source.x_groq)?.usage)
    if (!isStarted && (entries.length > 0 || usage)) start(source, out)
    lastTier = asString(source.service_tier) ?? lastTier
    entries.forEach((entry, position) => {
      const choice = asObject(entry)
      if (choice) choiceAt(asNumber(choice.index) ?? position)?.take(choice, out)
    })
    if (usage) {
      hasUsage = true
      out.push({ type: "usage", usage })
    }
    const isUnknown = out.length === 0 && entries.length === 0 && restOf(source, responseKeys).length > 0
    return isUnknown ? [{ type: "foreign", wire: wireId, value: json }] : out
  }

  function take(frame: Frame): readonly StreamEvent[] {
    if (frame.data === "") return []
    if (isDone(frame)) return [end()]
    const json = jsonIn(frame)
    const source = asObject(json)
    if (json === undefined || !source) return [{ type: "foreign", wire: wireId, value: json ?? frame.data }]
    const error = errorInFrame(source, frame)
    if (!error) return takeChunk(source, json)
    isOver = true
    return [{ type: "error", error }]
  }

  return {
    push(frame) {
      if (isOver) return []
      const events = take(frame)
      // a closing frame before its time would make the answer look whole
      return events[0]?.type === "error" && isDone(frame) ? [{ events }] : [{ events, frame }]
    },
    flush(ending: StreamEnd) {
      if (isOver || ending === "abort") return []
      return [{ events: [end()] }]
    },
  }
}
