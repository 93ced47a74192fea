import { fault } from "../core/error.ts"
import type { LocalAnswer, Provider, Route } from "../core/provider.ts"
import { JsonDepthError, JsonSyntaxError } from "../lib/json.ts"
import { anthropicMessages } from "../wires/anthropic-messages/index.ts"
import { openaiChat } from "../wires/openai-chat/index.ts"
import { openaiResponses } from "../wires/openai-responses/index.ts"
import { mockAnswer } from "./mock-answer.ts"
import { openaiModels } from "./model-lists.ts"

const routes: readonly Route[] = [
  { wire: openaiChat, operation: "chat_completion", path: "/v1/chat/completions", auth: () => {} },
  { wire: openaiResponses, operation: "responses", path: "/v1/responses", auth: () => {} },
  { wire: anthropicMessages, operation: "messages", path: "/v1/messages", auth: () => {}, features: () => ["mid-system"] },
]

const local: LocalAnswer = async (url, request) => {
  if (url.endsWith(modelsPath)) return Response.json({ data: names.map((id) => ({ id })) })
  const route = routes.find(({ path }) => url.endsWith(path))
  try {
    return await mockAnswer((route ?? routes[0])?.wire ?? openaiChat, request)
  } catch (error) {
    // what passes through is read here for the first time
    if (error instanceof JsonSyntaxError || error instanceof JsonDepthError)
      throw fault("invalid-json", `the request body is not valid JSON: ${error.message}`)
    throw error
  }
}

const modelsPath = "/v1/models"
const names = ["echo", "lorem", "tool", "error-400", "error-401", "error-404", "error-429", "error-500", "error-529"]

/** A provider without a network: it answers whoever has no key, and tests of callers' own error handling. */
export const mock: Provider = {
  id: "mock",
  label: "Mock",
  defaultBaseUrl: "http://mock.localhost",
  needsKey: false,
  standIn: true,
  routes,
  local,
  models: openaiModels(modelsPath),
  verified: "live",
}
