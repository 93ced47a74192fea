import type { Provider } from "../core/provider.ts"
import { anthropicMessages } from "../wires/anthropic-messages/index.ts"
import { keyHeader } from "./auth.ts"
import { anthropicModels } from "./model-lists.ts"

/** https://docs.anthropic.com/en/api/messages */
export const anthropic: Provider = {
  id: "anthropic",
  label: "Anthropic",
  env: "ANTHROPIC_API_KEY",
  defaultBaseUrl: "https://api.anthropic.com",
  needsKey: true,
  routes: [
    {
      wire: anthropicMessages,
      operation: "chat_completion",
      path: "/v1/messages",
      auth: keyHeader("x-api-key"),
      headers: { "anthropic-version": "2023-06-01" },
      features: ["mid-system", "cache-marks"],
    },
  ],
  models: anthropicModels,
  verified: "docs",
}
