import type { Provider } from "../core/provider.ts"
import { anthropicMessages } from "../wires/anthropic-messages/index.ts"
import { openaiChat, quirks } from "../wires/openai-chat/index.ts"
import { openaiResponses } from "../wires/openai-responses/index.ts"
import { bearer } from "./auth.ts"
import { openaiModels } from "./model-lists.ts"

/** Model ids are `vendor/model`, and a seal is its vendor's. */
const issuer = (model: string): string => model.slice(0, Math.max(0, model.indexOf("/"))) || "openrouter"

/** https://openrouter.ai/docs/api-reference */
export const openrouter: Provider = {
  id: "openrouter",
  label: "OpenRouter",
  env: "OPENROUTER_API_KEY",
  defaultBaseUrl: "https://openrouter.ai/api",
  needsKey: true,
  routes: [
    {
      wire: openaiChat,
      operation: "chat_completion",
      path: "/v1/chat/completions",
      auth: bearer,
      quirks: [quirks.customAsFunction],
      features: () => ["cache-marks", "reasoning-details"],
    },
    { wire: openaiResponses, operation: "responses", path: "/v1/responses", auth: bearer, issuer },
    {
      wire: anthropicMessages,
      operation: "messages",
      path: "/v1/messages",
      auth: bearer,
      issuer,
      features: () => ["cache-marks"],
    },
  ],
  models: openaiModels("/v1/models"),
  verified: "docs",
}
