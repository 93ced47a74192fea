import type { Expected, Fields } from "../../core/expected.ts"

const mark: Fields = { cache_control: { fields: { type: "string", ttl: "string" } } }

const textBlock: Fields = { text: "string", citations: { either: ["object", { list: "object" }] }, ...mark }
const texts: Expected = { either: ["string", { list: { types: { text: textBlock } } }] }

const source: Expected = {
  types: {
    base64: { media_type: "string", data: "string" },
    text: { media_type: "string", data: "string" },
    url: { url: "string" },
    file: { file_id: "string" },
    content: { content: { either: ["string", { list: "object" }] } },
  },
}

const call: Fields = { id: "string", name: "string", input: "object", ...mark }

/** Blocks that may also stand in the answer of a tool. */
const shown: Readonly<Record<string, Fields>> = {
  text: textBlock,
  image: { source, ...mark },
  document: { source, title: "string", context: "string", ...mark },
  search_result: { source: "string", title: "string", content: texts, ...mark },
}

const block: Expected = {
  types: {
    ...shown,
    thinking: { thinking: "string", signature: "string" },
    redacted_thinking: { data: "string" },
    tool_use: call,
    server_tool_use: call,
    mcp_tool_use: { ...call, server_name: "string" },
    tool_result: {
      tool_use_id: "string",
      is_error: "boolean",
      content: { either: ["string", { list: { types: shown } }] },
      ...mark,
    },
    container_upload: { file_id: "string", ...mark },
    compaction: { content: "string", encrypted_content: "string", ...mark },
  },
}

const own: Fields = {
  name: "string",
  description: "string",
  input_schema: "object",
  strict: "boolean",
  defer_loading: "boolean",
  ...mark,
}

/** The JSON that stands at the fields of a request which another format can be made of. */
export const requestFields: Expected = {
  fields: {
    system: texts,
    messages: {
      list: { fields: { role: "string", content: { either: ["string", { list: block }] } }, required: ["role"] },
    },
    max_tokens: "number",
    temperature: "number",
    top_p: "number",
    top_k: "number",
    stop_sequences: { list: "string" },
    tools: { list: { types: { custom: own }, untyped: own } },
    tool_choice: { types: { tool: { name: "string" } } },
    thinking: {
      types: { enabled: { budget_tokens: "number", display: "string" }, adaptive: { display: "string" }, disabled: {} },
    },
    output_config: { fields: { effort: "string", format: { types: { json_schema: { schema: "object" } } } } },
    output_format: { types: { json_schema: { schema: "object" } } },
    metadata: { fields: { user_id: "string" } },
    service_tier: "string",
    container: { either: ["string", { fields: { id: "string" } }] },
    ...mark,
  },
  required: ["messages"],
}
