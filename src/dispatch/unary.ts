import type { Reply } from "../core/call.ts"
import { fault, GatewayFault } from "../core/error.ts"
import { type HttpAnswer, readUpTo } from "../lib/http1/answer.ts"
import { type Json, parseJson, stringifyJson } from "../lib/json.ts"
import { utf8Text } from "../lib/utf8.ts"
import { replyHeaders, upstreamRequestId } from "./headers.ts"
import { showRaw } from "./shown.ts"
import { capture, type Ending, type Try } from "./try.ts"

/** Beyond this a relayed body is not held: it goes through as it comes. */
const heldLimit = 8 * 1024 * 1024
/** Beyond this a body that has to be translated is refused. */
const translateLimit = 128 * 1024 * 1024

const limitOf = ({ plan }: Try): number => (plan.relayAnswer ? heldLimit : translateLimit)

/** Whether an answer that is not streamed says that it is short enough to be held. */
export const isShort = (trying: Try, response: HttpAnswer): boolean => lengthOf(response) <= limitOf(trying)

export async function shortBody(trying: Try, response: HttpAnswer): Promise<Uint8Array> {
  trying.watch.waiting = performance.now()
  const bytes = await response.bytes()
  trying.waited()
  return bytes
}

/** The reply of an answer that may be longer than what is held, or does not say how long it is. */
export async function longReply(trying: Try, response: HttpAnswer): Promise<Reply> {
  trying.watch.waiting = performance.now()
  const read = await readBody(response, limitOf(trying))
  trying.waited()
  if (read instanceof Uint8Array) return wholeReply(trying, response, read)
  if (!trying.plan.relayAnswer) throw tooLarge(trying)
  return largeReply(trying, response, read)
}

/** The reply of a call that is not streamed. It commits now, with its body complete, if that is an answer. */
export function wholeReply(trying: Try, response: HttpAnswer, bytes: Uint8Array): Reply {
  const { plan, call } = trying
  const id = upstreamRequestId(response.headers)
  if (id !== undefined) trying.upstreamId = id
  const wire = plan.route.wire.response
  const json = plan.relayAnswer ? undefined : jsonOf(bytes)
  const mark = json === undefined ? wire.peek(bytes) : wire.mark(json)
  if (mark.error) throw new GatewayFault({ ...mark.error, upstream: { ...mark.error.upstream, provider: trying.provider.id } })
  const body = plan.relayAnswer ? bytes : translate(trying, json)
  trying.commit()
  if (mark.id !== undefined) trying.made(mark.id)
  showRaw(trying, () => bytes)
  capture(call, "client-response", call.wire.id, "application/json", body)
  if (!plan.relayAnswer) capture(call, "upstream-response", plan.route.wire.id, "application/json", bytes)
  const headers = replyHeaders(response.headers, call.wire, plan.relayAnswer)
  headers["content-type"] = (plan.relayAnswer ? response.headers.get("content-type") : null) ?? "application/json"
  const ending: Ending = { end: "complete", responseBytes: body.length }
  if (mark.usage) ending.usage = mark.usage
  if (mark.stop) ending.stop = mark.stop
  trying.settle(ending)
  return trying.reply(response.status, headers, body)
}

const tooLarge = ({ provider }: Try) => fault("bad-answer", `the answer of ${provider.id} is too large to translate`)

/** The whole body of an answer that has to be translated. */
export async function wholeBody(trying: Try, response: HttpAnswer): Promise<Uint8Array> {
  trying.watch.waiting = performance.now()
  const read = await readBody(response, translateLimit)
  trying.waited()
  if (!(read instanceof Uint8Array)) throw tooLarge(trying)
  return read
}

/** Decodes an upstream's whole answer and writes it in the caller's wire. */
function translate({ plan, call, provider }: Try, json: Json | undefined): Uint8Array {
  if (json === undefined) throw notJson(provider.id)
  const exchange = plan.translation.exchange()
  const decoded = plan.route.wire.response.decode(json, exchange)
  return Buffer.from(stringifyJson(call.wire.response.encode(decoded, exchange)))
}

export const notJson = (provider: string): GatewayFault => fault("bad-answer", `the answer of ${provider} is not JSON`)

/** Undefined where it is no JSON. */
export function jsonOf(bytes: Uint8Array): Json | undefined {
  try {
    return parseJson(utf8Text(bytes))
  } catch {
    return undefined
  }
}

/** The first pieces of a body that is larger than the limit. */
type Partial = readonly Uint8Array[]

/** As declared; not a number where it was not, where it is the length of something packed, or where chunks say how long it is. */
const lengthOf = ({ headers }: HttpAnswer): number =>
  headers.get("content-encoding") === null && headers.get("transfer-encoding") === null
    ? Number(headers.get("content-length") ?? Number.NaN)
    : Number.NaN

async function readBody(response: HttpAnswer, limit: number): Promise<Uint8Array | Partial> {
  if (lengthOf(response) <= limit) return response.bytes()
  const pieces: Uint8Array[] = []
  if (!(await readUpTo(response, limit, pieces))) return pieces
  return pieces.length === 1 && pieces[0] ? pieces[0] : Buffer.concat(pieces)
}

interface Large {
  readonly trying: Try
  readonly pieces: readonly Uint8Array[]
  readonly rest: HttpAnswer
  sentBytes: number
}

/** A body too large to hold is committed at once; a cut then shows as a broken transfer. */
function largeReply(trying: Try, response: HttpAnswer, pieces: Partial): Reply {
  const { call, watch, provider } = trying
  const id = upstreamRequestId(response.headers)
  if (id !== undefined) trying.upstreamId = id
  trying.commit()
  const large: Large = { trying, pieces, rest: response, sentBytes: 0 }
  // a body that nobody begins to read ends here and nowhere else
  trying.onAbandon(() => finish(large, "aborted"))
  watch.waitLimit = provider.timeouts.idleMs
  watch.waitKind = "idle"
  const headers = replyHeaders(response.headers, call.wire, true)
  headers["content-type"] = response.headers.get("content-type") ?? "application/json"
  return trying.reply(response.status, headers, largeBody(large))
}

async function* largeBody(large: Large): AsyncGenerator<Uint8Array, void, undefined> {
  const { trying, pieces, rest } = large
  try {
    for (const piece of pieces) yield* offered(large, piece)
    for (;;) {
      trying.watch.waiting = performance.now()
      const { done, value } = await rest.read()
      trying.watch.waiting = 0
      if (done) break
      yield* offered(large, value)
    }
    finish(large, "complete")
  } finally {
    finish(large, trying.call.signal.aborted ? "aborted" : "truncated")
  }
}

function* offered(large: Large, piece: Uint8Array): Generator<Uint8Array, void, undefined> {
  const { watch } = large.trying
  large.sentBytes += piece.length
  watch.offering = performance.now()
  yield piece
  watch.offering = 0
}

/** The first call counts. */
function finish({ trying, rest, sentBytes }: Large, end: "complete" | "aborted" | "truncated"): void {
  if (trying.done) return
  trying.settle({ end, responseBytes: sentBytes })
  rest.cancel()
  if (end !== "complete") trying.stop()
}
