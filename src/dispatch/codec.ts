import type { GatewayError } from "../core/error.ts"
import { fault } from "../core/error.ts"
import type { Frame, Machine, Step, StreamEnd, StreamEvent } from "../core/event.ts"
import type { Usage } from "../core/usage.ts"
import type { Mark, Wire } from "../core/wire.ts"
import { encodeSse, type SseFrame, sseDecoder } from "../lib/sse.ts"
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
  readonly usage: Usage | undefined
  readonly stop: Mark["stop"]
}

/** The upstream's frames go through as they came, each when it is whole, but for those that exist only because we asked for usage. */
export class RelayCodec implements Codec {
  /** The last chunk ended between two frames, content has begun and not ended: what comes next is likely to be content and nothing else. */
  private skims = false
  ended = false
  usage: Usage | undefined
  stop: Mark["stop"]
  private error: GatewayError | undefined
  private begun = false
  private aligned = true
  private readonly decoder = sseDecoder({ maxFrameBytes })
  private readonly stream: Wire["stream"]
  private readonly tap: Machine<Frame, Mark>
  private readonly trying: Try

  constructor(trying: Try) {
    const { stream } = trying.plan.route.wire
    this.trying = trying
    this.stream = stream
    this.tap = stream.tap()
  }

  passes(chunk: Uint8Array): boolean {
    return this.skims && endsFrame(chunk) && !this.stream.saysMore(chunk)
  }

  push(chunk: Uint8Array): Output {
    const frames = this.decoder.push(chunk)
    const starts = this.aligned
    this.aligned = endsFrame(chunk)
    const output = this.run(frames, starts && this.aligned && !this.trying.plan.hideUsage ? chunk : undefined)
    this.skims = this.begun && this.aligned && !this.ended
    return output
  }

  flush(end: StreamEnd): Output {
    const last = this.run(this.decoder.flush())
    this.skims = false
    for (const mark of this.tap.flush(end)) this.read(mark)
    if (this.ended || this.error) return this.output(last.pieces, last.frames, last.content)
    const { provider, call } = this.trying
    const error = fault("truncated", `the stream of ${provider.id} ended before it was complete`).error
    // half a frame would swallow the error that follows it
    return { ...last, error, pieces: call.wire.stream.errorFrames(error).map(encodeSse) }
  }

  /** `whole`: the chunk, where all of its frames go through. */
  private run(frames: readonly SseFrame[], whole?: Uint8Array): Output {
    const { hideUsage } = this.trying.plan
    const pieces: Uint8Array[] = whole ? [whole] : []
    let content = false
    for (const frame of frames) {
      if (frame.data !== "") for (const mark of this.tap.push(frame)) if (this.read(mark)) content = true
      if (!whole && !(hideUsage && this.hides(frame))) pieces.push(frame.raw)
    }
    this.begun ||= content
    return this.output(pieces, frames.length, content || (this.begun && frames.length > 0 && !this.ended))
  }

  private hides(frame: SseFrame): boolean {
    return this.stream.hide?.(frame, this.trying.call.head) ?? false
  }

  /** Whether the mark is one of content. */
  private read({ content, usage, stop, end, error, id }: Mark): boolean {
    if (usage) this.usage = usage
    if (stop) this.stop = stop
    if (end) this.ended = true
    if (error) this.error = error
    if (id !== undefined) this.trying.made(id)
    return content === true
  }

  private output(pieces: readonly Uint8Array[], frames: number, content: boolean): Output {
    const { ended, error } = this
    return error ? { pieces, frames, content, ended, error } : { pieces, frames, content, ended }
  }
}

const newline = 0x0a

const endsFrame = (chunk: Uint8Array): boolean => chunk[chunk.length - 1] === newline && chunk[chunk.length - 2] === newline

/** Upstream frames → steps → the caller's frames. */
export class TranslateCodec implements Codec {
  ended = false
  usage: Usage | undefined
  stop: Mark["stop"]
  private readonly trying: Try
  private readonly decoder = sseDecoder({ maxFrameBytes })
  private readonly upstream: Machine<Frame, Step>
  private readonly client: Machine<Step, Frame>

  constructor(trying: Try) {
    const { plan, call } = trying
    const exchange = plan.translation.exchange()
    this.trying = trying
    this.upstream = plan.route.wire.stream.decoder(exchange)
    this.client = call.wire.stream.encoder(exchange)
  }

  passes(): boolean {
    return false
  }

  push(chunk: Uint8Array): Output {
    const frames = this.decoder.push(chunk)
    return this.told(this.decode(frames), frames.length)
  }

  flush(end: StreamEnd): Output {
    const frames = this.decoder.flush()
    return this.told([...this.decode(frames), ...this.upstream.flush(end)], frames.length, end)
  }

  /** Takes steps that came from elsewhere than a stream, and ends. */
  tell(steps: readonly Step[]): Output {
    return this.told(steps, steps.length, "eof")
  }

  private decode(frames: readonly Frame[]): Step[] {
    const steps: Step[] = []
    for (const frame of frames) if (frame.data !== "") steps.push(...this.upstream.push(frame))
    return steps
  }

  private told(steps: readonly Step[], frames: number, end?: StreamEnd): Output {
    const { client } = this
    const pieces: Uint8Array[] = []
    let content = false
    let error: GatewayError | undefined
    for (const step of steps) {
      for (const event of step.events) {
        if (isContent(event)) content = true
        if (event.type === "error") error = event.error
        else this.read(event)
      }
      for (const frame of client.push(step)) pieces.push(encodeSse(frame))
    }
    if (end) for (const frame of client.flush(end)) pieces.push(encodeSse(frame))
    const { ended } = this
    return error ? { pieces, frames, content, ended, error } : { pieces, frames, content, ended }
  }

  private read(event: StreamEvent): void {
    if (event.type === "response-start") this.trying.made(event.id)
    else if (event.type === "usage") this.usage = event.usage
    else if (event.type === "turn-end") this.stop = { reason: event.stop.reason, raw: event.stop.raw }
    else if (event.type === "response-end") this.ended = true
  }
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
