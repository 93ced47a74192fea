import type { Expected, Fields } from "../../core/expected.ts"

const mark: Fields = { prompt_cache_breakpoint: "object" }
const textPart: Expected = { fields: { type: "string", text: "string" } }

const part: Expected = {
  types: {
    input_text: { text: "string", ...mark },
    output_text: { text: "string", annotations: { list: "object" }, logprobs: { list: "object" } },
    refusal: { refusal: "string" },
    input_image: { image_url: "string", file_id: "string", detail: "string", ...mark },
    input_file: { filename: "string", file_data: "string", file_id: "string", file_url: "string", detail: "string", ...mark },
    input_audio: { input_audio: { fields: { data: "string", format: "string" } }, ...mark },
  },
}

const content: Expected = { either: ["string", { list: part }] }
const head: Fields = { id: "string", status: "string" }
const message: Fields = { ...head, role: "string", content, phase: "string" }
const call: Fields = { ...head, call_id: "string", name: "string", namespace: "string" }
/** Some servers send a value where its text was due. */
const answer: Fields = { ...head, call_id: "string", output: { either: ["string", "object", { list: part }] } }

const item: Expected = {
  types: {
    message,
    reasoning: {
      ...head,
      summary: { list: textPart },
      content: { list: textPart },
      encrypted_content: "string",
    },
    function_call: call,
    custom_tool_call: { ...call, input: "string" },
    function_call_output: answer,
    custom_tool_call_output: answer,
    compaction: { ...head, encrypted_content: "string" },
    item_reference: { id: "string" },
    mcp_approval_response: { approval_request_id: "string", approve: "boolean", reason: "string" },
    image_generation_call: { ...head, result: "string", output_format: "string" },
  },
  untyped: message,
}

const named: Fields = { name: "string", description: "string" }
const own: Readonly<Record<string, Fields>> = {
  function: { ...named, parameters: "object", strict: "boolean" },
  custom: { ...named, format: "object" },
}
const tool: Expected = { types: { ...own, namespace: { ...named, tools: { list: { types: own } } } } }

const toolChoice: Expected = {
  either: [
    "string",
    {
      types: {
        function: { name: "string", namespace: "string" },
        custom: { name: "string", namespace: "string" },
        allowed_tools: { mode: "string", tools: { list: "object" } },
      },
    },
  ],
}

const format: Expected = {
  types: { json_schema: { name: "string", description: "string", schema: "object", strict: "boolean" } },
}

/** The JSON that stands at the fields of a request which another format can be made of. */
export const requestFields: Expected = {
  fields: {
    instructions: { either: ["string", { list: item }] },
    input: { either: ["string", { list: item }] },
    tools: { list: tool },
    tool_choice: toolChoice,
    parallel_tool_calls: "boolean",
    max_output_tokens: "number",
    temperature: "number",
    top_p: "number",
    top_logprobs: "number",
    reasoning: { fields: { effort: "string", summary: "string", generate_summary: "string" } },
    text: { fields: { format, verbosity: "string" } },
    include: { list: "string" },
    prompt_cache_key: "string",
    user: "string",
    service_tier: "string",
    store: "boolean",
    previous_response_id: "string",
    conversation: { either: ["string", { fields: { id: "string" } }] },
    prompt: { fields: { id: "string" } },
  },
}
