import type { Issuer, WireId } from "../../core/node.ts"

/** The OpenAI Responses API, https://platform.openai.com/docs/api-reference/responses. */
export const wireId: WireId = "openai-responses"

/** Who issued what arrives here without an envelope. */
export const home: Issuer = "openai"

const keys = (...names: string[]): ReadonlySet<string> => new Set(names)

/** Request keys with a hub field, and those that say nothing beyond it. */
export const requestKeys = keys(
  "model",
  "instructions",
  "input",
  "tools",
  "tool_choice",
  "parallel_tool_calls",
  "max_output_tokens",
  "temperature",
  "top_p",
  "top_logprobs",
  "include",
  "reasoning",
  "text",
  "prompt_cache_key",
  "user",
  "service_tier",
  "store",
  "stream",
  "previous_response_id",
  "conversation",
  "prompt",
)

/** Response keys with a hub field, and those that repeat the request or say what its caller knows. */
export const responseKeys = keys(
  ...requestKeys,
  "id",
  "object",
  "created_at",
  "completed_at",
  "status",
  "background",
  "billing",
  "error",
  "incomplete_details",
  "output",
  "output_text",
  "usage",
  "metadata",
  "truncation",
  "max_tool_calls",
  "frequency_penalty",
  "presence_penalty",
  "prompt_cache_retention",
  "prompt_cache_options",
  "safety_identifier",
  "moderation",
  "access_programs",
)

/** For each item type that the hub models, the keys it knows. Every other type rides along whole. */
export const itemKeys = {
  message: keys("type", "id", "role", "content", "status", "phase"),
  reasoning: keys("type", "id", "summary", "content", "encrypted_content", "status"),
  function_call: keys("type", "id", "call_id", "name", "namespace", "arguments", "status"),
  custom_tool_call: keys("type", "id", "call_id", "name", "namespace", "input", "status"),
  function_call_output: keys("type", "id", "call_id", "name", "output", "status"),
  custom_tool_call_output: keys("type", "id", "call_id", "name", "output", "status"),
  compaction: keys("type", "id", "encrypted_content"),
  item_reference: keys("type", "id"),
  mcp_approval_response: keys("type", "id", "approval_request_id", "approve", "reason"),
  image_generation_call: keys("type", "id", "status", "result", "output_format"),
} as const

export type ItemType = keyof typeof itemKeys

export const isItemType = (type: string): type is ItemType => Object.hasOwn(itemKeys, type)

/** Keys of the content parts that the hub models. */
export const partKeys = {
  input_text: keys("type", "text", "prompt_cache_breakpoint"),
  output_text: keys("type", "text", "annotations", "logprobs"),
  refusal: keys("type", "refusal"),
  input_image: keys("type", "image_url", "file_id", "detail", "prompt_cache_breakpoint"),
  input_file: keys("type", "file_data", "file_url", "file_id", "filename", "detail", "prompt_cache_breakpoint"),
  input_audio: keys("type", "input_audio", "prompt_cache_breakpoint"),
} as const

export const toolKeys = {
  function: keys("type", "name", "description", "parameters", "strict", "defer_loading"),
  custom: keys("type", "name", "description", "format"),
} as const

/** The `include` value that asks for sealed reasoning, and the one that asks for log probabilities. */
export const includeSeals = "reasoning.encrypted_content"
export const includeLogprobs = "message.output_text.logprobs"
