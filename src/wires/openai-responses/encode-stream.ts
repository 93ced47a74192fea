import type { Block, Pin } from "../../core/block.ts"
import type { GatewayError } from "../../core/error.ts"
import { type At, atKey, type Frame, type Machine, type Step, type StreamEvent } from "../../core/event.ts"
import type { Exchange } from "../../core/exchange.ts"
import { deriveId } from "../../core/id.ts"
import type { Stop } from "../../core/response.ts"
import { sequence } from "../../core/sequence.ts"
import type { Usage } from "../../core/usage.ts"
import { asNumber, asObject, asString, type Json, type JsonObject } from "../../lib/json.ts"
import { notePins, stopFor } from "./encode-response.ts"
import { encodeErrorObject } from "./error.ts"
import { isCallersCall } from "./names.ts"
import { type FrameWriter, frameWriter, payloadOf } from "./out-frames.ts"
import { blocksOf } from "./out-item.ts"
import { outItems } from "./out-items.ts"
import { responseBodies } from "./response-body.ts"
import { restate } from "./restate.ts"
import { needsEnvelope } from "./seals.ts"
import { closingFrame, type WireStop } from "./stop.ts"
import { home, wireId } from "./types.ts"
import { encodeUsage } from "./usage.ts"

/**
 * Writes a streamed answer. The vendor's own frames go out as they came, until something in them was edited: then the edited step and all that
 * repeats it is rendered anew. Any other answer is put in sequence, since agents read one item at a time.
 */
export function streamEncoder(exchange: Exchange): Machine<Step, Frame> {
  const order = sequence({ note: exchange.note })
  const writer = answerWriter(exchange)
  let direct: boolean | undefined
  return {
    push(step) {
      direct ??= isOwn(step, exchange)
      return direct ? writer.take(step) : order.push(step).flatMap((one) => writer.take(one))
    },
    flush(end) {
      return direct === false ? order.flush(end).flatMap((one) => writer.take(one)) : []
    },
  }
}

/** A frame that came from this wire. */
function isOwn({ frame, events }: Step, exchange: Exchange): boolean {
  if (!frame || exchange.target.wire !== wireId) return false
  const { data } = frame
  return data.startsWith("{") || data === "[DONE]" || events.every((event) => event.type === "foreign")
}

interface AnswerState {
  id: string
  model: string
  created: number
  serviceTier: string | undefined
  stop: Stop | undefined
  usage: Usage | undefined
  pins: readonly Pin[]
}

