import type { Provider } from "../core/provider.ts"
import { openaiChat, quirks } from "../wires/openai-chat/index.ts"
import { leastOutput, openaiResponses } from "../wires/openai-responses/index.ts"
import { bearer } from "./auth.ts"
import { openaiModels } from "./model-lists.ts"

/** https://platform.openai.com/docs/api-reference */
export const openai: Provider = {
  id: "openai",
  label: "OpenAI",
  env: "OPENAI_API_KEY",
  defaultBaseUrl: "https://api.openai.com",
  needsKey: true,
  routes: [
    {
      wire: openaiResponses,
      operation: "responses",
      path: "/v1/responses",
      auth: bearer,
      quirks: [leastOutput(16)],
      features: () => ["web-search", "code-execution", "mcp"],
    },
    {
      wire: openaiChat,
      operation: "chat_completion",
      path: "/v1/chat/completions",
      auth: bearer,
      quirks: [quirks.newerLimit, quirks.dropFields("top_k")],
    },
  ],
  models: openaiModels("/v1/models"),
  verified: "docs",
}
