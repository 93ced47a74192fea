import { anthropicMessages } from "../wires/anthropic-messages/index.ts"
import { openaiChat } from "../wires/openai-chat/index.ts"
import { openaiResponses } from "../wires/openai-responses/index.ts"
import type { Endpoint } from "./dialect.ts"

/** Every format is spoken under every prefix: a client has one base URL. */
export const endpoints: readonly Endpoint[] = [
  { path: "/chat/completions", wire: openaiChat },
  { path: "/responses", wire: openaiResponses },
  { path: "/messages", wire: anthropicMessages },
]
