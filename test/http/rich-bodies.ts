import type { Json, JsonObject } from "../../src/lib/json.ts"

const schema: JsonObject = { type: "object", properties: { city: { type: "string" } }, required: ["city"] }
const pixel = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="

/** A valid request of each format that uses most of what it has. */
export const richBodies: Readonly<Record<string, JsonObject>> = {
  "openai-chat": {
    model: "m",
    messages: [
      { role: "system", content: "Be brief." },
      { role: "developer", content: [{ type: "text", text: "Be kind." }] },
      {
        role: "user",
        name: "ann",
        content: [
          { type: "text", text: "What is this?" },
          { type: "image_url", image_url: { url: `data:image/png;base64,${pixel}`, detail: "low" } },
          { type: "file", file: { filename: "a.pdf", file_data: "data:application/pdf;base64,JVBERi0xLjQK" } },
        ],
      },
      {
        role: "assistant",
        content: "I look.",
        tool_calls: [{ id: "call_1", type: "function", function: { name: "look", arguments: '{"city":"Bern"}' } }],
      },
      { role: "tool", tool_call_id: "call_1", content: "sunny" },
      { role: "user", content: "And?" },
    ],
    tools: [{ type: "function", function: { name: "look", description: "Looks", parameters: schema, strict: false } }],
    tool_choice: { type: "function", function: { name: "look" } },
    parallel_tool_calls: true,
    max_completion_tokens: 100,
    temperature: 0.5,
    top_p: 0.9,
    stop: ["END"],
    seed: 7,
    reasoning_effort: "low",
    response_format: { type: "json_schema", json_schema: { name: "out", schema, strict: true } },
    metadata: { a: "b" },
    user: "u",
  },
  "openai-responses": {
    model: "m",
    instructions: "Be brief.",
    input: [
      { type: "message", role: "developer", content: [{ type: "input_text", text: "Be kind." }] },
      {
        role: "user",
        content: [
          { type: "input_text", text: "What is this?" },
          { type: "input_image", image_url: `data:image/png;base64,${pixel}`, detail: "low" },
          { type: "input_file", filename: "a.pdf", file_data: "data:application/pdf;base64,JVBERi0xLjQK" },
        ],
      },
      { type: "reasoning", id: "rs_1", summary: [{ type: "summary_text", text: "Hm." }] },
      {
        type: "message",
        id: "msg_1",
        role: "assistant",
        status: "completed",
        content: [{ type: "output_text", text: "I look.", annotations: [] }],
      },
      { type: "function_call", id: "fc_1", call_id: "call_1", name: "look", arguments: '{"city":"Bern"}' },
      { type: "function_call_output", call_id: "call_1", output: "sunny" },
      { role: "user", content: "And?" },
    ],
    tools: [{ type: "function", name: "look", description: "Looks", parameters: schema, strict: false }],
    tool_choice: { type: "function", name: "look" },
    parallel_tool_calls: true,
    max_output_tokens: 100,
    temperature: 0.5,
    top_p: 0.9,
    reasoning: { effort: "low", summary: "auto" },
    text: { format: { type: "json_schema", name: "out", schema, strict: true } },
    store: false,
    metadata: { a: "b" },
  },
  "anthropic-messages": {
    model: "m",
    max_tokens: 4096,
    system: [{ type: "text", text: "Be brief.", cache_control: { type: "ephemeral" } }],
    messages: [
      {
        role: "user",
        content: [
          { type: "text", text: "What is this?" },
          { type: "image", source: { type: "base64", media_type: "image/png", data: pixel } },
          { type: "document", title: "a.pdf", source: { type: "base64", media_type: "application/pdf", data: "JVBERi0xLjQK" } },
        ],
      },
      {
        role: "assistant",
        content: [
          { type: "thinking", thinking: "Hm.", signature: "c2VhbGVk" },
          { type: "text", text: "I look." },
          { type: "tool_use", id: "toolu_1", name: "look", input: { city: "Bern" } },
        ],
      },
      {
        role: "user",
        content: [
          { type: "tool_result", tool_use_id: "toolu_1", is_error: false, content: [{ type: "text", text: "sunny" }] },
          { type: "text", text: "And?" },
        ],
      },
    ],
    tools: [{ name: "look", description: "Looks", input_schema: schema }],
    tool_choice: { type: "tool", name: "look" },
    temperature: 0.5,
    top_p: 0.9,
    top_k: 40,
    stop_sequences: ["END"],
    thinking: { type: "enabled", budget_tokens: 2048 },
    metadata: { user_id: "u" },
  },
}

export type Path = readonly (string | number)[]

/** Every place in a value, the root left out. */
export function placesIn(value: Json, path: Path = []): readonly Path[] {
  if (typeof value !== "object" || value === null) return []
  const keys: readonly (string | number)[] = Array.isArray(value) ? [...value.keys()] : Object.keys(value)
  return keys.flatMap((key) => {
    const at = [...path, key]
    return [at, ...placesIn((value as Readonly<Record<string | number, Json>>)[key] ?? null, at)]
  })
}

/** A copy with the value at a place replaced; undefined takes it out. */
export function withAt(value: Json, [key, ...rest]: Path, put: Json | undefined): Json {
  if (key === undefined) return put ?? null
  if (Array.isArray(value)) {
    const items = value as readonly Json[]
    const at = Number(key)
    if (rest.length === 0 && put === undefined) return items.toSpliced(at, 1)
    return items.with(at, withAt(items[at] ?? null, rest, put))
  }
  const { [String(key)]: old = null, ...others } = value as JsonObject
  if (rest.length === 0 && put === undefined) return others
  return { ...(value as JsonObject), [String(key)]: withAt(old, rest, put) }
}

/** `messages[2].content` */
export const pathText = (path: Path): string =>
  path.map((key, index) => (typeof key === "number" ? `[${key}]` : index === 0 ? key : `.${key}`)).join("")
