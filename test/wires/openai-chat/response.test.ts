import { describe, expect, test } from "bun:test"
import type { Block } from "../../../src/core/block.ts"
import { GatewayFault } from "../../../src/core/error.ts"
import type { Response } from "../../../src/core/response.ts"
import { asArray, asObject, type JsonObject } from "../../../src/lib/json.ts"
import { anthropicMessages } from "../../../src/wires/anthropic-messages/index.ts"
import { openaiChat } from "../../../src/wires/openai-chat/index.ts"
import { trial as between } from "../../conformance/exchange.ts"
import { elsewhere, fixture, trial } from "./support.ts"

const answer = (blocks: readonly Block[], more: Partial<Response> = {}): Response => ({
  id: "r",
  model: "m",
  candidates: [{ messages: [{ role: "assistant", blocks }], stop: { reason: "end", raw: "end_turn" } }],
  pins: [],
  ...more,
})

function shown(response: Response) {
  const exchange = trial({ target: elsewhere })
  const body = asObject(openaiChat.response.encode(response, exchange)) ?? {}
  const choice = asObject(asArray(body.choices)?.[0]) ?? {}
  return { body, choice, message: asObject(choice.message) ?? {}, codes: exchange.codes() }
}

describe("an answer from elsewhere", () => {
  test("has all that the SDKs expect", () => {
    const { body, choice, codes } = shown(answer([{ type: "text", text: "Hello" }], { serviceTier: "standard" }))
    expect(body).toMatchObject({
      id: "r",
      object: "chat.completion",
      created: 1_790_000_000,
      model: "m",
      service_tier: "standard",
    })
    expect(choice).toEqual({
      index: 0,
      message: { role: "assistant", content: "Hello", refusal: null },
      finish_reason: "stop",
      native_finish_reason: "end_turn",
      logprobs: null,
    })
    expect(codes).toEqual([])
  })

  test("has one message for all messages of a candidate", () => {
    const messages = [
      { role: "assistant", id: "a", blocks: [{ type: "text", text: "Hello" }] },
      { role: "assistant", id: "b", blocks: [{ type: "tool-call", id: "x", name: "f", input: "{}" }] },
    ] as const
    const { message, choice } = shown({ ...answer([]), candidates: [{ messages, stop: { reason: "end", raw: "completed" } }] })
    expect(message).toMatchObject({ content: "Hello", tool_calls: [{ id: "x" }] })
    expect(choice.finish_reason).toBe("tool_calls")
  })

  test("joins its text and moves citations with it", () => {
    const source = { kind: "url", url: "https://x.test", title: "X" } as const
    const { message, codes } = shown(
      answer([
        { type: "text", text: "Hi 👋 " },
        { type: "text", text: "there", citations: [{ span: [0, 5], source }, { source: { kind: "document", index: 0 } }] },
      ]),
    )
    expect(message.content).toBe("Hi 👋 there")
    expect(message.annotations).toEqual([
      { type: "url_citation", url_citation: { url: "https://x.test", title: "X", start_index: 5, end_index: 10 } },
    ])
    expect(codes).toEqual([
      "block-adapted candidates[*].messages[*].blocks[*]",
      "citation-unsupported candidates[*].messages[*].blocks[*].citations[*]",
    ])
  })

  test("says what it cannot show", () => {
    const { codes, message } = shown(
      answer(
        [
          { type: "text", text: "Hi", phase: "commentary" },
          { type: "tool-call", id: "s", name: "web_search", input: "{}", by: "provider" },
          { type: "tool-result", id: "s", content: [], by: "provider" },
          { type: "foreign", wire: "elsewhere", value: {} },
          { type: "compaction", text: "earlier" },
        ],
        { pins: [{ kind: "container", id: "c", issuer: "elsewhere" }] },
      ),
    )
    expect(message).toEqual({ role: "assistant", content: "Hi", refusal: null })
    expect(codes).toEqual([
      "pin-unsupported pins.container",
      "block-unsupported candidates[*].messages[*].blocks[*]",
      "field-unsupported candidates[*].messages[*].blocks[*].phase",
    ])
  })

  test("that was blocked is a choice that was filtered", () => {
    const { choice } = shown({ ...answer([]), candidates: [], blocked: { reason: "filter", raw: "SAFETY" } })
    expect(choice).toMatchObject({ message: { content: null }, finish_reason: "content_filter", native_finish_reason: "SAFETY" })
  })
})

describe("an answer of this wire", () => {
  const decode = (body: JsonObject) => openaiChat.response.decode(body, trial())

  test("without choices is a blocked one, and goes out as it came", () => {
    const body = {
      id: "c",
      object: "chat.completion",
      created: 1,
      model: "m",
      choices: [],
      usage: { prompt_tokens: 7, completion_tokens: 0, total_tokens: 7 },
    }
    expect(decode(body)).toMatchObject({ candidates: [], blocked: { reason: "other" } })
    expect(openaiChat.response.encode(decode(body), trial())).toBe(body)
  })

  test("that is none is a fault", () => {
    for (const body of [{ error: { message: "Overloaded", type: "overloaded_error" } }, { hello: 1 }])
      expect(() => decode(body)).toThrow(GatewayFault)
  })

  test("with calls stops for them, whatever the vendor says", () => {
    expect(decode(fixture("responses", "tool-stop-said")).candidates[0]?.stop).toEqual({ reason: "tool", raw: "stop" })
    expect(decode(fixture("responses", "length-cut-tool")).candidates[0]?.stop.reason).toBe("length")
  })

  test("keeps the rest of a choice when its text is edited, and loses what leaned on it", () => {
    const source = fixture("responses", "logprobs")
    const response = decode({ ...source, choices: [{ ...asObject(asArray(source.choices)?.[0]), x_score: 1 }] })
    const [candidate] = response.candidates
    const [message] = candidate?.messages ?? []
    const [block] = message?.blocks ?? []
    if (!candidate || !message || block?.type !== "text") throw new Error("no text")
    const edited = {
      ...response,
      candidates: [{ ...candidate, messages: [{ ...message, blocks: [{ ...block, text: "No sir" }] }] }],
    }
    const [choice] = asArray(asObject(openaiChat.response.encode(edited, trial()))?.choices) ?? []
    expect(choice).toEqual({
      index: 0,
      message: { role: "assistant", content: "No sir", refusal: null },
      finish_reason: "stop",
      x_score: 1,
    })
  })

  test("tells thinking from words where both stand in the content", () => {
    const { candidates } = decode(fixture("responses", "thinking-parts"))
    expect(candidates[0]?.messages[0]?.blocks.map((block) => block.type)).toEqual(["reasoning", "text"])
  })
})

test("what a server tells of its own speed is no loss to a caller of another format, and stays for one of this", () => {
  const body = {
    id: "chatcmpl-1",
    object: "chat.completion",
    created: 1,
    model: "m",
    choices: [{ index: 0, message: { role: "assistant", content: "Hi." }, finish_reason: "stop" }],
    usage: { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 },
    timings: { prompt_n: 1, predicted_per_second: 40.1 },
    provider: "Somewhere",
    x_future: { said: true },
  }
  const across = between(anthropicMessages, openaiChat)
  anthropicMessages.response.encode(openaiChat.response.decode(body, across), across)
  expect(across.list().map(({ path }) => path)).toEqual(["x_future"])
  const same = between(openaiChat, openaiChat)
  expect(openaiChat.response.encode(openaiChat.response.decode(body, same), same)).toEqual(body)
})
