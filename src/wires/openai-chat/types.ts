import type { Issuer, WireId } from "../../core/node.ts"
import type { Json, JsonObject } from "../../lib/json.ts"
import { answerExtraKeys } from "./extras.ts"

/** The Chat Completions API, https://platform.openai.com/docs/api-reference/chat, as its vendor and the many that copied it speak it. */
export const wireId: WireId = "openai-chat"

/** The issuer of ids in this format, which says nothing of who made them. */
export const anyIssuer: Issuer = ""

const keys = (...names: string[]): ReadonlySet<string> => new Set(names)

/** Request keys with a hub field, and those that say nothing beyond it. */
export const requestKeys = keys(
  "model",
  "messages",
  "tools",
  "functions",
  "tool_choice",
  "function_call",
  "parallel_tool_calls",
  "max_completion_tokens",
  "max_tokens",
  "temperature",
  "top_p",
  "top_k",
  "frequency_penalty",
  "presence_penalty",
  "stop",
  "seed",
  "n",
  "logprobs",
  "top_logprobs",
  "reasoning_effort",
  "reasoning",
  "response_format",
  "modalities",
  "verbosity",
  "cache_control",
  "prompt_cache_key",
  "user",
  "service_tier",
  "store",
  "stream",
  "stream_options",
)

export const messageKeys = keys(
  "role",
  "content",
  "name",
  "refusal",
  "audio",
  "images",
  "annotations",
  "tool_calls",
  "function_call",
  "tool_call_id",
  "reasoning_content",
  "reasoning",
  "reasoning_details",
  "cache_control",
)

export const responseKeys = keys(
  "id",
  "object",
  "created",
  "model",
  "choices",
  "usage",
  "service_tier",
  "system_fingerprint",
  ...answerExtraKeys,
)

export const choiceKeys = keys("index", "message", "delta", "finish_reason", "native_finish_reason", "stop_reason", "logprobs")

export const partKeys = {
  text: keys("type", "text", "cache_control", "prompt_cache_breakpoint"),
  refusal: keys("type", "refusal"),
  image_url: keys("type", "image_url", "cache_control", "prompt_cache_breakpoint"),
  video_url: keys("type", "video_url", "cache_control", "prompt_cache_breakpoint"),
  input_audio: keys("type", "input_audio", "cache_control", "prompt_cache_breakpoint"),
  file: keys("type", "file", "cache_control", "prompt_cache_breakpoint"),
  thinking: keys("type", "thinking", "closed", "signature"),
} as const

export const callKeys = keys("id", "type", "index", "function", "custom", "name", "arguments", "extra_content")
export const toolKeys = keys("type", "function", "custom", "cache_control", "name", "description", "parameters")
export const functionKeys = keys("name", "description", "parameters", "strict")

/** An object of those members that have a value. */
export function members(all: Readonly<Record<string, Json | undefined>>): JsonObject {
  const object: Record<string, Json> = {}
  for (const key in all) {
    const value = all[key]
    if (value !== undefined) object[key] = value
  }
  return object
}

/** Both lists in one; where one is empty, the other. */
export const joined = <T>(left: readonly T[], right: readonly T[]): readonly T[] =>
  right.length === 0 ? left : left.length === 0 ? right : [...left, ...right]

/** The field by itself where there is a value, for spreading. */
export const given = <K extends string, V>(key: K, value: V | undefined): { readonly [P in K]?: V } =>
  value === undefined ? {} : ({ [key]: value } as { readonly [P in K]?: V })
