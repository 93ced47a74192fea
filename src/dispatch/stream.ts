import type { Reply } from "../core/call.ts"
import { fault, type GatewayError, GatewayFault } from "../core/error.ts"
import type { End } from "../core/record.ts"
import { steps } from "../core/steps.ts"
import { parseJson } from "../lib/json.ts"
import { type KeptBytes, keptBytes } from "../lib/kept-bytes.ts"
import { encodeSse, sseComment } from "../lib/sse.ts"
import { utf8Text } from "../lib/utf8.ts"
import { type Codec, type Output, relayCodec, translateCodec } from "./codec.ts"
import { emptyFeed, type Feed, feed } from "./feed.ts"
import { replyHeaders, upstreamRequestId } from "./headers.ts"
import type { Try } from "./try.ts"
import { wholeBody } from "./unary.ts"

const holdFrames = 64
const holdBytes = 256 * 1024
const holdMs = 20_000
/** How long an upstream may keep a finished stream open. */
const lingerMs = 5_000
const keepAlive = sseComment("keep-alive")

interface Flow {
  readonly trying: Try
  readonly codec: Codec
  readonly source: Feed
  readonly held: Uint8Array[]
  bytes: number
  /** Nothing is left to read: the codec has been told of the end. */
  over: boolean
  firstTokenMs?: number
  lastTokenMs?: number
  error?: GatewayError
  /** What the client was sent, as far as the log keeps it. */
  readonly kept: KeptBytes | undefined
  sentBytes: number
}

/** The reply of a streamed call: held until its first content, then pumped. Any failure before that can still go elsewhere. */
export async function streamReply(trying: Try, response: Response): Promise<Reply> {
  const { plan, call } = trying
  const id = upstreamRequestId(response.headers)
  if (id !== undefined) trying.upstreamId = id
  const type = response.headers.get("content-type") ?? ""
  const flow = type.includes("json") ? await wholeAnswer(trying, response) : await opened(trying, response)
  trying.commit()
  const headers = replyHeaders(response.headers, call.wire, plan.relayAnswer)
  headers["content-type"] = "text/event-stream; charset=utf-8"
  headers["cache-control"] = "no-cache"
  trying.onAbandon(() => finish(flow, "aborted"))
  return trying.reply(200, headers, pump(flow))
}

function newFlow(trying: Try, codec: Codec, source: Feed): Flow {
  return {
    trying,
    codec,
    source,
    held: [],
    bytes: 0,
    over: false,
    kept: trying.call.trail.capture ? keptBytes(trying.call.trail.captureLimit) : undefined,
    sentBytes: 0,
  }
}

/** Reads until the first content, or until enough was held. */
async function opened(trying: Try, response: Response): Promise<Flow> {
  const { plan, watch, provider } = trying
  const codec = plan.relayAnswer ? relayCodec(trying) : translateCodec(trying)
  const flow = newFlow(trying, codec, feed(response, watch))
  const from = performance.now()
  watch.quietAfter = holdMs
  for (let frames = 0; ; ) {
    watch.waiting = performance.now()
    let chunk: Uint8Array | undefined
    try {
      const arrived = flow.source.read()
      chunk = flow.source.take(arrived instanceof Promise ? await arrived : arrived)
    } catch (error) {
      if (!flow.source.wasQuiet()) throw error
      trying.waited()
      break
    }
    trying.waited()
    const output = chunk === undefined ? codec.flush("eof") : codec.push(chunk)
    take(flow, output)
    if (output.error) throw inBand(output.error, provider.id)
    if (chunk === undefined && !output.ended)
      throw fault("truncated", `the stream of ${provider.id} ended before it said anything`)
    flow.over = chunk === undefined
    frames += output.frames
    if (output.content || output.ended || chunk === undefined) break
    if (frames >= holdFrames || flow.bytes >= holdBytes || performance.now() - from >= holdMs) break
  }
  return flow
}

/** An upstream that answers a streamed request with one JSON body: the same words, told as a stream. */
async function wholeAnswer(trying: Try, response: Response): Promise<Flow> {
  const { plan, provider } = trying
  const bytes = await wholeBody(trying, response)
  const mark = plan.route.wire.response.peek(bytes)
  if (mark.error) throw inBand(mark.error, provider.id)
  const exchange = plan.translation.exchange()
  const decoded = plan.route.wire.response.decode(parseJson(utf8Text(bytes)), exchange)
  const codec = translateCodec(trying)
  const flow = newFlow(trying, codec, emptyFeed)
  take(flow, codec.tell(steps(decoded)))
  flow.over = true
  return flow
}

const inBand = (error: GatewayError, provider: string): GatewayFault =>
  new GatewayFault({ ...error, upstream: { ...error.upstream, provider } })

