import type { Frame } from "../upstream/well-formed.ts"
import { openaiError, openaiErrorFields, openaiHeaders } from "./openai-error.ts"
import {
  type Asked,
  type Call,
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

/** Chat Completions (platform.openai.com/docs/api-reference/chat). Reasoning is told as `reasoning_content`, DeepSeek's field. */
export const openaiChat: Voice = {
  headers: openaiHeaders,
  body: (turn) => ({
    ...shell(turn, "chat.completion"),
    choices: [{ index: 0, message: messageOf(turn), logprobs: null, finish_reason: finishes[stopOf(turn)] }],
    usage: usageOf(turn),
  }),
  frames,
  error: openaiError,
  errorFrame: (failure) => ({ data: { error: openaiErrorFields(failure) } }),
  read,
}

const finishes = { end: "stop", tool: "tool_calls", length: "length", filter: "content_filter" }

const shell = (turn: Turn, object: string) => ({
  id: turn.id ?? "chatcmpl-CKz1hX0aBcDeFgHiJkLmNoPqRsTuV",
  object,
  created: 1_790_000_000,
  model: turn.model ?? "gpt-5-mini-2026-08-07",
  service_tier: "default",
  system_fingerprint: "fp_44709d6fcb",
})

const callId = (call: Call, index: number) => call.id ?? `call_a1B2c3D4e5F6g7H8i9J0k${index}`

const messageOf = (turn: Turn) => ({
  role: "assistant",
  content: turn.text ?? null,
  ...(turn.reasoning && { reasoning_content: turn.reasoning.text }),
  ...(turn.calls && {
    tool_calls: turn.calls.map((call, index) => ({
      id: callId(call, index),
      type: "function",
      function: { name: call.name, arguments: call.input },
    })),
  }),
  refusal: null,
  annotations: [],
})

function usageOf(turn: Turn): object {
  const tokens = tokensOf(turn)
  return {
    prompt_tokens: tokens.input,
    completion_tokens: tokens.output,
    total_tokens: tokens.input + tokens.output,
    prompt_tokens_details: { cached_tokens: tokens.cacheRead, audio_tokens: 0 },
    completion_tokens_details: {
      reasoning_tokens: tokens.reasoning,
      audio_tokens: 0,
      accepted_prediction_tokens: 0,
      rejected_prediction_tokens: 0,
    },
  }
}

/** The stream as sent under `stream_options.include_usage`: `usage` is null on every chunk but the last, which has no choices. */
function frames(turn: Turn): readonly Frame[] {
  const chunk = (delta: object, finish: string | null = null): Frame => ({
    data: {
      ...shell(turn, "chat.completion.chunk"),
      choices: [{ index: 0, delta, logprobs: null, finish_reason: finish }],
      usage: null,
    },
  })
  return [
    chunk({ role: "assistant", content: "", refusal: null }),
    ...words(turn.reasoning?.text ?? "").map((word) => chunk({ reasoning_content: word })),
    ...words(turn.text ?? "").map((word) => chunk({ content: word })),
    ...(turn.calls ?? []).flatMap((call, index) => [
      chunk({
        tool_calls: [{ index, id: callId(call, index), type: "function", function: { name: call.name, arguments: "" } }],
      }),
      ...fragments(call.input).map((piece) => chunk({ tool_calls: [{ index, function: { arguments: piece } }] })),
    ]),
    chunk({}, finishes[stopOf(turn)]),
    { data: { ...shell(turn, "chat.completion.chunk"), choices: [], usage: usageOf(turn) } },
    { data: "[DONE]" },
  ]
}

/** The same stream as sent to a caller who did not ask for usage. */
export function framesWithoutUsage(turn: Turn): readonly Frame[] {
  return frames(turn).flatMap((frame): Frame[] => {
    if (!isRecord(frame.data)) return [frame]
    const { usage, ...data } = frame.data
    return usage === null ? [{ data }] : []
  })
}

function read(body: Record<string, unknown>): Asked {
  const messages = records(body.messages)
  const lastSpoken = messages.findLastIndex((message) => message.role === "assistant")
  return {
    model: String(body.model),
    stream: body.stream === true,
    tools: records(body.tools).flatMap((tool) =>
      isRecord(tool.function)
        ? [{ name: String(tool.function.name), schema: isRecord(tool.function.parameters) ? tool.function.parameters : {} }]
        : [],
    ),
    results: messages
      .slice(lastSpoken + 1)
      .filter((message) => message.role === "tool")
      .map((message) => textIn(message.content)),
  }
}
