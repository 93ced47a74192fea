import type { Format } from "./format.ts"
import { at } from "./json.ts"
import { stepOf } from "./step.ts"

/** https://platform.openai.com/docs/api-reference/responses */
export const responses: Format = {
  wire: "openai-responses",
  label: "Responses",
  path: "v1/responses",
  body: (model, prompt) => ({ model, input: prompt, stream: true }),
  step(event) {
    const type = at(event, "type")
    const delta = at(event, "delta")
    const failed = type === "error" || type === "response.failed"
    const message = at(event, "message") ?? at(event, "error", "message") ?? at(event, "response", "error", "message")
    return stepOf({
      text: type === "response.output_text.delta" ? delta : undefined,
      reasoning: type === "response.reasoning_text.delta" || type === "response.reasoning_summary_text.delta" ? delta : undefined,
      input: at(event, "response", "usage", "input_tokens"),
      output: at(event, "response", "usage", "output_tokens"),
      error: failed ? (message ?? "The answer failed.") : undefined,
    })
  },
}
