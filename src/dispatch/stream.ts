import type { Reply } from "../core/call.ts"
import { fault, type GatewayError, GatewayFault } from "../core/error.ts"
import { steps } from "../core/steps.ts"
import type { HttpAnswer } from "../lib/http1/answer.ts"
import { RelayCodec, TranslateCodec } from "./codec.ts"
import { emptyFeed, feed } from "./feed.ts"
import { Flow } from "./flow.ts"
import { replyHeaders, upstreamRequestId } from "./headers.ts"
import { pumped } from "./pump.ts"
import { shownFeed, showStream } from "./shown.ts"
import type { Try } from "./try.ts"
import { jsonOf, notJson, wholeBody } from "./unary.ts"

const holdFrames = 64
const holdBytes = 256 * 1024
const holdMs = 20_000

/** The reply of a streamed call: held until its first content, then pumped. Any failure before that can still go elsewhere. */
export async function streamReply(trying: Try, response: HttpAnswer): Promise<Reply> {
  const { plan, call } = trying
  const id = upstreamRequestId(response.headers)
  if (id !== undefined) trying.upstreamId = id
  const type = response.headers.get("content-type") ?? ""
  const flow = type.includes("json") ? await wholeAnswer(trying, response) : await opened(trying, response)
  trying.commit()
  showStream(trying, flow)
  const headers = replyHeaders(response.headers, call.wire, plan.relayAnswer)
  headers["content-type"] = "text/event-stream; charset=utf-8"
  headers["cache-control"] = "no-cache"
  endWithClient(trying, flow)
  return trying.reply(200, headers, pumped(flow))
}

/** Made apart from the reply, for it lives as long as the stream does and would hold the upstream's response as well. */
const endWithClient = (trying: Try, flow: Flow): void => trying.onAbandon(() => flow.finish("aborted"))

/** Reads until the first content, or until enough was held. */
async function opened(trying: Try, response: HttpAnswer): Promise<Flow> {
  const { plan, watch, provider } = trying
  const codec = plan.relayAnswer ? new RelayCodec(trying) : new TranslateCodec(trying)
  const flow = new Flow(trying, codec, shownFeed(trying, feed(response, watch)))
  const from = performance.now()
  watch.quietAfter = holdMs
  for (let frames = 0; ; ) {
    watch.waiting = performance.now()
    let chunk: Uint8Array | undefined
    try {
      chunk = (await flow.source.read()).value
    } catch (error) {
      if (!flow.source.wasQuiet()) throw error
      trying.waited()
      break
    }
    trying.waited()
    const output = chunk === undefined ? codec.flush("eof") : codec.push(chunk)
    flow.take(output, performance.now())
    if (output.error) throw inBand(output.error, provider.id)
    if (chunk === undefined && !output.ended)
      throw fault("truncated", `the stream of ${provider.id} ended before it said anything`)
    flow.over = chunk === undefined
    frames += output.frames
    if (output.content || output.ended || chunk === undefined) break
    if (frames >= holdFrames || flow.waiting >= holdBytes || performance.now() - from >= holdMs) break
  }
  return flow
}

/** An upstream that answers a streamed request with one JSON body: the same words, told as a stream. */
async function wholeAnswer(trying: Try, response: HttpAnswer): Promise<Flow> {
  const { plan, provider } = trying
  const bytes = await wholeBody(trying, response)
  const { response: answers } = plan.route.wire
  const json = jsonOf(bytes)
  const { error } = json === undefined ? answers.peek(bytes) : answers.mark(json)
  if (error) throw inBand(error, provider.id)
  if (json === undefined) throw notJson(provider.id)
  const decoded = answers.decode(json, plan.translation.exchange())
  const codec = new TranslateCodec(trying)
  const flow = new Flow(trying, codec, trying.shown.response ? { ...emptyFeed, said: () => bytes } : emptyFeed)
  flow.take(codec.tell(steps(decoded)), performance.now())
  flow.over = true
  return flow
}

const inBand = (error: GatewayError, provider: string): GatewayFault =>
  new GatewayFault({ ...error, upstream: { ...error.upstream, provider } })
