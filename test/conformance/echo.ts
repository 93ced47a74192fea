import type { Json, JsonObject } from "../../src/lib/json.ts"
import { isRecord } from "./difference.ts"

const records = (value: unknown): Record<string, unknown>[] => (Array.isArray(value) ? value.filter(isRecord) : [])

/** The next request of a client that keeps what it was answered and answers every call, as the vendors' SDK guides show it. */
export function echo(wire: string, response: Json): Json {
  if (!isRecord(response)) throw new Error("a response is an object")
  switch (wire) {
    case "openai-chat":
      return chat(response)
    case "openai-responses":
      return responses(response)
    case "anthropic-messages":
      return anthropic(response)
    default:
      throw new Error(`no client known for ${wire}`)
  }
}

const model = "model-under-test"
const question = "What is it?"
const more = "And then?"

function chat(response: Record<string, unknown>): JsonObject {
  const message = records(response.choices)[0]?.message
  const results = isRecord(message)
    ? records(message.tool_calls).map((call) => ({ role: "tool", tool_call_id: call.id, content: "done" }))
    : []
  return {
    model,
    messages: [{ role: "user", content: question }, message, ...results, { role: "user", content: more }],
  } as JsonObject
}

function responses(response: Record<string, unknown>): JsonObject {
  const output = records(response.output)
  const results = output
    .filter((item) => item.type === "function_call")
    .map((call) => ({ type: "function_call_output", call_id: call.call_id, output: "done" }))
  const said = (content: string) => ({ type: "message", role: "user", content })
  return { model, store: false, input: [said(question), ...output, ...results, said(more)] } as JsonObject
}

function anthropic(response: Record<string, unknown>): JsonObject {
  const results = records(response.content)
    .filter((block) => block.type === "tool_use")
    .map((block) => ({ type: "tool_result", tool_use_id: block.id, content: "done" }))
  return {
    model,
    max_tokens: 1024,
    messages: [
      { role: "user", content: question },
      { role: "assistant", content: response.content },
      { role: "user", content: [...results, { type: "text", text: more }] },
    ],
  } as JsonObject
}
