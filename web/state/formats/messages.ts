import type { Format } from "./format.ts"
import { at } from "./json.ts"
import { stepOf } from "./step.ts"

/** The field is required here, and in this format only. */
const maxOutput = 1_024

/** https://platform.claude.com/docs/en/api/messages */
export const messages: Format = {
  wire: "anthropic-messages",
  label: "Messages",
  path: "v1/messages",
  body: (model, prompt) => ({ model, max_tokens: maxOutput, messages: [{ role: "user", content: prompt }], stream: true }),
  step(event) {
    const usage = at(event, "usage") ?? at(event, "message", "usage")
    return stepOf({
      text: at(event, "delta", "text"),
      reasoning: at(event, "delta", "thinking"),
      input: at(usage, "input_tokens"),
      output: at(usage, "output_tokens"),
      error: at(event, "error", "message"),
    })
  },
}
