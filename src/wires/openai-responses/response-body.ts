import type { Exchange } from "../../core/exchange.ts"
import { originOf } from "../../core/node.ts"
import { asObject, type Json, type JsonObject } from "../../lib/json.ts"
import type { WireStop } from "./stop.ts"
import { wireId } from "./types.ts"

/** What differs between two response objects of one call. */
export interface ResponseState {
  readonly id: string
  readonly model: string
  readonly created: number
  readonly stop: WireStop
  readonly output: readonly Json[]
  readonly usage: Json
  readonly error?: Json
  readonly serviceTier?: string
  readonly conversation?: string
}

/**
 * Makes response objects with every field that the schema requires. What repeats the request is taken from the caller's own body.
 * https://platform.openai.com/docs/api-reference/responses/object
 */
export function responseBodies(exchange: Exchange): (state: ResponseState) => JsonObject {
  const echo = echoOf(exchange)
  return (state) => ({
    id: state.id,
    object: "response",
    created_at: state.created,
    status: state.stop.status,
    background: false,
    completed_at: state.stop.status === "completed" ? Math.max(state.created, Math.floor(exchange.now / 1000)) : null,
    error: state.error ?? null,
    incomplete_details: state.stop.incomplete_details,
    ...echo,
    model: state.model,
    output: state.output,
    usage: state.usage,
    ...(state.serviceTier === undefined ? {} : { service_tier: state.serviceTier }),
    ...(state.conversation === undefined ? {} : { conversation: { id: state.conversation } }),
  })
}

const defaults: JsonObject = {
  instructions: null,
  max_output_tokens: null,
  max_tool_calls: null,
  metadata: {},
  parallel_tool_calls: true,
  previous_response_id: null,
  prompt_cache_key: null,
  safety_identifier: null,
  temperature: 1,
  tool_choice: "auto",
  tools: [],
  top_logprobs: 0,
  top_p: 1,
  truncation: "disabled",
  user: null,
}

const defaultEntries = Object.entries(defaults)

/** The caller's own values where there are any. An answer of another wire is kept nowhere, so it is not stored. */
function echoOf({ request, target }: Exchange): JsonObject {
  const from = originOf(request)
  const source = (from?.wire === wireId ? asObject(from.json) : undefined) ?? {}
  const echo: Record<string, Json> = {}
  for (const [key, value] of defaultEntries) echo[key] = source[key] ?? value
  const { effort = null, summary = null } = asObject(source.reasoning) ?? {}
  return {
    ...echo,
    reasoning: { effort, summary },
    store: target.wire === wireId ? (source.store ?? true) : false,
    text: { format: { type: "text" }, ...asObject(source.text) },
  }
}
