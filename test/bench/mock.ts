import { argument } from "./arguments.ts"

/**
 * A Chat Completions provider that does nothing but answer: 1.6 KB unary, or a stream of 60 chunks, one every `tick` milliseconds. The model
 * name carries the tick: `m20`. With BENCH_KEY and BENCH_CERT in the environment it serves TLS, HTTP/2 included.
 */
const chunkCount = 60
const encoder = new TextEncoder()
const head = { id: "chatcmpl-bench0123456789", object: "chat.completion", created: 1_790_000_000, model: "m" }
const usage = {
  prompt_tokens: 210,
  completion_tokens: 58,
  total_tokens: 268,
  prompt_tokens_details: { cached_tokens: 0, audio_tokens: 0 },
  completion_tokens_details: { reasoning_tokens: 0, audio_tokens: 0 },
}
const message = {
  role: "assistant",
  content: "The quick brown fox jumps over the lazy dog. ".repeat(25),
  refusal: null,
  annotations: [],
}
const unaryBody = encoder.encode(
  JSON.stringify({
    ...head,
    choices: [{ index: 0, message, logprobs: null, finish_reason: "stop" }],
    usage,
    service_tier: "default",
  }),
)

const frame = (choices: readonly object[], rest: object = {}) =>
  `data: ${JSON.stringify({ ...head, object: "chat.completion.chunk", choices, ...rest })}\n\n`
const choice = (delta: object, finish: string | null = null) => [{ index: 0, delta, logprobs: null, finish_reason: finish }]

function chunksOf(withUsage: boolean): readonly Uint8Array[] {
  const open = withUsage ? { usage: null } : {}
  const last = frame(choice({}, "stop"), open) + (withUsage ? frame([], { usage }) : "")
  return [
    frame(choice({ role: "assistant", content: "" }), open),
    ...Array.from({ length: chunkCount - 2 }, (_, n) => frame(choice({ content: ` word${n}` }), open)),
    `${last}data: [DONE]\n\n`,
  ].map((text) => encoder.encode(text))
}

const plain = chunksOf(false)
const metered = chunksOf(true)

interface Running {
  readonly controller: ReadableStreamDefaultController<Uint8Array>
  readonly chunks: readonly Uint8Array[]
  sent: number
}

/** One timer for all streams of the same pace, so that the mock stays cheap. */
const paces = new Map<number, Set<Running>>()

function paceOf(tick: number): Set<Running> {
  const known = paces.get(tick)
  if (known) return known
  const streams = new Set<Running>()
  paces.set(tick, streams)
  setInterval(() => {
    for (const stream of streams) advance(stream, streams)
  }, tick)
  return streams
}

function advance(stream: Running, streams: Set<Running>): void {
  const chunk = stream.chunks[stream.sent]
  stream.sent += 1
  if (chunk) stream.controller.enqueue(chunk)
  if (stream.sent < stream.chunks.length) return
  streams.delete(stream)
  stream.controller.close()
}

function streamed(tick: number, withUsage: boolean): Response {
  const streams = paceOf(tick)
  let running: Running | undefined
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      running = { controller, chunks: withUsage ? metered : plain, sent: 0 }
      streams.add(running)
    },
    cancel() {
      if (running) streams.delete(running)
    },
  })
  return new Response(body, { headers: { "content-type": "text/event-stream" } })
}

const key = process.env.BENCH_KEY
const cert = process.env.BENCH_CERT
const secure = key !== undefined && cert !== undefined ? { tls: { key, cert }, http2: true } : {}

const server = Bun.serve({
  port: Number(argument("port") ?? 0),
  hostname: "127.0.0.1",
  maxRequestBodySize: 1 << 28,
  async fetch(request) {
    server.timeout(request, 0)
    if (request.method !== "POST") return new Response("ok")
    const bytes = Buffer.from(await request.arrayBuffer())
    const ends =
      bytes.length < 2048
        ? bytes.toString("latin1")
        : bytes.toString("latin1", 0, 1024) + bytes.toString("latin1", bytes.length - 1024)
    if (!/"stream":\s*true/.test(ends)) return new Response(unaryBody, { headers: { "content-type": "application/json" } })
    const tick = Number(/"model":\s*"(?:mockup\/)?m(\d+)"/.exec(ends)?.[1] ?? 10)
    return streamed(tick, /"include_usage":\s*true/.test(ends))
  },
  ...secure,
})

console.error(`listening on ${server.url.protocol}//127.0.0.1:${server.port}`)