function take(flow: Flow, output: Output): void {
  const now = performance.now() - flow.trying.call.started
  if (output.content) {
    flow.firstTokenMs ??= now
    flow.lastTokenMs = now
  }
  for (const piece of output.pieces) {
    flow.held.push(piece)
    flow.bytes += piece.length
  }
}

/** Everything held, as one piece. */
function drain(flow: Flow): Uint8Array | undefined {
  const [first] = flow.held
  if (!first) return undefined
  const piece = flow.held.length === 1 ? first : Buffer.concat(flow.held)
  flow.held.length = 0
  flow.bytes = 0
  keep(flow, piece)
  return piece
}

function keep(flow: Flow, piece: Uint8Array): void {
  flow.sentBytes += piece.length
  flow.kept?.add(piece)
}

/** The pump: the one place where a stream's bytes move. A client that leaves ends it at a yield. */
async function* pump(flow: Flow): AsyncGenerator<Uint8Array, void, undefined> {
  const { source } = flow
  const { watch, registry, provider } = flow.trying
  // How long the upstream has said nothing, whatever we said meanwhile.
  let silentMs = 0
  watch.waitLimit = provider.timeouts.idleMs
  watch.waitKind = "idle"
  watch.quietAfter = registry.limits.keepAliveMs > 0 ? registry.limits.keepAliveMs : Number.POSITIVE_INFINITY
  try {
    for (let open = true; open; ) {
      const piece = drain(flow)
      if (piece) {
        watch.offering = performance.now()
        yield piece
        watch.offering = 0
      }
      if (flow.error || flow.over) break
      try {
        watch.waiting = performance.now() - silentMs
        const arrived = source.read()
        const chunk = source.take(arrived instanceof Promise ? await arrived : arrived)
        watch.waiting = 0
        silentMs = 0
        open = advance(flow, chunk)
      } catch (error) {
        if (source.wasQuiet()) {
          silentMs = performance.now() - watch.waiting
          flow.held.push(keepAlive)
        } else {
          cut(flow, error)
          open = false
        }
        watch.waiting = 0
      }
    }
    const rest = drain(flow)
    if (rest) {
      watch.offering = performance.now()
      yield rest
    }
    finish(flow, endOf(flow))
  } finally {
    finish(flow, "aborted")
  }
}

/** Takes in one chunk; false when it was the last. */
function advance(flow: Flow, chunk: Uint8Array | undefined): boolean {
  const { codec } = flow
  if (chunk !== undefined && codec.passes(chunk)) {
    flow.lastTokenMs = performance.now() - flow.trying.call.started
    flow.held.push(chunk)
    return true
  }
  absorb(flow, chunk === undefined ? codec.flush("eof") : codec.push(chunk))
  if (codec.ended) {
    const { watch } = flow.trying
    watch.waitLimit = Math.min(watch.waitLimit, lingerMs)
    watch.quietAfter = Number.POSITIVE_INFINITY
  }
  return chunk !== undefined
}

function absorb(flow: Flow, output: Output): void {
  take(flow, output)
  if (output.error) flow.error = output.error
}

/** A stream that breaks after commit ends in an error in the caller's wire, unless it had already said all there was. */
function cut(flow: Flow, error: unknown): void {
  const { trying, codec } = flow
  if (trying.call.signal.aborted) return
  const reason = error instanceof GatewayFault ? error.error : undefined
  const last = codec.flush("cut")
  if (codec.ended) {
    absorb(flow, last)
    return
  }
  const said = reason ?? fault("truncated", `the stream of ${trying.provider.id} broke off`).error
  flow.error = said
  for (const frame of trying.call.wire.stream.errorFrames(said)) flow.held.push(encodeSse(frame))
}

function ending(flow: Flow) {
  const { usage, stop } = flow.codec
  return {
    responseBytes: flow.sentBytes,
    ...(usage ? { usage } : {}),
    ...(stop ? { stop } : {}),
    ...(flow.firstTokenMs === undefined ? {} : { firstTokenMs: flow.firstTokenMs }),
    ...(flow.lastTokenMs === undefined ? {} : { lastTokenMs: flow.lastTokenMs }),
  }
}

function endOf({ trying, error }: Flow): End {
  if (trying.call.signal.aborted) return "aborted"
  if (!error) return "complete"
  return error.kind === "truncated" ? "truncated" : "error"
}

/** The first call counts: what was streamed is kept for the log, the upstream let go, the reply settled. */
function finish(flow: Flow, end: End): void {
  const { trying, error } = flow
  if (trying.done) return
  const { trail, wire } = trying.call
  if (flow.kept && flow.sentBytes > 0) {
    const bytes = flow.kept.bytes()
    trail.capture?.({ side: "client-response", wire: wire.id, contentType: "text/event-stream", bytes, size: flow.sentBytes })
  }
  trying.settle({ end, ...ending(flow), ...(error ? { error } : {}) })
  flow.source.cancel()
  if (end !== "complete") trying.controller.abort()
}
