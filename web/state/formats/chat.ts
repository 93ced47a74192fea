import type { Format } from "./format.ts"
import { at } from "./json.ts"
import { stepOf } from "./step.ts"

/** https://platform.openai.com/docs/api-reference/chat */
export const chat: Format = {
  wire: "openai-chat",
  label: "Chat completions",
  path: "v1/chat/completions",
  body: (model, prompt) => ({
    model,
    messages: [{ role: "user", content: prompt }],
    stream: true,
    stream_options: { include_usage: true },
  }),
  step(event) {
    const delta = at(event, "choices", 0, "delta")
    return stepOf({
      text: at(delta, "content"),
      reasoning: at(delta, "reasoning_content") ?? at(delta, "reasoning"),
      input: at(event, "usage", "prompt_tokens"),
      output: at(event, "usage", "completion_tokens"),
      error: at(event, "error", "message"),
    })
  },
}
