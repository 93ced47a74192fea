import type { Block } from "../core/block.ts"
import { blameOf, type GatewayError, kindOfStatus } from "../core/error.ts"
import type { Step } from "../core/event.ts"
import { bimap, type Exchange } from "../core/exchange.ts"
import { deriveId } from "../core/id.ts"
import { notices } from "../core/notice.ts"
import type { Request } from "../core/request.ts"
import type { Response as HubResponse } from "../core/response.ts"
import { steps } from "../core/steps.ts"
import type { Wire } from "../core/wire.ts"
import { parseJson, stringifyJson } from "../lib/json.ts"
import { encodeSse } from "../lib/sse.ts"
import { utf8Text } from "../lib/utf8.ts"

const lorem =
  "Lorem ipsum dolor sit amet, consectetur adipiscing elit, sed do eiusmod tempor incididunt ut labore et dolore magna aliqua. Ut enim ad minim veniam, quis nostrud exercitation ullamco laboris nisi ut aliquip ex ea commodo consequat."
/** About what a hosted model does: 40 words a second after a short think. */
const thinkMs = 120
const wordMs = 25

/** Answers one request in a wire's own format: `echo`, `lorem`, `tool`, and `error-400` to `error-599`. */
export async function mockAnswer(
  wire: Wire,
  { body, signal }: { readonly body: Uint8Array; readonly signal: AbortSignal },
): Promise<Response> {
  const noted = notices()
  const request = wire.request.decode(parseJson(utf8Text(body)), noted.note)
  const asked = /^error-(.*)$/.exec(request.model)?.[1]
  if (asked !== undefined) return mockError(wire, asked)
  const exchange = exchangeOf(wire, request)
  const answer = hubAnswer(request, exchange.seed)
  if (!request.stream) return json(200, stringifyJson(wire.response.encode(answer, exchange)))
  return new Response(paced(wire, exchange, answer, signal) as unknown as BodyInit, {
    headers: { "content-type": "text/event-stream" },
  })
}

function mockError(wire: Wire, asked: string): Response {
  const known = /^[45]\d\d$/.test(asked)
  const status = known ? Number(asked) : 404
  const kind = known ? kindOfStatus(status) : "model-not-found"
  const message = known
    ? `mock error ${status}, as asked for by the model name`
    : "the mock's errors are error-400 to error-599, and no others"
  const error: GatewayError = { kind, blame: blameOf(kind), message }
  const { body } = wire.error.encode(error)
  const response = json(status, stringifyJson(body))
  if (status === 429) response.headers.set("retry-after", "1")
  return response
}

const json = (status: number, text: string): Response =>
  new Response(text, { status, headers: { "content-type": "application/json" } })

function exchangeOf(wire: Wire, request: Request): Exchange {
  return {
    request,
    client: wire.id,
    ...(wire.home === undefined ? {} : { clientHome: wire.home }),
    target: { wire: wire.id, model: request.model, issuer: wire.home ?? "mock", limits: {}, features: new Set() },
    names: bimap(),
    ids: bimap(),
    emulated: new Set(),
    note: () => {},
    seed: crypto.randomUUID(),
    now: Date.now(),
  }
}

function hubAnswer(request: Request, seed: string): HubResponse {
  const asked = lastUserText(request)
  const blocks = blocksFor(request, asked, seed)
  const output = words(
    blocks.map((block) => (block.type === "text" ? block.text : block.type === "tool-call" ? block.input : "")).join(" "),
  ).length
  const calls = blocks.some((block) => block.type === "tool-call")
  return {
    id: deriveId("response", seed),
    model: request.model,
    created: Math.floor(Date.now() / 1_000),
    candidates: [
      {
        messages: [{ role: "assistant", blocks }],
        stop: calls ? { reason: "tool", raw: "tool" } : { reason: "end", raw: "end" },
      },
    ],
    usage: {
      lines: [{ kind: "message", tokens: { input: words(asked).length, output } }],
      unexplained: 0,
      raw: null,
      wire: "mock",
    },
    pins: [],
  }
}

function blocksFor(request: Request, asked: string, seed: string): readonly Block[] {
  const tool = request.tools?.find((offered) => offered.type === "function")
  const answered = request.messages.at(-1)?.blocks.some((block) => block.type === "tool-result")
  if (request.model === "tool" && tool?.type === "function" && !answered) {
    return [
      {
        type: "tool-call",
        id: deriveId("call", seed, 0),
        name: tool.name,
        input: "{}",
        ...(tool.namespace === undefined ? {} : { namespace: tool.namespace }),
      },
    ]
  }
  return [{ type: "text", text: request.model === "lorem" ? lorem : asked }]
}

function lastUserText(request: Request): string {
  const message = request.messages.findLast((candidate) => candidate.role === "user")
  const texts = message?.blocks.flatMap((block) => {
    if (block.type === "text") return [block.text]
    return block.type === "tool-result" ? block.content.flatMap((inner) => (inner.type === "text" ? [inner.text] : [])) : []
  })
  return texts?.join("\n") || "(nothing was said)"
}

const words = (text: string): readonly string[] => text.match(/\s*\S+\s*$|\s*\S+/g) ?? []

/** The same answer told word by word, at the pace of a hosted model. */
async function* paced(
  wire: Wire,
  exchange: Exchange,
  answer: HubResponse,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array, void, undefined> {
  const encoder = wire.stream.encoder(exchange)
  await Bun.sleep(thinkMs)
  for (const step of steps(answer).flatMap(wordSteps)) {
    if (signal.aborted) return
    for (const frame of encoder.push(step)) yield encodeSse(frame)
    if (step.events[0]?.type === "block-delta") await Bun.sleep(wordMs)
  }
  for (const frame of encoder.flush("eof")) yield encodeSse(frame)
}

function wordSteps(step: Step): readonly Step[] {
  const [event] = step.events
  if (event?.type !== "block-start" || event.block.type !== "text") return [step]
  const { at, block } = event
  const opening: Step = { events: [{ type: "block-start", at, block: { type: "text", text: "" } }] }
  return [
    opening,
    ...words(block.text).map((text): Step => ({ events: [{ type: "block-delta", at, delta: { type: "text", text } }] })),
  ]
}
