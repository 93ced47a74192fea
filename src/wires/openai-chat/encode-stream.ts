import type { Frame, Machine, Step, StreamEnd } from "../../core/event.ts"
import type { Exchange } from "../../core/exchange.ts"
import { sequence } from "../../core/sequence.ts"
import type { Head } from "../../core/wire.ts"
import { asArray, asObject } from "../../lib/json.ts"
import { chunkWriter } from "./chunk-writer.ts"
import { jsonIn, valueAt } from "./chunks.ts"
import { wireId } from "./types.ts"

/** A chunk without choices that brings nothing but usage. */
function isUsageOnly(frame: Frame): boolean {
  if (!frame.data.includes('"usage"') || valueAt(frame.data, '"usage"') === "n") return false
  const source = asObject(jsonIn(frame))
  return source?.usage !== undefined && source.usage !== null && asArray(source.choices)?.length === 0
}

/** True for the usage chunk of a stream whose caller did not ask for it. */
export const hide = (frame: Frame, head: Head): boolean => head.stream && !head.usageAsked && isUsageOnly(frame)

/** Writes a stream of chunks: frames of this wire as they came, everything else anew. */
export function streamEncoder(exchange: Exchange): Machine<Step, Frame> {
  const isSameWire = exchange.target.wire === wireId
  const isUnasked = exchange.request.stream !== undefined && !exchange.request.stream.usage
  const chunks = chunkWriter(exchange, !isUnasked)
  const inOrder = sequence({ note: exchange.note })
  let isRelayed = false
  let isOver = false

  function render(step: Step): readonly Frame[] {
    const frames: Frame[] = []
    for (const event of step.events) {
      if (isOver) break
      isOver = event.type === "error" || event.type === "response-end"
      // what closes a relayed stream is the upstream's own business
      if (!(isRelayed && event.type === "response-end")) frames.push(...chunks.render(event))
    }
    return isRelayed ? [...frames, ...chunks.release()] : frames
  }

  return {
    push(step) {
      if (isOver) return []
      const { frame } = step
      if (isSameWire && frame) {
        isRelayed = true
        chunks.learn(step, frame)
        isOver = step.events.some((event) => event.type === "error" || event.type === "response-end")
        return isUnasked && isUsageOnly(frame) ? [] : [frame]
      }
      return isRelayed ? render(step) : inOrder.push(step).flatMap(render)
    },
    flush(end: StreamEnd) {
      return isOver || isRelayed ? [] : inOrder.flush(end).flatMap(render)
    },
  }
}
