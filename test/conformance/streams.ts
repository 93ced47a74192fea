import type { Frame, Machine, Step, StreamEnd } from "../../src/core/event.ts"
import type { Exchange } from "../../src/core/exchange.ts"
import type { Wire } from "../../src/core/wire.ts"
import { encodeSse, sseDecoder } from "../../src/lib/sse.ts"

const maxFrameBytes = 16 * 1024 * 1024

/** The frames that carry data, from bytes given in pieces. */
export function framesOf(pieces: Iterable<Uint8Array>): Frame[] {
  const decoder = sseDecoder({ maxFrameBytes })
  const frames = []
  for (const piece of pieces) frames.push(...decoder.push(piece))
  frames.push(...decoder.flush())
  return frames.filter((frame) => frame.comment !== true)
}

/** Pushes all, then ends. */
export function run<In, Out>(machine: Machine<In, Out>, inputs: Iterable<In>, end: StreamEnd = "eof"): Out[] {
  const out: Out[] = []
  for (const input of inputs) out.push(...machine.push(input))
  out.push(...machine.flush(end))
  return out
}

export const decodeFrames = (wire: Wire, exchange: Exchange, frames: Iterable<Frame>, end: StreamEnd = "eof"): Step[] =>
  run(wire.stream.decoder(exchange), frames, end)

export const encodeSteps = (wire: Wire, exchange: Exchange, steps: Iterable<Step>): Frame[] =>
  run(wire.stream.encoder(exchange), steps)

/** Frames as a reader at the other end of the line gets them. */
export const overTheLine = (frames: readonly Frame[]): Frame[] =>
  framesOf(
    frames.map(
      (frame) => frame.raw ?? encodeSse({ data: frame.data, ...(frame.event === undefined ? {} : { event: frame.event }) }),
    ),
  )

/** What a frame says, without the bytes that it came in. */
export const said = (frame: Frame): { event?: string; data: string } =>
  frame.event === undefined ? { data: frame.data } : { event: frame.event, data: frame.data }
