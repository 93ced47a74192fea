import { anthropicMessages } from "../wires/anthropic-messages/index.ts"
import { openaiChat } from "../wires/openai-chat/index.ts"
import { openaiResponses } from "../wires/openai-responses/index.ts"
import type { Dialect, Endpoint } from "./dialect.ts"

const endpoints: readonly Endpoint[] = [
  { path: "/chat/completions", wire: openaiChat },
  { path: "/responses", wire: openaiResponses },
  { path: "/messages", wire: anthropicMessages },
]

/** Every dialect, each under its own prefixes. */
export const dialects: readonly Dialect[] = [
  { id: "v1", prefixes: ["/v1"], endpoints, wire: openaiChat },
  { id: "openai", vendor: "openai", prefixes: ["/openai/v1", "/openai"], endpoints, wire: openaiChat },
  { id: "anthropic", vendor: "anthropic", prefixes: ["/anthropic/v1", "/anthropic"], endpoints, wire: anthropicMessages },
]
