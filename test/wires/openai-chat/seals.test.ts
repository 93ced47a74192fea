import { describe, expect, test } from "bun:test"
import type { Block, Seal } from "../../../src/core/block.ts"
import type { Response } from "../../../src/core/response.ts"
import { envelopeMark } from "../../../src/core/seal.ts"
import { steps } from "../../../src/core/steps.ts"
import { asArray, asObject, type Json, type JsonObject } from "../../../src/lib/json.ts"
import { openaiChat } from "../../../src/wires/openai-chat/index.ts"
import { decodeRequest, elsewhere, encodeRequest, encodeSteps, fold, trial } from "./support.ts"

const seal = (data: string, kind = "signature"): Seal => ({ issuer: "elsewhere", kind, data })

/** Thinking, words and calls in turn, as models with interleaved thinking answer. */
const interleaved: readonly Block[] = [
  { type: "reasoning", parts: [{ text: "First I think." }], seal: seal("one") },
  { type: "text", text: "Let me look." },
  { type: "reasoning", parts: [], seal: seal("two", "redacted") },
  { type: "tool-call", id: "call_a", name: "look", input: '{"q":1}', seal: seal("three") },
  { type: "reasoning", parts: [{ text: "Then I think again." }], seal: seal("four") },
  { type: "tool-call", id: "call_b", name: "look", input: "{}" },
]

const answer = (blocks: readonly Block[]): Response => ({
  id: "r",
  model: "m",
  candidates: [{ messages: [{ role: "assistant", blocks }], stop: { reason: "tool", raw: "tool_use" } }],
  pins: [],
})

const messageOf = (body: Json): JsonObject => asObject(asObject(asArray(asObject(body)?.choices)?.[0])?.message) ?? {}

const shown = (blocks: readonly Block[]): JsonObject =>
  messageOf(openaiChat.response.encode(answer(blocks), trial({ target: elsewhere })))

const echoed = (message: JsonObject) => decodeRequest({ model: "m", messages: [message] })

/** Blocks as plain data: type, text or id, and seal. */
const plain = (blocks: readonly Block[] | undefined) =>
  blocks?.map((block) => ({
    type: block.type,
    said: "parts" in block ? block.parts : "text" in block ? block.text : "id" in block ? block.id : "",
    seal: block.seal,
  }))

describe("a foreign seal", () => {
  test("travels in an envelope and comes back in its place", () => {
    const message = shown(interleaved)
    expect(asArray(message.reasoning_details)?.map((entry) => asObject(entry)?.type as Json)).toEqual([
      "reasoning.text",
      "reasoning.encrypted",
      "reasoning.encrypted",
      "reasoning.encrypted",
      "reasoning.text",
      "reasoning.encrypted",
    ])
    expect(JSON.stringify(message)).not.toContain('"one"')
    expect(plain(echoed(message).messages[0]?.blocks)).toEqual(plain(interleaved))
  })

  test("survives the stream in its place", () => {
    const frames = encodeSteps(steps(answer(interleaved)), trial({ target: elsewhere }))
    const { candidates } = fold(frames)
    expect(plain(candidates[0]?.messages[0]?.blocks)).toEqual(plain(interleaved))
  })

  test("is never sent to another issuer, in any wrapping", () => {
    const hub = echoed(shown(interleaved))
    const exchange = trial({ request: hub })
    const text = JSON.stringify(encodeRequest(hub, exchange))
    expect(text).not.toContain(envelopeMark)
    expect(text).toContain("First I think.")
    expect(exchange.codes()).toContain("seal-foreign messages[*].blocks[*].seal")
  })

  test("reaches its issuer as it was", () => {
    const hub = echoed(shown(interleaved))
    const exchange = trial({ request: hub, target: { issuer: "elsewhere" }, features: ["reasoning-details"] })
    const [message] = asArray(encodeRequest(hub, exchange).messages) ?? []
    const details = asArray(asObject(message)?.reasoning_details)
    expect(details).toContainEqual({ type: "reasoning.text", text: "First I think.", index: 0, signature: "one" })
    expect(details).toContainEqual({ type: "reasoning.encrypted", data: "three", id: "call_a", index: 2 })
    expect(exchange.list()).toEqual([])
  })

  test("is dropped when the client changed what it was made over", () => {
    const message = shown([{ type: "reasoning", parts: [{ text: "First I think." }], seal: seal("one") }])
    const changed = JSON.parse(JSON.stringify(message).replaceAll("First I think.", "I do not think.")) as JsonObject
    const told: string[] = []
    const hub = openaiChat.request.decode({ model: "m", messages: [changed] }, ({ code }) => told.push(code))
    expect(plain(hub.messages[0]?.blocks)).toEqual([{ type: "reasoning", said: [{ text: "I do not think." }], seal: undefined }])
    expect(told).toEqual(["seal-stale"])
  })

  test("is found on the call alone when a client keeps only calls", () => {
    const { tool_calls, role, content } = shown(interleaved)
    const blocks = echoed({ role: role ?? "", content: content ?? null, tool_calls: tool_calls ?? [] }).messages[0]?.blocks
    expect(blocks?.map((block) => block.seal)).toEqual([undefined, seal("three"), undefined])
  })

  test("is found when the client joined the pieces of a stream", () => {
    const details = asArray(
      shown([{ type: "reasoning", parts: [{ text: "One. " }, { text: "Two." }], seal: seal("x") }]).reasoning_details,
    )
    const [first, , last] = details ?? []
    const joined = { ...asObject(first), text: "One. Two." }
    const blocks = echoed({ role: "assistant", content: "hi", reasoning_details: [joined, last ?? null] }).messages[0]?.blocks
    expect(blocks?.[0]).toMatchObject({ parts: [{ text: "One. Two." }], seal: seal("x") })
  })

  test("on empty text keeps the empty text", () => {
    const blocks: readonly Block[] = [{ type: "text", text: "", seal: seal("t") }]
    expect(plain(echoed(shown(blocks)).messages[0]?.blocks)).toEqual(plain(blocks))
  })
})

