import type { Json, JsonObject } from "../../src/lib/json.ts"
import { isRecord } from "./difference.ts"

const records = (value: unknown): Record<string, unknown>[] => (Array.isArray(value) ? value.filter(isRecord) : [])

/** The next request of a client that keeps what it was answered and answers every call, as the vendors' SDK guides show it. */
export const echo = (wire: string, response: Json): Json => conversation(wire, [response])

/** The same after several answers. */
export function conversation(wire: string, responses: readonly Json[]): Json {
  const answers: readonly Record<string, unknown>[] = records(responses)
  switch (wire) {
    case "openai-chat":
      return { model, messages: [{ role: "user", content: question }, ...answers.flatMap(chat)] }
    case "openai-responses":
      return { model, store: false, input: [item(question), ...answers.flatMap(outputs)] }
    case "anthropic-messages":
      return { model, max_tokens: 1024, messages: [{ role: "user", content: question }, ...answers.flatMap(anthropic)] }
    default:
      throw new Error(`no client known for ${wire}`)
  }
}

const model = "model-under-test"
const question = "What is it?"
const more = "And then?"
const item = (content: string): JsonObject => ({ type: "message", role: "user", content })

function chat(response: Record<string, unknown>): Json[] {
  const message = records(response.choices)[0]?.message
  const calls = isRecord(message) ? records(message.tool_calls) : []
  const results = calls.map((call) => ({ role: "tool", tool_call_id: call.id, content: "done" }))
  return [message, ...results, { role: "user", content: more }] as Json[]
}

function outputs(response: Record<string, unknown>): Json[] {
  const output = records(response.output)
  const results = output
    .filter((one) => one.type === "function_call" || one.type === "custom_tool_call")
    .map((call) => ({ type: `${call.type}_output`, call_id: call.call_id, output: "done" }))
  return [...output, ...results, item(more)] as Json[]
}

function anthropic(response: Record<string, unknown>): Json[] {
  const results = records(response.content)
    .filter((block) => block.type === "tool_use")
    .map((block) => ({ type: "tool_result", tool_use_id: block.id, content: "done" }))
  return [
    { role: "assistant", content: response.content },
    { role: "user", content: [...results, { type: "text", text: more }] },
  ] as Json[]
}
