import type { Block } from "../../../src/core/block.ts"
import type { Message } from "../../../src/core/message.ts"
import type { Request } from "../../../src/core/request.ts"
import { asObject, type Json, parseJson, stringifyJson } from "../../../src/lib/json.ts"
import { anthropicMessages } from "../../../src/wires/anthropic-messages/index.ts"
import { asked, exchangeOf, type Told } from "./exchange.ts"

export const text = (said: string): Block => ({ type: "text", text: said })
export const message = (role: Message["role"], ...blocks: Block[]): Message => ({ role, blocks })
export const result = (id: string, said: string): Block => ({ type: "tool-result", id, content: [text(said)] })
export const call = (id: string, more: Partial<Extract<Block, { type: "tool-call" }>> = {}): Block => ({
  type: "tool-call",
  id,
  name: "look",
  input: "{}",
  ...more,
})

/** The body as it travels, and the exchange that its encoder filled. */
export function encode(
  request: Partial<Request>,
  more: Parameters<typeof exchangeOf>[1] = {},
): { body: Readonly<Record<string, Json>>; exchange: Told } {
  const whole = { ...asked, maxOutput: 100, ...request }
  const exchange = exchangeOf(whole, more)
  const body = asObject(parseJson(stringifyJson(anthropicMessages.request.encode(whole, exchange)))) ?? {}
  return { body, exchange }
}
