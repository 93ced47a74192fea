import { expect, test } from "bun:test"
import type { Wire } from "../../../src/core/wire.ts"
import { asObject, type JsonObject } from "../../../src/lib/json.ts"
import { anthropicMessages } from "../../../src/wires/anthropic-messages/index.ts"
import { openaiChat } from "../../../src/wires/openai-chat/index.ts"
import { openaiResponses } from "../../../src/wires/openai-responses/index.ts"
import { trial } from "../../conformance/exchange.ts"

const messages = [{ role: "user", content: "Hi." }]
/** As Claude Code names its users. */
const long = `user_${"0123456789abcdef".repeat(4)}_account__session_${"0".repeat(36)}`
const bodies = {
  messages: (user: string): JsonObject => ({ model: "m", max_tokens: 9, messages, metadata: { user_id: user } }),
  chat: (user: string): JsonObject => ({ model: "m", messages, user }),
}

function sent(client: Wire, target: Wire, body: JsonObject): { readonly user: unknown; readonly told: readonly string[] } {
  const request = client.request.decode(body, () => {})
  const exchange = trial(client, target, { request })
  const made = asObject(target.request.encode(request, exchange))
  return { user: made?.user ?? asObject(made?.metadata)?.user_id, told: exchange.list().map(({ path }) => path) }
}

/** "Invalid 'user': string too long. Expected a string with maximum length 64": https://github.com/maximhq/bifrost/pull/1000. */
test.each<[string, Wire]>([
  ["Chat", openaiChat],
  ["Responses", openaiResponses],
])("a name too long for a vendor of %s is shorter there, the same for the same user", (_, target) => {
  const { user, told } = sent(anthropicMessages, target, bodies.messages(long))
  expect(user).toMatch(/^[0-9a-f]{64}$/)
  expect(told).toContain("user")
  expect(sent(anthropicMessages, target, bodies.messages(long)).user).toBe(user)
  expect(sent(anthropicMessages, target, bodies.messages(`${long}1`)).user).not.toBe(user)
  expect(sent(anthropicMessages, target, bodies.messages("ada"))).toEqual({ user: "ada", told: [] })
})

test("Messages takes longer ones", () => {
  expect(sent(openaiChat, anthropicMessages, bodies.chat("a".repeat(256))).user).toBe("a".repeat(256))
  expect(sent(openaiChat, anthropicMessages, bodies.chat("a".repeat(257))).user).toMatch(/^[0-9a-f]{64}$/)
})

test("a caller of the vendor's own format is named as it was", () => {
  expect(sent(openaiChat, openaiChat, bodies.chat(long)).user).toBe(long)
  expect(sent(anthropicMessages, anthropicMessages, bodies.messages("a".repeat(300))).user).toBe("a".repeat(300))
})
