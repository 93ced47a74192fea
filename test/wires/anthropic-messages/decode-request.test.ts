import { describe, expect, test } from "bun:test"
import type { Block } from "../../../src/core/block.ts"
import { GatewayFault } from "../../../src/core/error.ts"
import { type Envelope, sealedHash, wrapSeal } from "../../../src/core/seal.ts"
import type { Json } from "../../../src/lib/json.ts"
import { anthropicMessages } from "../../../src/wires/anthropic-messages/index.ts"

describe("decoding", () => {
  test.each([
    [{ max_tokens: 1, messages: [] }, "model"],
    [{ model: "m", messages: "x" }, "messages"],
    [{ model: "m", messages: [{ role: "tool", content: "x" }] }, "messages[0].role"],
    [{ model: "m", messages: [{ role: "user", content: 5 }] }, "messages[0].content"],
    [{ model: "m", messages: [{ role: "user", content: [{ type: "text" }] }] }, "messages[0].content[0]"],
    [{ model: "m", messages: [], tools: [{}] }, "tools[0].name"],
    [{ model: "m", messages: [], max_tokens: "5" }, "max_tokens"],
    [{ model: "m", messages: [], stop_sequences: [1] }, "stop_sequences[0]"],
  ] as const)("%j names %s", (body, param) => {
    const act = () => anthropicMessages.request.decode(body as Json, () => {})
    expect(act).toThrow(GatewayFault)
    try {
      act()
    } catch (error) {
      expect(error).toMatchObject({ error: { kind: "invalid-request", blame: "request", param } })
    }
  })

  const envelope = (over: string): string => {
    const whole: Envelope = { seal: { issuer: "google", kind: "thought-signature", data: "AAA" }, at: 0, over: sealedHash(over) }
    return wrapSeal(whole)
  }
  const decoded = (content: Json): readonly Block[] =>
    anthropicMessages.request.decode({ model: "m", messages: [{ role: "assistant", content }] }, () => {}).messages[0]?.blocks ??
    []

  test("an enveloped seal comes back to its block", () => {
    const [thought] = decoded([{ type: "thinking", thinking: "hm", signature: envelope("hm") }])
    expect(thought).toMatchObject({ type: "reasoning", seal: { issuer: "google", data: "AAA" } })
    const [changed] = decoded([{ type: "thinking", thinking: "other", signature: envelope("hm") }])
    expect(changed).not.toHaveProperty("seal")
  })

  test("a carried seal comes back to the call or the text it was taken from", () => {
    const use = { type: "tool_use", id: "c1", name: "look", input: { b: 1 } }
    const blocks = decoded([
      { type: "redacted_thinking", data: envelope("call\u0000c1\u0000look") },
      { type: "text", text: "a" },
      use,
    ])
    expect(blocks.map((block) => [block.type, block.seal?.data])).toEqual([
      ["text", undefined],
      ["tool-call", "AAA"],
    ])
    expect(decoded([{ type: "redacted_thinking", data: envelope("text\u0000") }])).toMatchObject([
      { type: "text", text: "", seal: { data: "AAA" } },
    ])
  })

  test("calls without an id get one that stays", () => {
    const use = { type: "tool_use", name: "look", input: { a: 1 } }
    const ids = decoded([use, use]).map((block) => (block.type === "tool-call" ? block.id : ""))
    expect(new Set(ids).size).toBe(2)
    expect(decoded([use, use]).map((block) => (block.type === "tool-call" ? block.id : ""))).toEqual(ids)
  })
})
