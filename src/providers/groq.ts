import type { Provider } from "../core/provider.ts"
import { openaiChat, quirks } from "../wires/openai-chat/index.ts"
import { bearer } from "./auth.ts"
import { openaiModels } from "./model-lists.ts"

/** A request that has one of these is refused, https://console.groq.com/docs/openai. */
const refusedFields = quirks.dropFields("logprobs", "top_logprobs", "logit_bias", "n", "top_k")

/** https://console.groq.com/docs/api-reference */
export const groq: Provider = {
  id: "groq",
  label: "Groq",
  env: "GROQ_API_KEY",
  defaultBaseUrl: "https://api.groq.com/openai",
  needsKey: true,
  routes: [
    {
      wire: openaiChat,
      operation: "chat_completion",
      path: "/v1/chat/completions",
      auth: bearer,
      quirks: [
        quirks.customAsFunction,
        quirks.reasoningAs("reasoning"),
        quirks.mediaAfterResults,
        refusedFields,
        quirks.dropMessageFields("name"),
      ],
    },
  ],
  models: openaiModels("/v1/models"),
  verified: "docs",
}
