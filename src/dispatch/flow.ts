import type { GatewayError } from "../core/error.ts"
import type { WireId } from "../core/node.ts"
import type { End, Payload } from "../core/record.ts"
import { type KeptBytes, keptBytes } from "../lib/kept-bytes.ts"
import { opened } from "../lib/partly-packed.ts"
import type { Codec, Output } from "./codec.ts"
import type { Feed } from "./feed.ts"
import type { Ending, Try } from "./try.ts"

/** A streamed answer from its first byte to its end: what waits to be sent, what has been, and what is told of it. */
export class Flow {
  readonly trying: Try
  readonly codec: Codec
  readonly source: Feed
  /** Bytes that wait in `held`. */
  waiting = 0
  /** Nothing is left to read: the codec has been told of the end. */
  over = false
  error: GatewayError | undefined
  /** Milliseconds after the call's start. */
  private firstTokenMs: number | undefined
  private lastTokenMs: number | undefined
  private readonly held: Uint8Array[] = []
  /** What the client was sent, as far as the log keeps it. */
  private readonly kept: KeptBytes | undefined
  private sentBytes = 0

  constructor(trying: Try, codec: Codec, source: Feed) {
    const { trail } = trying.call
    this.trying = trying
    this.codec = codec
    this.source = source
    this.kept = trail.capture ? keptBytes(trail.captureLimit) : undefined
  }

  hold(piece: Uint8Array): void {
    this.held.push(piece)
    this.waiting += piece.length
  }

  /** Takes in what a chunk that came at `now` has come to. */
  take(output: Output, now: number): void {
    if (output.content) {
      this.spoke(now)
      this.firstTokenMs ??= this.lastTokenMs
    }
    if (output.error) this.error = output.error
    for (const piece of output.pieces) this.hold(piece)
  }

  /** Content went by at `now`. */
  spoke(now: number): void {
    this.lastTokenMs = now - this.trying.call.started
  }

  /** Everything held, as one piece. */
  drain(): Uint8Array | undefined {
    const { held } = this
    const [first] = held
    if (!first) return undefined
    const piece = held.length === 1 ? first : Buffer.concat(held)
    held.length = 0
    this.waiting = 0
    return piece
  }

  /** Notes what is about to be sent. */
  sends(piece: Uint8Array): void {
    this.sentBytes += piece.length
    this.kept?.add(piece)
  }

  /** The first call counts: what was streamed is kept for the log, the upstream let go, the reply settled. */
  finish(end: End): void {
    const { trying } = this
    if (trying.done) return
    const { trail, wire } = trying.call
    const { kept, sentBytes: size } = this
    if (kept && size > 0) {
      trail.capture?.(streamedPayload(kept, wire.id, size))
    }
    trying.settle(this.ending(end))
    this.source.cancel()
    if (end !== "complete") trying.stop()
  }

  private ending(end: End): Ending {
    const { usage, stop } = this.codec
    const ending: Ending = { end, responseBytes: this.sentBytes }
    if (usage) ending.usage = usage
    if (stop) ending.stop = stop
    if (this.firstTokenMs !== undefined) ending.firstTokenMs = this.firstTokenMs
    if (this.lastTokenMs !== undefined) ending.lastTokenMs = this.lastTokenMs
    if (this.error) ending.error = this.error
    return ending
  }
}

function streamedPayload(kept: KeptBytes, wire: WireId, size: number): Payload {
  const packed = kept.kept()
  const release = () => kept.release()
  const payload = { side: "client-response", wire, contentType: "text/event-stream", size, release } as const
  if (packed.runs.length === 0) return { ...payload, bytes: packed.bytes }
  return {
    ...payload,
    packed,
    get bytes() {
      return opened(packed)
    },
  }
}
