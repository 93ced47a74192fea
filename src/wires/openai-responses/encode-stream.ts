import type { Block } from "../../core/block.ts"
import type { GatewayError } from "../../core/error.ts"
import { type At, atKey, type Frame, type Machine, type Step, type StreamEvent } from "../../core/event.ts"
import type { Exchange } from "../../core/exchange.ts"
import { sequence } from "../../core/sequence.ts"
import { asNumber, asObject, asString, type JsonObject } from "../../lib/json.ts"
import { type Answer, beginAnswer, newAnswer, takeEvent } from "./answer.ts"
import { errors } from "./error.ts"
import { type FrameWriter, frameWriter, payloadOf } from "./out-frames.ts"
import { adoptItem } from "./output.ts"
import { restate } from "./restate.ts"
import { needsEnvelope } from "./seals.ts"
import { home, wireId } from "./types.ts"

/**
 * Writes a streamed answer. The vendor's own frames go out as they came, until something in them was edited: then the edited step and all that
 * repeats it is rendered anew. Any other answer is put in sequence, since agents read one item at a time.
 */
export function streamEncoder(exchange: Exchange): Machine<Step, Frame> {
  const order = sequence({ note: exchange.note })
  const frames = frameWriter()
  const writer: Writer = { frames, answer: newAnswer(exchange, frames), edited: new Set(), wrapped: new Set() }
  let direct: boolean | undefined
  return {
    push(step) {
      direct ??= isOwn(step, exchange)
      if (direct) return takeStep(writer, step)
      const ordered = order.push(step)
      const [only] = ordered
      return only && ordered.length === 1 ? takeStep(writer, only) : ordered.flatMap((one) => takeStep(writer, one))
    },
    flush(end) {
      return direct === false ? order.flush(end).flatMap((one) => takeStep(writer, one)) : []
    },
  }
}

interface Writer {
  readonly frames: FrameWriter
  readonly answer: Answer
  /** Blocks that a step without its frame has spoken of. */
  readonly edited: Set<string>
  /** Blocks whose seal another vendor made. */
  readonly wrapped: Set<string>
}

/** A frame that came from this wire. */
function isOwn({ frame, events }: Step, exchange: Exchange): boolean {
  if (!frame || exchange.target.wire !== wireId) return false
  const { data } = frame
  return data.startsWith("{") || data === "[DONE]" || events.every((event) => event.type === "foreign")
}

function takeStep(writer: Writer, step: Step): readonly Frame[] {
  const { answer, edited } = writer
  const { frame } = step
  if (frame && isOwn(step, answer.exchange)) return answer.over && step.events.length > 0 ? [] : [passFrame(writer, step, frame)]
  const isOwnAnswer = answer.exchange.target.wire === wireId
  const out: Frame[] = []
  for (const event of step.events) {
    if (answer.over) break
    if (isOwnAnswer && "at" in event) edited.add(atKey(event.at))
    if (event.type !== "response-start") out.push(...beginAnswer(answer, false))
    out.push(...takeEvent(answer, event, false))
  }
  return out
}

function passFrame({ frames, answer, edited, wrapped }: Writer, step: Step, frame: Frame): Frame {
  adopt(answer, step, frame)
  for (const event of step.events) takeEvent(answer, event, true)
  markDone(answer, frame)
  for (const event of step.events) if ("at" in event && hasForeignSeal(event)) wrapped.add(atKey(event.at))
  if ((edited.size === 0 && wrapped.size === 0) || !step.restates) return frames.pass(frame)
  const isEdited = (piece: Placed) => edited.has(atKey(piece.at))
  const isWrapped = (piece: Placed) => wrapped.has(atKey(piece.at))
  const { exchange, output } = answer
  return frames.pass(restate(frame, { exchange, items: output.items, isEdited, isWrapped }))
}

interface Placed {
  readonly at: At
}

function hasForeignSeal(event: StreamEvent): boolean {
  if (event.type === "block-start") return needsEnvelope(event.block)
  return event.type === "block-set" && event.set.seal !== undefined && event.set.seal.issuer !== home
}

/** Learns where the vendor put an item from the frame that announced it. */
function adopt({ output }: Answer, step: Step, frame: Frame): void {
  const start = step.events.find((event) => event.type === "message-start")
  if (!start) return
  const fields = payloadOf(frame)
  const index = asNumber(fields?.output_index)
  const item = asObject(fields?.item)
  const id = asString(item?.id) ?? asString(fields?.item_id) ?? ""
  if (index !== undefined) adoptItem(output, start.message, index, id, blockFor(item))
}

/** The kind of item that the vendor announced, as the block that it will hold. */
function blockFor(item: JsonObject | undefined): Block {
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

const repeats = /(?:_text|refusal|part)\.done$/

/** What the vendor has repeated need not be repeated again when a later frame is lost. */
function markDone({ output }: Answer, frame: Frame): void {
  const type = frame.event ?? ""
  if (!repeats.test(type)) return
  const fields = payloadOf(frame)
  const item = output.items.find((one) => one.index === asNumber(fields?.output_index))
  const piece = item?.pieces.find((one) => one.content === asNumber(fields?.content_index))
  if (!piece) return
  piece.textDone = true
  if (type.endsWith("part.done")) piece.partDone = true
}

/** An error after the first frames of an answer, told without knowing them. */
export function errorFrames(error: GatewayError): readonly Frame[] {
  const told = errors.object(error)
  const { code, message, param } = told
  return [frameWriter().write("error", { code, message, param, error: { ...told } })]
}
