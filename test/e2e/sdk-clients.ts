import Anthropic from "@anthropic-ai/sdk"
import OpenAI from "openai"
import { callerSecret, type Spoken } from "./directions.ts"

/** What a vendor's SDK made of one answer, in no vendor's words. Token counts are totals. */
export interface Told {
  readonly id: string
  readonly text: string
  readonly reasoning: string
  readonly calls: readonly ToldCall[]
  readonly stop: "end" | "tool" | "length" | "filter" | "other"
  readonly usage: { readonly input: number; readonly output: number; readonly cacheRead: number }
}

export interface ToldCall {
  readonly id: string
  readonly name: string
  readonly input: unknown
}

export interface AskOptions {
  readonly stream?: boolean
  readonly tools?: boolean
  readonly reasoning?: boolean
}

/** A conversation as an application of that SDK keeps it: what the SDK returned is pushed into the history as it is. */
export interface Conversation {
  user(text: string): void
  /** Answers calls by id. */
  results(outputs: ReadonlyMap<string, string>): void
  ask(model: string, options?: AskOptions): Promise<Told>
}

export const weather = {
  name: "get_weather",
  description: "The weather in a city",
  schema: { type: "object", properties: { city: { type: "string" }, day: { type: "integer" } }, required: ["city"] },
} as const
export const clock = { name: "get_time", description: "The time", schema: { type: "object", properties: {} } } as const
const offered = [weather, clock]

export const openaiAt = (url: string): OpenAI => new OpenAI({ apiKey: callerSecret, baseURL: `${url}/v1` })
export const anthropicAt = (url: string): Anthropic => new Anthropic({ apiKey: callerSecret, baseURL: url })

export const converse: Readonly<Record<Spoken, (url: string) => Conversation>> = {
  chat: converseInChat,
  responses: converseInResponses,
  messages: converseInMessages,
}

type Extended<T> = T & Readonly<Record<string, unknown>>

function converseInChat(url: string): Conversation {
  const sdk = openaiAt(url)
  const history: OpenAI.ChatCompletionMessageParam[] = []
  return {
    user: (content) => void history.push({ role: "user", content }),
    results(outputs) {
      for (const [id, content] of outputs) history.push({ role: "tool", tool_call_id: id, content })
    },
    async ask(model, { stream, tools, reasoning } = {}) {
      const asked = {
        model,
        messages: history,
        ...(tools && {
          tools: offered.map(({ name, description, schema }) => ({
            type: "function" as const,
            function: { name, description, parameters: schema as unknown as Record<string, unknown> },
          })),
        }),
        ...(reasoning && { reasoning_effort: "high" as const }),
      }
      const answer = stream ? await chatStream(sdk, asked) : await sdk.chat.completions.create(asked)
      const [choice] = answer.choices
      if (!choice) throw new Error("an answer without a choice")
      history.push(choice.message as OpenAI.ChatCompletionMessageParam)
      const { content, tool_calls: calls, ...rest } = choice.message as Extended<OpenAI.ChatCompletionMessage>
      return {
        id: answer.id,
        text: content ?? "",
        reasoning: chatReasoning(rest),
        calls: (calls ?? []).flatMap((call) =>
          call.type === "function"
            ? [{ id: call.id, name: call.function.name, input: JSON.parse(call.function.arguments || "{}") as unknown }]
            : [],
        ),
        stop: stopInChat(choice.finish_reason),
        usage: {
          input: answer.usage?.prompt_tokens ?? 0,
          output: answer.usage?.completion_tokens ?? 0,
          cacheRead: answer.usage?.prompt_tokens_details?.cached_tokens ?? 0,
        },
      }
    },
  }
}

/** The SDK keeps only the last piece of a field that it does not know, so its users put thinking together themselves. */
async function chatStream(sdk: OpenAI, asked: OpenAI.ChatCompletionCreateParamsNonStreaming): Promise<OpenAI.ChatCompletion> {
  const thinking: { reasoning_content?: string; reasoning_details?: Record<string, unknown>[] } = {}
  const stream = sdk.chat.completions.stream({ ...asked, stream: true, stream_options: { include_usage: true } })
  stream.on("chunk", (chunk) => {
    const delta = (chunk.choices[0]?.delta ?? {}) as Readonly<Record<string, unknown>>
    if (typeof delta.reasoning_content === "string")
      thinking.reasoning_content = (thinking.reasoning_content ?? "") + delta.reasoning_content
    if (!Array.isArray(delta.reasoning_details)) return
    thinking.reasoning_details ??= []
    for (const detail of delta.reasoning_details as Record<string, unknown>[]) addDetail(thinking.reasoning_details, detail)
  })
  const answer = await stream.finalChatCompletion()
  Object.assign(answer.choices[0]?.message ?? {}, thinking)
  return answer
}

/** Pieces of one detail have one index; their texts are joined, what else they hold is the last word. */
function addDetail(details: Record<string, unknown>[], piece: Record<string, unknown>): void {
  const known = details.find((detail) => detail.index === piece.index && detail.type === piece.type)
  if (!known) details.push({ ...piece })
  else
    for (const [key, value] of Object.entries(piece))
      known[key] = (key === "text" || key === "summary") && typeof value === "string" ? String(known[key] ?? "") + value : value
}

