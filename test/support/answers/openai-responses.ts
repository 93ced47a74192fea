import type { Frame } from "../upstream/well-formed.ts"
import { openaiError, openaiErrorFields, openaiHeaders } from "./openai-error.ts"
import {
  type Asked,
  type Call,
  fragments,
  isRecord,
  type OfferedTool,
  type Reasoning,
  records,
  stopOf,
  type Turn,
  textIn,
  tokensOf,
  type Voice,
  words,
} from "./turn.ts"

/** The Responses API (platform.openai.com/docs/api-reference/responses and /responses-streaming). */
export const openaiResponses: Voice = {
  headers: openaiHeaders,
  body: (turn) => closed(turn),
  frames,
  error: openaiError,
  errorFrame: (failure) => {
    const { code, message, param } = openaiErrorFields(failure)
    return { event: "error", data: { type: "error", code, message, param, sequence_number: 2 } }
  },
  read,
}

const suffix = "68f2a1c09d4481a2b3c4d5e6f7a8b9c0"

/** An output item, and the events that tell it between `added` and `done`. */
interface Told {
  readonly begun: object
  readonly done: object
  readonly events: readonly Event[]
}

type Event = { readonly type: string } & Record<string, unknown>

const itemsOf = (turn: Turn): readonly Told[] => [
  ...(turn.reasoning ? [reasoningItem(turn.reasoning)] : []),
  ...(turn.text === undefined ? [] : [messageItem(turn.text)]),
  ...(turn.calls ?? []).map(callItem),
]

function reasoningItem(reasoning: Reasoning): Told {
  const id = `rs_${suffix}`
  const seal = reasoning.seal === undefined ? {} : { encrypted_content: reasoning.seal }
  const item = (summary: readonly object[]) => ({ id, type: "reasoning", ...seal, summary })
  if (reasoning.text === "") return { begun: item([]), done: item([]), events: [] }
  const part = { type: "summary_text", text: reasoning.text }
  const at = { item_id: id, summary_index: 0 }
  return {
    begun: item([]),
    done: item([part]),
    events: [
      { type: "response.reasoning_summary_part.added", ...at, part: { ...part, text: "" } },
      ...words(reasoning.text).map((delta) => ({ type: "response.reasoning_summary_text.delta", ...at, delta })),
      { type: "response.reasoning_summary_text.done", ...at, text: reasoning.text },
      { type: "response.reasoning_summary_part.done", ...at, part },
    ],
  }
}

function messageItem(text: string): Told {
  const id = `msg_${suffix}`
  const part = { type: "output_text", annotations: [], logprobs: [], text }
  const at = { item_id: id, content_index: 0 }
  const item = (status: string, content: readonly object[]) => ({ id, type: "message", status, content, role: "assistant" })
  return {
    begun: item("in_progress", []),
    done: item("completed", [part]),
    events: [
      { type: "response.content_part.added", ...at, part: { ...part, text: "" } },
      ...words(text).map((delta) => ({ type: "response.output_text.delta", ...at, delta, logprobs: [], obfuscation: "x7" })),
      { type: "response.output_text.done", ...at, text, logprobs: [] },
      { type: "response.content_part.done", ...at, part },
    ],
  }
}

function callItem(call: Call, index: number): Told {
  const id = `fc_${suffix}${index}`
  const item = (status: string, input: string) => ({
    id,
    type: "function_call",
    status,
    arguments: input,
    call_id: call.id ?? `call_a1B2c3D4e5F6g7H8i9J0k${index}`,
    name: call.name,
    ...(call.namespace !== undefined && { namespace: call.namespace }),
  })
  return {
    begun: item("in_progress", ""),
    done: item("completed", call.input),
    events: [
      ...fragments(call.input).map((delta) => ({
        type: "response.function_call_arguments.delta",
        item_id: id,
        delta,
        obfuscation: "q",
      })),
      { type: "response.function_call_arguments.done", item_id: id, arguments: call.input },
    ],
  }
}

const shell = (turn: Turn, status: string, output: readonly object[], rest: object = {}) => ({
  id: turn.id ?? `resp_${suffix}`,
  object: "response",
  created_at: 1_790_000_000,
  status,
  background: false,
  error: null,
  incomplete_details: null,
  instructions: null,
  max_output_tokens: null,
  max_tool_calls: null,
  model: turn.model ?? "gpt-5-mini-2026-08-07",
  output,
  parallel_tool_calls: true,
  previous_response_id: null,
  prompt_cache_key: null,
  reasoning: { effort: "medium", summary: null },
  safety_identifier: null,
  service_tier: "default",
  store: false,
  temperature: 1,
  text: { format: { type: "text" }, verbosity: "medium" },
  tool_choice: "auto",
  tools: [],
  top_logprobs: 0,
  top_p: 1,
  truncation: "disabled",
  usage: null,
  user: null,
  metadata: {},
  ...rest,
})

function closed(turn: Turn): object {
  const tokens = tokensOf(turn)
  const usage = {
    input_tokens: tokens.input,
    input_tokens_details: { cached_tokens: tokens.cacheRead },
    output_tokens: tokens.output,
    output_tokens_details: { reasoning_tokens: tokens.reasoning },
    total_tokens: tokens.input + tokens.output,
  }
  const output = itemsOf(turn).map((item) => item.done)
  switch (stopOf(turn)) {
    case "length":
      return shell(turn, "incomplete", output, { usage, incomplete_details: { reason: "max_output_tokens" } })
    case "filter":
      return shell(turn, "incomplete", output, { usage, incomplete_details: { reason: "content_filter" } })
    case "end":
    case "tool":
      return shell(turn, "completed", output, { usage })
  }
}

function frames(turn: Turn): readonly Frame[] {
  const open = shell(turn, "in_progress", [])
  const stop = stopOf(turn)
  const events: readonly Event[] = [
    { type: "response.created", response: open },
    { type: "response.in_progress", response: open },
    ...itemsOf(turn).flatMap((told, index): readonly Event[] => [
      { type: "response.output_item.added", output_index: index, item: told.begun },
      ...told.events.map((event) => ({ ...event, output_index: index })),
      { type: "response.output_item.done", output_index: index, item: told.done },
    ]),
    { type: stop === "length" || stop === "filter" ? "response.incomplete" : "response.completed", response: closed(turn) },
  ]
  return events.map(({ type, ...rest }, sequence) => ({ event: type, data: { type, sequence_number: sequence, ...rest } }))
}

function read(body: Record<string, unknown>): Asked {
  const items = records(body.input)
  const lastSpoken = items.findLastIndex(
    (item) => item.role === "assistant" || item.type === "function_call" || item.type === "reasoning",
  )
  return {
    model: String(body.model),
    stream: body.stream === true,
    tools: records(body.tools).flatMap((tool) => offered(tool)),
    results: items
      .slice(lastSpoken + 1)
      .filter((item) => item.type === "function_call_output")
      .map((item) => textIn(item.output)),
  }
}

function offered(tool: Record<string, unknown>, namespace?: string): readonly OfferedTool[] {
  if (tool.type === "namespace") return records(tool.tools).flatMap((inner) => offered(inner, String(tool.name)))
  if (tool.type !== "function") return []
  const schema = isRecord(tool.parameters) ? tool.parameters : {}
  return [{ name: String(tool.name), schema, ...(namespace !== undefined && { namespace }) }]
}
