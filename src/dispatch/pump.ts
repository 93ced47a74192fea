import { fault, GatewayFault } from "../core/error.ts"
import type { End } from "../core/record.ts"
import { pipe, type Receiver } from "../lib/http1/receiver.ts"
import { encodeSse, sseComment } from "../lib/sse.ts"
import type { Codec, Output } from "./codec.ts"
import type { Flow } from "./flow.ts"

/** How long an upstream may keep a finished stream open. */
const lingerMs = 5_000
const keepAlive = sseComment("keep-alive")

type Direct = new (source: Bun.DirectUnderlyingSource<Uint8Array>) => ReadableStream<Uint8Array>
/** The DOM's types do not know of Bun's direct streams. */
const DirectStream = ReadableStream as unknown as Direct

/**
 * A flow as the body of an answer. The stream is direct: each piece goes from the upstream's socket to the client's with no queue and no promise in
 * between, and a write gives a promise for as long as the client takes nothing.
 */
export const pumped = (flow: Flow): ReadableStream<Uint8Array> => new DirectStream(new Pump(flow))

/** The one place where a stream's bytes move. */
class Pump implements Bun.DirectUnderlyingSource<Uint8Array>, Receiver {
  readonly type = "direct"
  private sink: ReadableStreamDirectController | undefined
  /** Until the client takes again what it was offered. */
  private stalled: Promise<unknown> | undefined
  /** Writes that wait for the client. */
  private offers = 0
  private readonly sent = Promise.withResolvers<void>()

  constructor(private readonly flow: Flow) {}

  /** Bun asks once, when it begins to send the answer. */
  pull(sink: ReadableStreamDirectController): Promise<void> {
    const { flow } = this
    const { watch, registry, provider } = flow.trying
    this.sink = sink
    const now = performance.now()
    watch.waiting = now
    watch.waitLimit = provider.timeouts.idleMs
    watch.waitKind = "idle"
    watch.quietAfter = registry.limits.keepAliveMs > 0 ? registry.limits.keepAliveMs : Number.POSITIVE_INFINITY
    watch.quiet = () => this.sayWeAreHere()
    this.send(flow.drain(), now)
    void this.begin()
    return this.sent.promise
  }

  /** The client has left. */
  cancel(): void {
    this.flow.finish("aborted")
    this.sent.resolve()
  }

  piece(chunk: Uint8Array): Promise<unknown> | undefined {
    const { flow } = this
    const { watch, done } = flow.trying
    if (done) return this.leave()
    // the call ends with its error, whatever has come after that
    if (flow.error) return this.stalled
    const now = performance.now()
    watch.waiting = now
    if (flow.codec.passes(chunk)) {
      flow.spoke(now)
      this.send(chunk, now)
      return this.stalled
    }
    this.advance(chunk, now)
    if (flow.error) void this.close()
    return this.stalled
  }

  end(): void {
    const { trying, error } = this.flow
    if (trying.done) this.leave()
    else if (!error) {
      this.advance(undefined, performance.now())
      void this.close()
    }
  }

  broke(reason: unknown): void {
    const { trying, error } = this.flow
    if (trying.done) this.leave()
    else if (!error) {
      this.cut(reason, performance.now())
      void this.close()
    }
  }

  private async begin(): Promise<void> {
    await this.stalled
    const { flow } = this
    if (flow.trying.done) this.leave()
    else if (flow.over || flow.error) await this.close()
    else pipe(flow.source, this)
  }

  /** Nobody waits for more: the call has been settled. */
  private leave(): undefined {
    this.sent.resolve()
    return undefined
  }

  private advance(chunk: Uint8Array | undefined, now: number): void {
    try {
      advance(this.flow, chunk, now)
    } catch (error) {
      this.cut(error, now)
      return
    }
    this.send(this.flow.drain(), now)
  }

  private cut(reason: unknown, now: number): void {
    cut(this.flow, reason, now)
    this.send(this.flow.drain(), now)
  }

  private sayWeAreHere(): void {
    const now = performance.now()
    this.send(keepAlive, now, now - this.flow.trying.watch.waiting)
  }

  /** @param silentMs for how long the upstream has said nothing, whatever we say meanwhile */
  private send(piece: Uint8Array | undefined, now: number, silentMs = 0): void {
    const { sink, flow } = this
    if (!piece || !sink) return
    flow.sends(piece)
    try {
      const taken = sink.write(piece)
      if (typeof taken !== "number") this.stalled = this.taken(taken, now, silentMs)
    } catch {
      // a sink that takes no more says so by throwing
      this.cancel()
    }
  }

  /** Holds the client to its time for as long as it takes nothing, and the upstream to none. */
  private async taken(taking: Promise<number>, now: number, silentMs: number): Promise<void> {
    const { watch } = this.flow.trying
    this.offers += 1
    watch.waiting = 0
    if (watch.offering === 0) watch.offering = now
    await taking.catch(() => this.cancel())
    this.offers -= 1
    if (this.offers > 0) return
    watch.offering = 0
    this.stalled = undefined
    if (!this.flow.trying.done) watch.waiting = performance.now() - silentMs
  }

  private async close(): Promise<void> {
    await this.stalled
    const { flow, sink } = this
    flow.trying.watch.waiting = 0
    try {
      if (!flow.trying.done) sink?.end()
      flow.finish(endOf(flow))
    } catch {
      flow.finish("aborted")
    }
    this.sent.resolve()
  }
}

/** Takes in one chunk that has to be read, or the end. */
function advance(flow: Flow, chunk: Uint8Array | undefined, now: number): void {
  const { codec } = flow
  flow.take(chunk === undefined ? codec.flush("eof") : codec.push(chunk), now)
  if (codec.ended) {
    const { watch } = flow.trying
    watch.waitLimit = Math.min(watch.waitLimit, lingerMs)
    watch.quietAfter = Number.POSITIVE_INFINITY
  }
}

/** A stream that breaks after commit ends in an error in the caller's wire, unless it had already said all there was. */
function cut(flow: Flow, error: unknown, now: number): void {
  const { trying, codec } = flow
  if (trying.call.signal.aborted) return
  const reason = error instanceof GatewayFault ? error.error : undefined
  const last = lastOf(codec)
  if (codec.ended) {
    if (last) flow.take(last, now)
    return
  }
  const said = reason ?? fault("truncated", `the stream of ${trying.provider.id} broke off`).error
  flow.error = said
  for (const frame of trying.call.wire.stream.errorFrames(said)) flow.hold(encodeSse(frame))
}

/** Undefined where the codec cannot tell its end either. */
function lastOf(codec: Codec): Output | undefined {
  try {
    return codec.flush("cut")
  } catch {
    return undefined
  }
}

function endOf({ trying, error }: Flow): End {
  if (trying.call.signal.aborted) return "aborted"
  if (!error) return "complete"
  return error.kind === "truncated" ? "truncated" : "error"
}