describe("a seal without an envelope", () => {
  const signed: JsonObject = {
    role: "assistant",
    content: "So.",
    reasoning: "Hm.",
    reasoning_details: [{ type: "reasoning.text", text: "Hm.", signature: "sig", format: "x", index: 0 }],
  }

  test("stays with routes that name no issuer", () => {
    const hub = decodeRequest({ model: "m", messages: [signed] })
    for (const issuer of ["openai-chat", "openai-chat:some-model"]) {
      const exchange = trial({ request: hub, target: { issuer } })
      expect(encodeRequest(hub, exchange).messages).toEqual([signed])
      expect(exchange.list()).toEqual([])
    }
  })

  test("is taken out for a route of a named issuer, and its text stays", () => {
    const hub = decodeRequest({ model: "m", messages: [signed] })
    const exchange = trial({ request: hub, target: { issuer: "somebody" } })
    expect(encodeRequest(hub, exchange).messages).toEqual([
      { ...signed, reasoning_details: [{ type: "reasoning.text", text: "Hm.", index: 0 }] },
    ])
    expect(exchange.codes()).toEqual(["seal-foreign messages[*].blocks[*].seal"])
  })

  test("goes when its thinking is edited, and the old text with it", () => {
    const hub = decodeRequest({ model: "m", messages: [signed] })
    const [message] = hub.messages
    const blocks = message?.blocks.map(
      (block): Block => (block.type === "reasoning" ? { ...block, parts: [{ text: "Other." }] } : block),
    )
    const edited = { ...hub, messages: [{ ...message, role: "assistant" as const, blocks: blocks ?? [] }] }
    expect(encodeRequest(edited, trial({ request: edited })).messages).toEqual([
      {
        role: "assistant",
        content: "So.",
        reasoning: "Other.",
        reasoning_details: [{ type: "reasoning.text", text: "Other.", index: 0 }],
      },
    ])
  })
})

test("thinking in no place of this wire's is told, and never becomes words", () => {
  const exchange = trial({ target: elsewhere })
  const blocks: readonly Block[] = [
    { type: "text", text: "Words." },
    { type: "reasoning", parts: [{ text: "Thoughts." }] },
  ]
  const message = messageOf(openaiChat.response.encode(answer(blocks), exchange))
  expect(message).toMatchObject({ content: "Words.", reasoning_content: "Thoughts." })
  expect(exchange.codes()).toEqual(["interleaving-adapted candidates[*].messages[*].blocks[*]"])
})