function answerWriter(exchange: Exchange) {
  const frames: FrameWriter = frameWriter()
  const items = outItems(frames, exchange)
  const bodies = responseBodies(exchange)
  const edited = new Set<string>()
  const wrapped = new Set<string>()
  const state: AnswerState = {
    id: deriveId("response", exchange.seed),
    model: exchange.target.model,
    created: Math.floor(exchange.now / 1000),
    serviceTier: undefined,
    stop: undefined,
    usage: undefined,
    pins: [],
  }
  let started = false
  let over = false

  const body = (stop: WireStop, output: readonly Json[], more: { usage?: Json; error?: Json } = {}): JsonObject => {
    const conversation = state.pins.find((pin) => pin.kind === "conversation")
    return bodies({
      id: state.id,
      model: state.model,
      created: state.created,
      stop,
      output,
      usage: more.usage ?? null,
      ...(more.error === undefined ? {} : { error: more.error }),
      ...(state.serviceTier === undefined ? {} : { serviceTier: state.serviceTier }),
      ...(conversation ? { conversation: conversation.id } : {}),
    })
  }

  function begin(silent: boolean): Frame[] {
    if (started) return []
    started = true
    if (silent) return []
    const response = body({ status: "in_progress", incomplete_details: null }, [])
    return [frames.write("response.created", { response }), frames.write("response.in_progress", { response })]
  }

  function finish(blocked: Stop | undefined): Frame[] {
    notePins(state.pins, exchange)
    const closed = items.closeAll()
    const blocks = items.items.flatMap(blocksOf)
    const stop = stopFor(state.stop ?? blocked, blocks, blocks.some(isCallersCall), exchange)
    over = true
    const response = body(stop, items.output(), { usage: encodeUsage(state.usage, exchange.note) })
    return [...closed, frames.write(closingFrame(stop.status), { response })]
  }

  /** Both ways in which clients look for a failure. */
  function fail(error: GatewayError): Frame[] {
    over = true
    const told = encodeErrorObject(error)
    const { code, message, param } = told
    const reason = { code: code ?? told.type, message }
    const stop: WireStop = { status: "failed", incomplete_details: null }
    return [
      frames.write("error", { code, message, param, error: { ...told } }),
      frames.write("response.failed", { response: body(stop, items.output(), { error: reason }) }),
    ]
  }

  function take(event: StreamEvent, silent: boolean): Frame[] {
    switch (event.type) {
      case "response-start":
        if (event.id !== "") state.id = event.id
        state.model = event.model
        state.created = event.created ?? state.created
        state.serviceTier = event.serviceTier
        return begin(silent)
      case "usage":
        state.usage = event.usage
        return []
      case "turn-end":
        if (event.candidate === 0) state.stop = event.stop
        return []
      case "response-end":
        state.pins = event.pins ?? []
        state.serviceTier = event.serviceTier ?? state.serviceTier
        if (silent) over = true
        return silent ? [] : finish(event.blocked)
      case "error":
        if (silent) over = true
        return silent ? [] : fail(event.error)
      case "foreign":
        return silent ? [] : foreign(event.wire, event.value)
      case "message-start":
      case "message-end":
        return event.candidate === 0 ? takeMessage(event, silent) : another()
      case "block-start":
      case "block-delta":
      case "block-set":
      case "block-end":
        return event.at.candidate === 0 ? takeBlock(event, silent) : another()
      default:
        return event satisfies never
    }
  }

  function another(): Frame[] {
    exchange.note({ code: "candidates-unsupported", path: "candidates[*]", effect: "dropped", side: "response" })
    return []
  }

  /** A frame about progress means nothing without the item that it is about. */
  function foreign(wire: string, value: Json): Frame[] {
    const fields = asObject(value)
    const type = asString(fields?.type)
    if (wire === wireId && fields && type !== undefined && !("output_index" in fields)) {
      const { type: _, sequence_number: _number, ...rest } = fields
      return [frames.write(type, rest)]
    }
    exchange.note({ code: "event-unsupported", path: "events[*]", effect: "dropped", side: "response" })
    return []
  }

  function takeMessage(event: Extract<StreamEvent, { type: "message-start" | "message-end" }>, silent: boolean): Frame[] {
    if (event.type === "message-end") return items.endMessage(event.message, event.status, silent)
    items.startMessage(event.message, event.value)
    return []
  }

  function takeBlock(
    event: Extract<StreamEvent, { type: "block-start" | "block-delta" | "block-set" | "block-end" }>,
    silent: boolean,
  ): Frame[] {
    switch (event.type) {
      case "block-start":
        if (!silent) return items.startBlock(event.at, event.block)
        items.place(event.at, event.block, items.itemOf(event.at.message))
        return []
      case "block-delta":
        return items.append(event.at, event.delta, silent)
      case "block-set":
        return items.set(event.at, event.set, silent)
      case "block-end":
        return items.endBlock(event.at, silent)
      default:
        return event satisfies never
    }
  }

  /** Learns where the vendor put an item from the frame that announced it. */
  function adopt(step: Step, frame: Frame): void {
    const start = step.events.find((event) => event.type === "message-start")
    if (!start) return
    const fields = payloadOf(frame)
    const index = asNumber(fields?.output_index)
    const item = asObject(fields?.item)
    if (index !== undefined)
      items.adopt(start.message, index, asString(item?.id) ?? asString(fields?.item_id) ?? "", kindOf(item))
  }

  function passed(step: Step, frame: Frame): Frame {
    adopt(step, frame)
    for (const event of step.events) take(event, true)
    markDone(frame)
    for (const event of step.events) if ("at" in event && hasForeignSeal(event)) wrapped.add(atKey(event.at))
    if ((edited.size === 0 && wrapped.size === 0) || !step.restates) return frames.pass(frame)
    const isEdited = (piece: Placed) => edited.has(atKey(piece.at))
    const isWrapped = (piece: Placed) => wrapped.has(atKey(piece.at))
    return frames.pass(restate(frame, { exchange, items: items.items, isEdited, isWrapped }))
  }

  /** What the vendor has repeated need not be repeated again when a later frame is lost. */
  function markDone(frame: Frame): void {
    const type = frame.event ?? ""
    if (!type.endsWith("_text.done") && !type.endsWith("part.done") && !type.endsWith("refusal.done")) return
    const fields = payloadOf(frame)
    const item = items.items.find((one) => one.index === asNumber(fields?.output_index))
    const piece = item?.pieces.find((one) => one.content === asNumber(fields?.content_index))
    if (!piece) return
    piece.textDone = true
    if (type.endsWith("part.done")) piece.partDone = true
  }

  return {
    take(step: Step): readonly Frame[] {
      const { frame } = step
      if (frame && isOwn(step, exchange)) return over && step.events.length > 0 ? [] : [passed(step, frame)]
      if (over) return []
      for (const event of step.events) if ("at" in event) edited.add(atKey(event.at))
      const out: Frame[] = []
      for (const event of step.events)
        if (!over) out.push(...(event.type === "response-start" ? [] : begin(false)), ...take(event, false))
      return out
    },
  }
}

interface Placed {
  readonly at: At
}

function hasForeignSeal(event: StreamEvent): boolean {
  if (event.type === "block-start") return needsEnvelope(event.block)
  return event.type === "block-set" && event.set.seal !== undefined && event.set.seal.issuer !== home
}

/** Which kind of item the vendor announced, as the block that it will hold. */
function kindOf(item: JsonObject | undefined): Block {
  switch (item?.type) {
    case "reasoning":
      return { type: "reasoning", parts: [] }
    case "function_call":
    case "custom_tool_call":
      return { type: "tool-call", id: "", name: asString(item.name) ?? "", input: "" }
    case "message":
    case undefined:
      return { type: "text", text: "" }
    default:
      return { type: "foreign", wire: wireId, value: { ...item, id: asString(item?.id) ?? "" } }
  }
}

/** An error after the first frames of an answer, told without knowing them. */
export const errorFrames = (error: GatewayError): readonly Frame[] => {
  const told = encodeErrorObject(error)
  const { code, message, param } = told
  return [frameWriter().write("error", { code, message, param, error: { ...told } })]
}
