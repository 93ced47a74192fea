import type { Issuer, WireId } from "../../core/node.ts"

/** The OpenAI Responses API, https://platform.openai.com/docs/api-reference/responses. */
export const wireId: WireId = "openai-responses"

/** Who issued what arrives here without an envelope. */
export const home: Issuer = "openai"

/** What the hub knows of a value: all of it, each member of a list, or these keys. */
export type Shape = true | readonly [Shape] | { readonly [key: string]: Shape }

const known = (...names: readonly string[]): { readonly [key: string]: true } =>
  Object.fromEntries(names.map((name) => [name, true as const]))

const format = known("type", "name", "description", "schema", "strict")
const text = { format, verbosity: true } as const

/** Request keys with a hub field, and those that say nothing beyond it. */
export const requestShape: Shape = {
  ...known("model", "instructions", "input", "tools", "parallel_tool_calls", "max_output_tokens", "temperature", "top_p"),
  ...known("top_logprobs", "include", "prompt_cache_key", "user", "service_tier", "store", "stream", "previous_response_id"),
  stream_options: known("include_obfuscation"),
  tool_choice: { ...known("type", "name", "namespace", "mode", "server_label"), tools: [known("type", "name", "server_label")] },
  reasoning: known("effort", "summary", "generate_summary"),
  text,
  conversation: { id: true },
  prompt: { id: true },
}

const usage = {
  ...known("input_tokens", "output_tokens", "total_tokens"),
  input_tokens_details: known("cached_tokens", "cache_write_tokens", "audio_tokens", "image_tokens", "text_tokens"),
  output_tokens_details: known("reasoning_tokens", "audio_tokens", "text_tokens"),
} as const

const toolUsage = {
  image_gen: {
    ...known("input_tokens", "output_tokens", "total_tokens"),
    input_tokens_details: known("image_tokens", "text_tokens"),
    output_tokens_details: known("image_tokens", "text_tokens"),
  },
  web_search: { num_requests: true },
} as const

/** Response keys with a hub field, and those that repeat the request or say what its caller knows. */
export const responseShape: Shape = {
  ...known("id", "object", "created_at", "completed_at", "status", "background", "billing", "output", "output_text", "model"),
  ...known("instructions", "input", "tools", "tool_choice", "parallel_tool_calls", "max_output_tokens", "temperature", "top_p"),
  ...known("top_logprobs", "include", "prompt_cache_key", "user", "service_tier", "store", "previous_response_id", "prompt"),
  ...known("metadata", "truncation", "max_tool_calls", "frequency_penalty", "presence_penalty", "prompt_cache_retention"),
  ...known("prompt_cache_options", "safety_identifier", "moderation", "access_programs"),
  reasoning: known("effort", "summary", "generate_summary", "context", "mode"),
  text,
  conversation: { id: true },
  error: known("code", "message", "type", "param"),
  incomplete_details: { reason: true },
  usage,
  tool_usage: toolUsage,
}

const thoughts = [known("type", "text")] as const

/** For each item type that the hub models, what it knows of it. Every other type rides along whole. */
export const itemShapes = {
  message: known("type", "id", "role", "content", "status", "phase"),
  reasoning: { ...known("type", "id", "encrypted_content", "status"), summary: thoughts, content: thoughts },
  function_call: known("type", "id", "call_id", "name", "namespace", "arguments", "status"),
  custom_tool_call: known("type", "id", "call_id", "name", "namespace", "input", "status"),
  function_call_output: known("type", "id", "call_id", "name", "output", "status"),
  custom_tool_call_output: known("type", "id", "call_id", "name", "output", "status"),
  compaction: known("type", "id", "encrypted_content"),
  item_reference: known("type", "id"),
  mcp_approval_response: known("type", "id", "approval_request_id", "approve", "reason"),
  image_generation_call: known("type", "id", "status", "result", "output_format"),
  web_search_call: known("type", "id", "status", "action", "arguments", "name", "call_id"),
  code_interpreter_call: known(...["type", "id", "status", "code", "container_id", "outputs", "arguments", "name", "call_id"]),
  file_search_call: known("type", "id", "status", "queries", "results"),
  mcp_call: known("type", "id", "status", "arguments", "name", "server_label", "output", "error", "approval_request_id"),
} as const satisfies Readonly<Record<string, Shape>>

export type ItemType = keyof typeof itemShapes

export const isItemType = (type: string): type is ItemType => Object.hasOwn(itemShapes, type)

/** A source of a web search, or an output of code that was run. */
export const hostedPartShape: Shape = known("type", "url", "logs")

const breakpoint = known("mode", "ttl")
const token = known("token", "bytes", "logprob")

/** Content parts that the hub models. */
export const partShapes = {
  input_text: { ...known("type", "text"), prompt_cache_breakpoint: breakpoint },
  output_text: { ...known("type", "text", "annotations"), logprobs: [{ ...token, top_logprobs: [token] }] },
  refusal: known("type", "refusal"),
  input_image: { ...known("type", "image_url", "file_id", "detail"), prompt_cache_breakpoint: breakpoint },
  input_file: {
    ...known("type", "file_data", "file_url", "file_id", "filename", "detail"),
    prompt_cache_breakpoint: breakpoint,
  },
  input_audio: { type: true, input_audio: known("data", "format"), prompt_cache_breakpoint: breakpoint },
} as const satisfies Readonly<Record<string, Shape>>

export const annotationShape: Shape = known(
  ...["type", "start_index", "end_index", "index", "url", "title", "file_id", "filename", "container_id"],
)

export const toolShapes = {
  function: known("type", "name", "description", "parameters", "strict", "defer_loading"),
  custom: { ...known("type", "name", "description"), format: known("type", "syntax", "definition") },
} as const satisfies Readonly<Record<string, Shape>>

/** The `include` value that asks for sealed reasoning, and the one that asks for log probabilities. */
export const includeSeals = "reasoning.encrypted_content"
export const includeLogprobs = "message.output_text.logprobs"
