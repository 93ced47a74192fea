import type { GatewayError } from "../core/error.ts"
import { fault } from "../core/error.ts"
import type { Frame, Step, StreamEnd, StreamEvent } from "../core/event.ts"
import type { Usage } from "../core/usage.ts"
import type { Mark } from "../core/wire.ts"
import { encodeSse, type SseFrame, sseDecoder } from "../lib/sse.ts"
import { endsFrame, skimmer } from "./skim.ts"
import type { Try } from "./try.ts"

const maxFrameBytes = 64 * 1024 * 1024

/** What a chunk came to: bytes for the client, and what they say. */
export interface Output {
  readonly pieces: readonly Uint8Array[]
  readonly frames: number
  readonly content: boolean
  readonly ended: boolean
  readonly error?: GatewayError
}

/** Bytes in, bytes out, synchronously. Reads usage and stop on the way. */
export interface Codec {
  /** True for a chunk that is content and nothing else: it may go through as it is, and need not be pushed. */
  passes(chunk: Uint8Array): boolean
  push(chunk: Uint8Array): Output
  flush(end: StreamEnd): Output
  /** The wire's terminal condition is met. */
  readonly ended: boolean
  readonly usage?: Usage
  readonly stop?: Mark["stop"]
}

/** The upstream's frames go through as they came, each when it is whole, but for those that exist only because we asked for usage. */
export function relayCodec(trying: Try): Codec {
  const { plan, call, provider } = trying
  const { stream } = plan.route.wire
  const decoder = sseDecoder({ maxFrameBytes })
  const tap = stream.tap()
  const skim = skimmer(stream.signs)
  const state: { ended: boolean; usage?: Usage; stop?: Mark["stop"]; error?: GatewayError; content: boolean } = {
    ended: false,
    content: false,
  }
  let begun = false
  /** The last chunk ended between two frames. */
  let aligned = true

  const read = (marks: readonly Mark[]): void => {
    for (const mark of marks) {
      if (mark.content) state.content = true
      if (mark.usage) state.usage = mark.usage
      if (mark.stop) state.stop = mark.stop
      if (mark.end) state.ended = true
      if (mark.error) state.error = mark.error
      if (mark.id !== undefined) trying.made(mark.id)
    }
  }

  const output = (pieces: readonly Uint8Array[], frames: number, content: boolean): Output =>
    state.error
      ? { pieces, frames, content, ended: state.ended, error: state.error }
      : { pieces, frames, content, ended: state.ended }

  function run(frames: readonly SseFrame[], whole?: Uint8Array): Output {
    state.content = false
    const pieces: Uint8Array[] = []
    for (const frame of frames) {
      if (frame.data !== "") read(tap.push(frame))
      if (!whole && !(plan.hideUsage && stream.hide?.(frame, call.head))) pieces.push(frame.raw)
    }
    if (whole) pieces.push(whole)
    begun ||= state.content
    return output(pieces, frames.length, state.content || (begun && frames.length > 0 && !state.ended))
  }

  return {
    passes: (chunk) => begun && !state.ended && skim.passes(chunk),
    push(chunk) {
      const frames = decoder.push(chunk)
      skim.rest(chunk)
      const whole = aligned && !plan.hideUsage
      aligned = endsFrame(chunk)
      return run(frames, whole && aligned ? chunk : undefined)
    },
    flush(end) {
      const last = run(decoder.flush())
      if (!state.ended) for (const frame of skim.passed()) read(tap.push(frame))
      read(tap.flush(end))
      if (state.ended || state.error) return output(last.pieces, last.frames, last.content)
      const error = fault("truncated", `the stream of ${provider.id} ended before it was complete`).error
      // half a frame would swallow the error that follows it
      return { ...last, error, pieces: call.wire.stream.errorFrames(error).map(encodeSse) }
    },
    get ended() {
      return state.ended
    },
    get usage() {
      return state.usage
    },
    get stop() {
      return state.stop
    },
  } as Codec
}

export interface TranslateCodec extends Codec {
  /** Takes steps that came from elsewhere than a stream, and ends. */
  tell(steps: readonly Step[]): Output
}

/** Upstream frames → steps → the caller's frames. */
export function translateCodec(trying: Try): TranslateCodec {
  const { plan, call } = trying
  const exchange = plan.translation.exchange()
  const decoder = sseDecoder({ maxFrameBytes })
  const upstream = plan.route.wire.stream.decoder(exchange)
  const client = call.wire.stream.encoder(exchange)
  const state: { ended: boolean; usage?: Usage; stop?: Mark["stop"] } = { ended: false }

  function tell(told: readonly Step[], frames: number, end?: StreamEnd): Output {
    const pieces: Uint8Array[] = []
    let content = false
    let error: GatewayError | undefined
    for (const step of told) {
      for (const event of step.events) {
        if (isContent(event)) content = true
        if (event.type === "response-start") trying.made(event.id)
        if (event.type === "usage") state.usage = event.usage
        else if (event.type === "turn-end") state.stop = { reason: event.stop.reason, raw: event.stop.raw }
        else if (event.type === "response-end") state.ended = true
        else if (event.type === "error") error = event.error
      }
      for (const frame of client.push(step)) pieces.push(encodeSse(frame))
    }
    if (end) for (const frame of client.flush(end)) pieces.push(encodeSse(frame))
    return { pieces, frames, content, ended: state.ended, ...(error ? { error } : {}) }
  }

  const decode = (frames: readonly Frame[]): Step[] =>
    frames.flatMap((frame) => (frame.data === "" ? [] : [...upstream.push(frame)]))

  return {
    passes: () => false,
    tell: (told) => tell(told, told.length, "eof"),
    push(chunk) {
      const frames = decoder.push(chunk)
      return tell(decode(frames), frames.length)
    },
    flush(end) {
      const frames = decoder.flush()
      return tell([...decode(frames), ...upstream.flush(end)], frames.length, end)
    },
    get ended() {
      return state.ended
    },
    get usage() {
      return state.usage
    },
    get stop() {
      return state.stop
    },
  } as TranslateCodec
}

/** The first content is what commits a stream: words, thinking, a tool call, media, or a finish. */
function isContent(event: StreamEvent): boolean {
  switch (event.type) {
    case "block-delta":
    case "turn-end":
      return true
    case "block-start":
      return event.block.type !== "text" || event.block.text !== ""
    default:
      return false
  }
}
