import type { Provider } from "../core/provider.ts"
import { openaiChat, quirks } from "../wires/openai-chat/index.ts"
import { bearer } from "./auth.ts"
import { openaiModels } from "./model-lists.ts"

/** https://github.com/ollama/ollama/blob/main/docs/openai.md */
export const ollama: Provider = {
  id: "ollama",
  label: "Ollama",
  defaultBaseUrl: "http://127.0.0.1:11434",
  needsKey: false,
  routes: [
    {
      wire: openaiChat,
      operation: "chat_completion",
      path: "/v1/chat/completions",
      auth: bearer,
      quirks: [
        quirks.customAsFunction,
        quirks.olderLimit,
        quirks.developerToSystem,
        quirks.mediaAfterResults,
        quirks.reasoningAs("reasoning"),
      ],
    },
  ],
  models: openaiModels("/v1/models"),
  verified: "docs",
}
