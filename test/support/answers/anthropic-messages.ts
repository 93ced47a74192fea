import type { Frame } from "../upstream/well-formed.ts"
import {
  type Asked,
  type Call,
  type ErrorAnswer,
  type Failure,
  fragments,
  isRecord,
  records,
  stopOf,
  type Turn,
  textIn,
  tokensOf,
  type Voice,
  words,
} from "./turn.ts"

const headers = {
  "request-id": "req_011CSHoEeqs5C35K2UUqR7Fy",
  "anthropic-organization-id": "5b0c2f7e-0000-4000-8000-000000000000",
  "anthropic-ratelimit-requests-limit": "1000",
  "anthropic-ratelimit-requests-remaining": "999",
}

/** The Messages API (docs.anthropic.com/en/api/messages, /messages-streaming and /errors). */
export const anthropicMessages: Voice = {
  headers,
  body: (turn) => ({
    ...shell(turn),
    content: blocksOf(turn).map((block) => block.whole),
    stop_reason: stops[stopOf(turn)],
    usage: usageOf(turn),
  }),
  frames,
  error,
  errorFrame: (failure) => ({ event: "error", data: errorBody(failure) }),
  read,
}

const stops = { end: "end_turn", tool: "tool_use", length: "max_tokens", filter: "refusal" }

const shell = (turn: Turn) => ({
  id: turn.id ?? "msg_01XFDUDYJgAACzvnptvVoYEL",
  type: "message",
  role: "assistant",
  model: turn.model ?? "claude-sonnet-5-20260601",
  content: [] as readonly object[],
  stop_reason: null as string | null,
  stop_sequence: null,
})

function usageOf(turn: Turn, output?: number): object {
  const tokens = tokensOf(turn)
  return {
    input_tokens: tokens.input - tokens.cacheRead - tokens.cacheWrite,
    cache_creation_input_tokens: tokens.cacheWrite,
    cache_read_input_tokens: tokens.cacheRead,
    cache_creation: { ephemeral_5m_input_tokens: tokens.cacheWrite, ephemeral_1h_input_tokens: 0 },
    output_tokens: output ?? tokens.output,
    service_tier: "standard",
  }
}

/** A content block: whole, as it starts in a stream, and the deltas between. */
interface Told {
  readonly whole: object
  readonly start: object
  readonly deltas: readonly object[]
}

function blocksOf(turn: Turn): readonly Told[] {
  const { reasoning, text } = turn
  return [
    ...(reasoning ? [thinkingBlock(reasoning.text, reasoning.seal ?? "")] : []),
    ...(text === undefined ? [] : [textBlock(text)]),
    ...(turn.calls ?? []).map(callBlock),
  ]
}

const thinkingBlock = (thinking: string, signature: string): Told => ({
  whole: { type: "thinking", thinking, signature },
  start: { type: "thinking", thinking: "", signature: "" },
  deltas: [
    ...words(thinking).map((word) => ({ type: "thinking_delta", thinking: word })),
    ...(signature === "" ? [] : [{ type: "signature_delta", signature }]),
  ],
})

const textBlock = (text: string): Told => ({
  whole: { type: "text", text },
  start: { type: "text", text: "" },
  deltas: words(text).map((word) => ({ type: "text_delta", text: word })),
})

const callBlock = (call: Call, index: number): Told => {
  const start = { type: "tool_use", id: call.id ?? `toolu_01A09q90qw90lq917835lq${index}`, name: call.name, input: {} }
  return {
    whole: { ...start, input: JSON.parse(call.input) as unknown },
    start,
    deltas: ["", ...fragments(call.input)].map((piece) => ({ type: "input_json_delta", partial_json: piece })),
  }
}

function frames(turn: Turn): readonly Frame[] {
  const event = (type: string, rest: object = {}): Frame => ({ event: type, data: { type, ...rest } })
  const begun = event("message_start", { message: { ...shell(turn), usage: usageOf(turn, 1) } })
  const blocks = blocksOf(turn).map(({ start, deltas }, index) => [
    event("content_block_start", { index, content_block: start }),
    ...deltas.map((delta) => event("content_block_delta", { index, delta })),
    event("content_block_stop", { index }),
  ])
  const delta = { stop_reason: stops[stopOf(turn)], stop_sequence: null }
  return [begun, event("ping"), ...blocks.flat(), event("message_delta", { delta, usage: usageOf(turn) }), event("message_stop")]
}

const errors: Record<Failure, readonly [status: number, type: string, message: string]> = {
  "bad request": [400, "invalid_request_error", "temperature: Input should be less than or equal to 1"],
  unauthorized: [401, "authentication_error", "invalid x-api-key"],
  "payment required": [402, "billing_error", "There is an issue with your billing or payment information."],
  forbidden: [403, "permission_error", "Your API key does not have permission to use the specified resource."],
  "model not found": [404, "not_found_error", "model: no-such-model"],
  conflict: [409, "invalid_request_error", "The resource was changed by another request."],
  "too large": [413, "request_too_large", "Request exceeds the maximum size"],
  unprocessable: [422, "invalid_request_error", "The request could not be processed."],
  "context overflow": [400, "invalid_request_error", "prompt is too long: 208310 tokens > 200000 maximum"],
  "content policy": [400, "invalid_request_error", "Output blocked by content filtering policy"],
  "rate limited": [
    429,
    "rate_limit_error",
    "This request would exceed your organization's rate limit of 50 requests per minute.",
  ],
  "quota exhausted": [400, "invalid_request_error", "Your credit balance is too low to access the Anthropic API."],
  timeout: [504, "timeout_error", "The request timed out while processing."],
  "server error": [500, "api_error", "Internal server error"],
  "bad gateway": [502, "api_error", "Bad gateway"],
  unavailable: [503, "api_error", "Service temporarily unavailable"],
  overloaded: [529, "overloaded_error", "Overloaded"],
}

function errorBody(failure: Failure): object {
  const [, type, message] = errors[failure]
  return { type: "error", error: { type, message }, request_id: headers["request-id"] }
}

function error(failure: Failure): ErrorAnswer {
  const [status] = errors[failure]
  return { status, body: errorBody(failure), headers: status === 429 ? { ...headers, "retry-after": "1" } : headers }
}

function read(body: Record<string, unknown>): Asked {
  const messages = records(body.messages)
  const lastSpoken = messages.findLastIndex((message) => message.role === "assistant")
  return {
    model: String(body.model),
    stream: body.stream === true,
    tools: records(body.tools).flatMap((tool) =>
      isRecord(tool.input_schema) ? [{ name: String(tool.name), schema: tool.input_schema }] : [],
    ),
    results: messages
      .slice(lastSpoken + 1)
      .flatMap((message) => records(message.content))
      .filter((block) => block.type === "tool_result")
      .map((block) => textIn(block.content)),
  }
}