/** The two customs of servers that speak Chat and think. */
function chatReasoning(message: Readonly<Record<string, unknown>>): string {
  const plain = message.reasoning_content ?? message.reasoning
  if (typeof plain === "string") return plain
  const details = Array.isArray(message.reasoning_details) ? (message.reasoning_details as Record<string, unknown>[]) : []
  return details.map((detail) => String(detail.text ?? detail.summary ?? "")).join("")
}

function stopInChat(reason: string): Told["stop"] {
  if (reason === "stop") return "end"
  if (reason === "tool_calls") return "tool"
  if (reason === "content_filter") return "filter"
  return reason === "length" ? "length" : "other"
}

function converseInResponses(url: string): Conversation {
  const sdk = openaiAt(url)
  const history: OpenAI.Responses.ResponseInputItem[] = []
  return {
    user: (content) => void history.push({ role: "user", content }),
    results(outputs) {
      for (const [id, output] of outputs) history.push({ type: "function_call_output", call_id: id, output })
    },
    async ask(model, { stream, tools, reasoning } = {}) {
      const asked = {
        model,
        input: history,
        store: false,
        ...(tools && {
          tools: offered.map(({ name, description, schema }) => ({
            type: "function" as const,
            name,
            description,
            parameters: schema as unknown as Record<string, unknown>,
            strict: false,
          })),
        }),
        ...(reasoning && {
          reasoning: { effort: "high" as const, summary: "auto" as const },
          include: ["reasoning.encrypted_content" as const],
        }),
      }
      const answer = stream ? await sdk.responses.stream(asked).finalResponse() : await sdk.responses.create(asked)
      history.push(...(answer.output as OpenAI.Responses.ResponseInputItem[]))
      const calls = answer.output.flatMap((item) =>
        item.type === "function_call"
          ? [{ id: item.call_id, name: item.name, input: JSON.parse(item.arguments || "{}") as unknown }]
          : [],
      )
      return {
        id: answer.id,
        text: answer.output_text,
        reasoning: answer.output
          .flatMap((item) => (item.type === "reasoning" ? [...item.summary, ...(item.content ?? [])] : []))
          .map((part) => part.text)
          .join(""),
        calls,
        stop: stopInResponses(answer, calls.length > 0),
        usage: {
          input: answer.usage?.input_tokens ?? 0,
          output: answer.usage?.output_tokens ?? 0,
          cacheRead: answer.usage?.input_tokens_details.cached_tokens ?? 0,
        },
      }
    },
  }
}

function stopInResponses({ status, incomplete_details: details }: OpenAI.Responses.Response, called: boolean): Told["stop"] {
  if (status === "completed") return called ? "tool" : "end"
  if (details?.reason === "max_output_tokens") return "length"
  return details?.reason === "content_filter" ? "filter" : "other"
}

function converseInMessages(url: string): Conversation {
  const sdk = anthropicAt(url)
  const history: Anthropic.MessageParam[] = []
  return {
    user: (content) => void history.push({ role: "user", content }),
    results(outputs) {
      const content = [...outputs].map(([id, text]) => ({ type: "tool_result" as const, tool_use_id: id, content: text }))
      history.push({ role: "user", content })
    },
    async ask(model, { stream, tools, reasoning } = {}) {
      const asked = {
        model,
        max_tokens: 4096,
        messages: history,
        ...(tools && {
          tools: offered.map(({ name, description, schema }) => ({
            name,
            description,
            input_schema: schema as unknown as Anthropic.Tool.InputSchema,
          })),
        }),
        ...(reasoning && { thinking: { type: "enabled" as const, budget_tokens: 2048 } }),
      }
      const answer = stream ? await sdk.messages.stream(asked).finalMessage() : await sdk.messages.create(asked)
      history.push({ role: "assistant", content: answer.content as Anthropic.ContentBlockParam[] })
      const { usage } = answer
      const cacheRead = usage.cache_read_input_tokens ?? 0
      return {
        id: answer.id,
        text: answer.content.map((block) => (block.type === "text" ? block.text : "")).join(""),
        reasoning: answer.content.map((block) => (block.type === "thinking" ? block.thinking : "")).join(""),
        calls: answer.content.flatMap((block) =>
          block.type === "tool_use" ? [{ id: block.id, name: block.name, input: block.input }] : [],
        ),
        stop: stopInMessages(answer.stop_reason),
        usage: {
          input: usage.input_tokens + cacheRead + (usage.cache_creation_input_tokens ?? 0),
          output: usage.output_tokens,
          cacheRead,
        },
      }
    },
  }
}

function stopInMessages(reason: string | null): Told["stop"] {
  if (reason === "end_turn") return "end"
  if (reason === "tool_use") return "tool"
  if (reason === "refusal") return "filter"
  return reason === "max_tokens" ? "length" : "other"
}
