import type { Expected, Fields } from "../../core/expected.ts"

const schema: Fields = { name: "string", description: "string", strict: "boolean" }
const functionFields: Fields = { ...schema, parameters: "object" }
const url: Expected = { either: ["string", { fields: { url: "string", detail: "string" }, required: ["url"] }] }
const mark: Fields = { cache_control: "object", prompt_cache_breakpoint: "object" }
const textPart: Expected = { fields: { text: "string" } }

const part: Expected = {
  either: [
    "string",
    {
      types: {
        text: { text: "string", ...mark },
        refusal: { refusal: "string" },
        image_url: { image_url: url, ...mark },
        video_url: { video_url: url, ...mark },
        input_audio: { input_audio: { fields: { data: "string", format: "string" } }, ...mark },
        file: { file: { fields: { filename: "string", file_data: "string", file_id: "string" } }, ...mark },
        thinking: { thinking: { either: ["string", { list: textPart }] } },
      },
    },
  ],
}

const content: Expected = { either: ["string", { list: part }] }

/** Arguments that are no string are read as what they spell. */
const called: Fields = { name: "string" }

const call: Expected = {
  fields: {
    id: "string",
    type: "string",
    function: { fields: called, required: ["name"] },
    custom: { fields: { name: "string", input: "string" }, required: ["name"] },
  },
}

const message: Expected = {
  fields: {
    role: "string",
    content,
    name: "string",
    refusal: "string",
    tool_calls: { list: call },
    function_call: { fields: called },
    tool_call_id: "string",
    reasoning_details: { list: "object" },
    audio: "object",
  },
  required: ["role"],
}

const grammar: Expected = { fields: { syntax: "string", definition: "string" } }

const tool: Expected = {
  types: {
    function: { function: { fields: functionFields, required: ["name"] } },
    custom: {
      custom: { fields: { name: "string", description: "string", format: { fields: { grammar } } }, required: ["name"] },
    },
  },
  untyped: { function: { fields: functionFields, required: ["name"] } },
}

const chosen: Expected = { fields: { name: "string" }, required: ["name"] }

const toolChoice: Expected = {
  either: [
    "string",
    {
      types: {
        function: { function: chosen },
        custom: { custom: chosen },
        allowed_tools: { allowed_tools: { fields: { mode: "string", tools: { list: "object" } } } },
      },
      untyped: { function: chosen },
    },
  ],
}

/** The JSON that stands at the fields of a request which another format can be made of. */
export const requestFields: Expected = {
  fields: {
    messages: { list: message },
    tools: { list: tool },
    functions: { list: { fields: functionFields, required: ["name"] } },
    tool_choice: toolChoice,
    function_call: { either: ["string", "object"] },
    parallel_tool_calls: "boolean",
    max_completion_tokens: "number",
    max_tokens: "number",
    temperature: "number",
    top_p: "number",
    top_k: "number",
    frequency_penalty: "number",
    presence_penalty: "number",
    seed: "number",
    n: "number",
    stop: { either: ["string", { list: "string" }] },
    logprobs: "boolean",
    top_logprobs: "number",
    reasoning_effort: "string",
    reasoning: { fields: { effort: "string", max_tokens: "number", exclude: "boolean", enabled: "boolean" } },
    response_format: { types: { json_schema: { json_schema: { fields: { ...schema, schema: "object" } } } } },
    modalities: { list: "string" },
    verbosity: "string",
    prompt_cache_key: "string",
    user: "string",
    service_tier: "string",
    store: "boolean",
    stream_options: { fields: { include_usage: "boolean" } },
  },
  required: ["messages"],
}
