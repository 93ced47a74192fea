import type { Pin } from "../../core/block.ts"
import type { GatewayError } from "../../core/error.ts"
import type { Frame, StreamEvent } from "../../core/event.ts"
import type { Exchange } from "../../core/exchange.ts"
import { deriveId } from "../../core/id.ts"
import type { Stop } from "../../core/response.ts"
import type { Usage } from "../../core/usage.ts"
import { asObject, asString, type Json, type JsonObject } from "../../lib/json.ts"
import { notePins, stopFor } from "./encode-response.ts"
import { errors } from "./error.ts"
import { isCallersCall } from "./names.ts"
import type { FrameWriter } from "./out-frames.ts"
import { blocksOf } from "./out-item.ts"
import { appendBlock, closeAll, endBlock, endMessage, setBlock, startBlock } from "./out-items.ts"
import { newOutput, type Output, outputJson, placeBlock } from "./output.ts"
import { type ResponseState, responseBodies } from "./response-body.ts"
import { closingFrame, type WireStop } from "./stop.ts"
import { wireId } from "./types.ts"
import { encodeUsage } from "./usage.ts"

/** A streamed answer as it is being written. */
export interface Answer {
  readonly exchange: Exchange
  readonly output: Output
  readonly body: (state: ResponseState) => JsonObject
  id: string
  model: string
  created: number
  serviceTier: string | undefined
  stop: Stop | undefined
  usage: Usage | undefined
  pins: readonly Pin[]
  started: boolean
  over: boolean
}

export const newAnswer = (exchange: Exchange, frames: FrameWriter): Answer => ({
  exchange,
  output: newOutput(frames, exchange),
  body: responseBodies(exchange),
  id: deriveId("response", exchange.seed),
  model: exchange.target.model,
  created: Math.floor(exchange.now / 1000),
  serviceTier: undefined,
  stop: undefined,
  usage: undefined,
  pins: [],
  started: false,
  over: false,
})

function responseOf(answer: Answer, stop: WireStop, output: readonly Json[], more: { usage?: Json; error?: Json }): JsonObject {
  const { id, model, created, serviceTier } = answer
  const conversation = answer.pins.find((pin) => pin.kind === "conversation")
  return answer.body({
    id,
    model,
    created,
    stop,
    output,
    usage: more.usage ?? null,
    ...(more.error === undefined ? {} : { error: more.error }),
    ...(serviceTier === undefined ? {} : { serviceTier }),
    ...(conversation ? { conversation: conversation.id } : {}),
  })
}

/** The first frames, once. `silent`: the vendor's own frame says it. */
export function beginAnswer(answer: Answer, silent: boolean): Frame[] {
  if (answer.started) return []
  answer.started = true
  if (silent) return []
  const { frames } = answer.output
  const response = responseOf(answer, { status: "in_progress", incomplete_details: null }, [], {})
  return [frames.write("response.created", { response }), frames.write("response.in_progress", { response })]
}

function finishAnswer(answer: Answer, blocked: Stop | undefined): Frame[] {
  const { exchange, output } = answer
  notePins(answer.pins, exchange)
  const closed = closeAll(output)
  const blocks = output.items.flatMap(blocksOf)
  const stop = stopFor(answer.stop ?? blocked, blocks, blocks.some(isCallersCall), exchange)
  answer.over = true
  const response = responseOf(answer, stop, outputJson(output), { usage: encodeUsage(answer.usage, exchange.note) })
  return [...closed, output.frames.write(closingFrame(stop.status), { response })]
}

/** Both ways in which clients look for a failure. */
function failAnswer(answer: Answer, error: GatewayError): Frame[] {
  answer.over = true
  const { output } = answer
  const told = errors.object(error)
  const { code, message, param } = told
  const reason = { code: code ?? told.type, message }
  const response = responseOf(answer, { status: "failed", incomplete_details: null }, outputJson(output), { error: reason })
  return [
    output.frames.write("error", { code, message, param, error: { ...told } }),
    output.frames.write("response.failed", { response }),
  ]
}

/** Takes one event in, and writes the frames that tell of it unless the vendor's own frame does. */
export function takeEvent(answer: Answer, event: StreamEvent, silent: boolean): Frame[] {
  switch (event.type) {
    case "response-start":
      if (event.id !== "") answer.id = event.id
      answer.model = event.model
      answer.created = event.created ?? answer.created
      answer.serviceTier = event.serviceTier
      return beginAnswer(answer, silent)
    case "usage":
      answer.usage = event.usage
      return []
    case "turn-end":
      if (event.candidate === 0) answer.stop = event.stop
      return []
    case "response-end":
      answer.pins = event.pins ?? []
      answer.serviceTier = event.serviceTier ?? answer.serviceTier
      if (silent) answer.over = true
      return silent ? [] : finishAnswer(answer, event.blocked)
    case "error":
      if (silent) answer.over = true
      return silent ? [] : failAnswer(answer, event.error)
    case "foreign":
      return silent ? [] : foreignFrames(answer, event.wire, event.value)
    default:
      return takeContent(answer, event, silent)
  }
}

type ContentEvent = Extract<StreamEvent, { type: `message-${string}` | `block-${string}` }>

/** This wire has one candidate. */
function takeContent(answer: Answer, event: ContentEvent, silent: boolean): Frame[] {
  const { output } = answer
  if (("at" in event ? event.at.candidate : event.candidate) > 0) {
    const { note } = answer.exchange
    note({ code: "candidates-unsupported", path: "candidates[*]", effect: "dropped", side: "response" })
    return []
  }
  switch (event.type) {
    case "message-start":
      output.messages.set(event.message, event.value)
      return []
    case "message-end":
      return endMessage(output, event.message, event.status, silent)
    case "block-start":
      if (!silent) return startBlock(output, event.at, event.block)
      placeBlock(output, event.at, event.block, itemOf(output, event.at.message))
      return []
    case "block-delta":
      return appendBlock(output, event.at, event.delta, silent)
    case "block-set":
      return setBlock(output, event.at, event.set, silent)
    case "block-end":
      return endBlock(output, event.at, silent)
    default:
      return event satisfies never
  }
}

const itemOf = (output: Output, message: number) => output.items.find((item) => item.message === message)

const isPlainName = /^[\w.-]+$/

/** A frame about progress means nothing without the item that it is about. */
function foreignFrames({ exchange, output }: Answer, wire: string, value: Json): Frame[] {
  const fields = asObject(value)
  const type = asString(fields?.type)
  if (wire === wireId && fields && type !== undefined && isPlainName.test(type) && !("output_index" in fields)) {
    const { type: _, sequence_number: _number, ...rest } = fields
    return [output.frames.write(type, rest)]
  }
  exchange.note({ code: "event-unsupported", path: "events[*]", effect: "dropped", side: "response" })
  return []
}
