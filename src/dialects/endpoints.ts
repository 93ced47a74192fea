import { anthropicMessages } from "../wires/anthropic-messages/index.ts"
import { openaiChat } from "../wires/openai-chat/index.ts"
import { openaiResponses } from "../wires/openai-responses/index.ts"
import type { Endpoint } from "./dialect.ts"

/** Every format is spoken under every prefix: a client has one base URL. Bifrost answers messages by way of responses, and calls them so. */
export const endpoints: readonly Endpoint[] = [
  { path: "/chat/completions", wire: openaiChat, requestType: "chat_completion" },
  { path: "/responses", wire: openaiResponses, requestType: "responses" },
  { path: "/messages", wire: anthropicMessages, addsVersion: true, requestType: "responses" },
]

/** The type of a call in `extra_fields`. */
export function requestTypeOf(wire: string, stream: boolean): string {
  const type = endpoints.find((endpoint) => endpoint.wire.id === wire)?.requestType ?? "chat_completion"
  return stream ? `${type}_stream` : type
}
