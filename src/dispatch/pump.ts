import { fault, GatewayFault } from "../core/error.ts"
import type { End } from "../core/record.ts"
import { encodeSse, sseComment } from "../lib/sse.ts"
import type { Flow } from "./flow.ts"

/** How long an upstream may keep a finished stream open. */
const lingerMs = 5_000
const keepAlive = sseComment("keep-alive")

type Direct = new (source: Bun.DirectUnderlyingSource<Uint8Array>) => ReadableStream<Uint8Array>
/** The DOM's types do not know of Bun's direct streams. */
const DirectStream = ReadableStream as unknown as Direct

/**
 * A flow as the body of an answer. The stream is direct: each piece goes from the upstream's read to the client's socket with no queue and no
 * promise in between, and a write gives a promise for as long as the client takes nothing.
 */
export const pumped = (flow: Flow): ReadableStream<Uint8Array> => new DirectStream(new Pump(flow))

class Pump implements Bun.DirectUnderlyingSource<Uint8Array> {
  readonly type = "direct"

  constructor(private readonly flow: Flow) {}

  /** Bun asks once, when it begins to send the answer. */
  async pull(sink: ReadableStreamDirectController): Promise<void> {
    const { flow } = this
    try {
      await pump(flow, sink)
      if (flow.trying.done) return
      sink.end()
      flow.finish(endOf(flow))
    } finally {
      // a sink that takes no more says so by throwing
      flow.finish("aborted")
    }
  }

  /** The client has left. */
  cancel(): void {
    this.flow.finish("aborted")
  }
}

/** The one place where a stream's bytes move. Returns when all has been sent, or when the call has been settled meanwhile. */
async function pump(flow: Flow, sink: ReadableStreamDirectController): Promise<void> {
  const { source, codec, trying } = flow
  const { watch, registry, provider } = trying
  // How long the upstream has said nothing, whatever we said meanwhile.
  let silentMs = 0
  let open = !flow.over
  watch.waitLimit = provider.timeouts.idleMs
  watch.waitKind = "idle"
  watch.quietAfter = registry.limits.keepAliveMs > 0 ? registry.limits.keepAliveMs : Number.POSITIVE_INFINITY
  let piece = flow.drain()
  let now = performance.now()
  for (;;) {
    if (piece) {
      flow.sends(piece)
      const taken = sink.write(piece)
      if (typeof taken !== "number") {
        watch.waiting = 0
        watch.offering = now
        await taken
        watch.offering = 0
        if (trying.done) return
        now = performance.now()
      }
    }
    if (!open || flow.error) break
    try {
      watch.waiting = now - silentMs
      const { value: chunk } = await source.read()
      if (trying.done) return
      now = performance.now()
      silentMs = 0
      if (chunk !== undefined && codec.passes(chunk)) {
        flow.spoke(now)
        piece = chunk
      } else {
        open = advance(flow, chunk, now)
        piece = flow.drain()
      }
    } catch (error) {
      if (trying.done) return
      now = performance.now()
      if (source.wasQuiet()) {
        silentMs = now - watch.waiting
        piece = keepAlive
      } else {
        cut(flow, error, now)
        open = false
        piece = flow.drain()
      }
    }
  }
  watch.waiting = 0
}

/** Takes in one chunk that has to be read; false when it was the last. */
function advance(flow: Flow, chunk: Uint8Array | undefined, now: number): boolean {
  const { codec } = flow
  flow.take(chunk === undefined ? codec.flush("eof") : codec.push(chunk), now)
  if (codec.ended) {
    const { watch } = flow.trying
    watch.waitLimit = Math.min(watch.waitLimit, lingerMs)
    watch.quietAfter = Number.POSITIVE_INFINITY
  }
  return chunk !== undefined
}

/** A stream that breaks after commit ends in an error in the caller's wire, unless it had already said all there was. */
function cut(flow: Flow, error: unknown, now: number): void {
  const { trying, codec } = flow
  if (trying.call.signal.aborted) return
  const reason = error instanceof GatewayFault ? error.error : undefined
  const last = codec.flush("cut")
  if (codec.ended) {
    flow.take(last, now)
    return
  }
  const said = reason ?? fault("truncated", `the stream of ${trying.provider.id} broke off`).error
  flow.error = said
  for (const frame of trying.call.wire.stream.errorFrames(said)) flow.hold(encodeSse(frame))
}

function endOf({ trying, error }: Flow): End {
  if (trying.call.signal.aborted) return "aborted"
  if (!error) return "complete"
  return error.kind === "truncated" ? "truncated" : "error"
}
