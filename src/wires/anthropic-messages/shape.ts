import { nothing } from "../../core/node.ts"
import { asObject, type Json, RawJson } from "../../lib/json.ts"

/** The keys that a hub value models, nested; `any`: whatever stands there is data or modelled as a whole. An array is meant element by element. */
export type Shape = "any" | { readonly [key: string]: Shape }

/** Dotted paths of keys that nobody models and that say something: null, `[]` and `{}` are never a loss. */
export function restIn(json: Json, shape: Shape, prefix = ""): readonly string[] {
  if (shape === "any" || json instanceof RawJson) return nothing
  if (Array.isArray(json)) return restInEach(json, shape, prefix)
  const object = asObject(json)
  if (!object) return nothing
  let found: string[] | undefined
  for (const key in object) {
    const value = object[key]
    if (value === undefined) continue
    const inner = Object.hasOwn(shape, key) ? shape[key] : undefined
    if (inner === "any") continue
    if (inner === undefined) {
      if (isMeaningful(value)) found = [...(found ?? nothing), prefix + key]
      continue
    }
    if (typeof value !== "object" || value === null) continue
    const below = restIn(value, inner, `${prefix}${key}.`)
    if (below.length > 0) found = [...(found ?? nothing), ...below]
  }
  return found ?? nothing
}

function restInEach(list: readonly Json[], shape: Shape, prefix: string): readonly string[] {
  let found: readonly string[] = nothing
  for (const item of list) {
    const rest = restIn(item, shape, prefix)
    if (rest.length > 0) found = [...new Set([...found, ...rest])]
  }
  return found
}

function isMeaningful(value: Json): boolean {
  if (value === null) return false
  if (Array.isArray(value)) return value.length > 0
  if (typeof value !== "object" || value instanceof RawJson) return true
  for (const _ in value) return true
  return false
}

const cacheControl: Shape = { type: "any", ttl: "any" }
const block = { type: "any", cache_control: cacheControl } as const
const source: Shape = { type: "any", data: "any", media_type: "any", url: "any", file_id: "any" }
const textPart: Shape = { type: "any", text: "any" }

/** For each block type that the hub models, the keys it knows. */
export const blockShapes = {
  text: { ...block, text: "any", citations: "any" },
  image: { ...block, source },
  document: {
    ...block,
    source: { type: "any", data: "any", media_type: "any", url: "any", file_id: "any", content: textPart },
    title: "any",
  },
  search_result: { ...block, content: textPart, title: "any" },
  thinking: { type: "any", thinking: "any", signature: "any" },
  redacted_thinking: { type: "any", data: "any" },
  // a model that calls by itself is the only caller without an id
  tool_use: { ...block, id: "any", name: "any", input: "any", caller: { type: "any" } },
  mcp_tool_use: { ...block, id: "any", name: "any", input: "any", server_name: "any" },
  tool_result: { ...block, tool_use_id: "any", content: "any", is_error: "any" },
  container_upload: { ...block, file_id: "any" },
  compaction: { ...block, content: "any", encrypted_content: "any" },
} as const satisfies Record<string, Shape>

export const citationShapes = {
  document: { type: "any", cited_text: "any", document_index: "any", document_title: "any", file_id: "any" },
  url: { type: "any", cited_text: "any", url: "any", title: "any", encrypted_index: "any" },
  search: { type: "any", cited_text: "any", source: "any", title: "any", search_result_index: "any" },
} as const satisfies Record<string, Shape>

export const toolShape: Shape = {
  type: "any",
  name: "any",
  description: "any",
  input_schema: "any",
  strict: "any",
  defer_loading: "any",
  cache_control: cacheControl,
}

export const messageShape: Shape = { role: "any", content: "any" }

/** What each hub field of a request covers of the body. */
export const requestShape: Shape = {
  model: "any",
  messages: "any",
  system: "any",
  max_tokens: "any",
  stop_sequences: "any",
  temperature: "any",
  top_p: "any",
  top_k: "any",
  stream: "any",
  tools: "any",
  mcp_servers: "any",
  tool_choice: { type: "any", name: "any", disable_parallel_tool_use: "any" },
  thinking: { type: "any", budget_tokens: "any", display: "any" },
  output_config: { effort: "any", format: { type: "any", schema: "any" } },
  output_format: { type: "any", schema: "any" },
  metadata: { user_id: "any" },
  service_tier: "any",
  container: { id: "any" },
  cache_control: cacheControl,
}

const counts = {
  input_tokens: "any",
  output_tokens: "any",
  cache_creation_input_tokens: "any",
  cache_read_input_tokens: "any",
  cache_creation: { ephemeral_5m_input_tokens: "any", ephemeral_1h_input_tokens: "any" },
} as const satisfies Shape

const usageShape: Shape = {
  ...counts,
  output_tokens_details: { thinking_tokens: "any" },
  server_tool_use: "any",
  service_tier: "any",
  inference_geo: "any",
  speed: "any",
  iterations: { ...counts, type: "any", model: "any" },
}

export const responseShape: Shape = {
  id: "any",
  type: "any",
  role: "any",
  model: "any",
  content: "any",
  stop_reason: "any",
  stop_sequence: "any",
  stop_details: { type: "any", explanation: "any" },
  usage: usageShape,
  container: { id: "any", expires_at: "any" },
}
