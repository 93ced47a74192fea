import { describe, expect, test } from "bun:test"
import { GatewayFault } from "../../../src/core/error.ts"
import type { Message } from "../../../src/core/message.ts"
import type { Request } from "../../../src/core/request.ts"
import type { Json } from "../../../src/lib/json.ts"
import { openaiChat as chat } from "../../../src/wires/openai-chat/index.ts"
import { decodeRequest, encodeRequest, fixture, trial } from "./support.ts"

const faultOf = (body: Json) => {
  try {
    decodeRequest(body)
  } catch (error) {
    if (error instanceof GatewayFault) return error.error
    throw error
  }
  throw new Error("no fault")
}

const request = (messages: readonly Message[], more: Partial<Request> = {}): Request => ({
  model: "m",
  messages,
  pins: [],
  ...more,
})
const said = (text: string): Message => ({ role: "user", blocks: [{ type: "text", text }] })

describe("a request that cannot be read", () => {
  test.each<[string, Json, string | undefined]>([
    ["is a list", [], undefined],
    ["has no model", { messages: [] }, "model"],
    ["has no messages", { model: "m" }, "messages"],
    ["has messages of another type", { model: "m", messages: "hi" }, "messages"],
    ["has a message that is a string", { model: "m", messages: ["hi"] }, "messages[0]"],
    ["has an unknown role", { model: "m", messages: [{ role: "narrator", content: "x" }] }, "messages[0].role"],
    ["has content of another type", { model: "m", messages: [{ role: "user", content: 7 }] }, "messages[0].content"],
    ["answers no call", { model: "m", messages: [{ role: "tool", content: "x" }] }, "messages[0].tool_call_id"],
    ["has tools of another type", { model: "m", messages: [], tools: {} }, "tools"],
  ])("%s", (_, body, param) => {
    const error = faultOf(body)
    expect(error.kind).toBe("invalid-request")
    expect(error.param).toBe(param)
  })
})

describe("decoding", () => {
  test("keeps system and developer messages in their place", () => {
    const { messages, instructions } = decodeRequest(fixture("requests", "mid-system"))
    expect(instructions).toBeUndefined()
    expect(messages.map((message) => message.role)).toEqual(["system", "user", "assistant", "system", "user"])
  })

  test("reads results as blocks of a user's message", () => {
    const { messages } = decodeRequest(fixture("requests", "parallel-tools"))
    expect(messages.slice(2).map(({ role, blocks }) => [role, blocks.map((block) => block.type)])).toEqual([
      ["user", ["tool-result"]],
      ["user", ["tool-result"]],
    ])
  })

  test("gives a call without an id one that its result finds", () => {
    const { messages } = decodeRequest(fixture("requests", "legacy-functions"))
    const [call, result] = messages.slice(1).flatMap((message) => message.blocks)
    if (call?.type !== "tool-call" || result?.type !== "tool-result") throw new Error("no call and result")
    expect(result.id).toBe(call.id)
    expect(call.id).toMatch(/^gtc_[0-9a-z]{13}$/)
  })

  test("tells equal calls without ids apart, the same way each time", () => {
    const call = { type: "function", function: { name: "roll", arguments: "{}" } }
    const body = { model: "m", messages: [{ role: "assistant", content: null, tool_calls: [call, call] }] }
    const ids = () => decodeRequest(body).messages[0]?.blocks.map((block) => ("id" in block ? block.id : ""))
    expect(new Set(ids()).size).toBe(2)
    expect(ids()).toEqual(ids())
  })

  test("reads empty arguments as an empty object", () => {
    const [, call] = decodeRequest(fixture("requests", "tool-empty-args")).messages
    expect(call?.blocks[0]).toMatchObject({ type: "tool-call", input: "{}" })
  })

  test("prefers the newer output limit, and takes the older", () => {
    const limit = (more: object) => decodeRequest({ model: "m", messages: [], ...more }).maxOutput
    expect(limit({ max_tokens: 5, max_completion_tokens: 7 })).toBe(7)
    expect(limit({ max_tokens: 5, max_completion_tokens: null })).toBe(5)
  })
})

describe("encoding", () => {
  test("puts the target's model in and asks for usage of a stream", () => {
    const hub = decodeRequest({ model: "mine", messages: [], stream: true, stream_options: { include_obfuscation: false } })
    const body = encodeRequest(hub, trial({ request: hub, target: { model: "theirs" } }))
    expect(body).toEqual({
      model: "theirs",
      messages: [],
      stream: true,
      stream_options: { include_obfuscation: false, include_usage: true },
    })
  })

  test("keeps the caller's spelling of an edited limit", () => {
    const hub = decodeRequest(fixture("requests", "length"))
    expect(encodeRequest({ ...hub, maxOutput: 99 }, trial({ request: hub }))).toMatchObject({ max_tokens: 99 })
    expect(encodeRequest({ ...hub, maxOutput: 99 }, trial({ request: hub }))).not.toHaveProperty("max_completion_tokens")
  })

  test("sends results before the words of the same turn", () => {
    const exchange = trial()
    const turn: Message = {
      role: "user",
      blocks: [
        { type: "text", text: "and now?" },
        { type: "tool-result", id: "a", content: [{ type: "text", text: "one" }] },
      ],
    }
    expect(encodeRequest(request([turn]), exchange).messages).toEqual([
      { role: "tool", tool_call_id: "a", content: "one" },
      { role: "user", content: "and now?" },
    ])
    expect(exchange.codes()).toEqual(["message-order-adapted messages[*]"])
  })

  test("flattens namespaces, and finds them again in the answer", () => {
    const tools = [
      { type: "function", name: "read", namespace: "files" },
      { type: "function", name: "files__read" },
    ] as const
    const hub = request([said("hi")], { tools, toolChoice: { type: "tool", name: "read", namespace: "files" } })
    const exchange = trial({ request: hub })
    const body = encodeRequest(hub, exchange)
    const name = exchange.names.theirs("files\u0000read")
    expect(name).not.toBe("files__read")
    expect(name).toMatch(/^[A-Za-z0-9_-]{1,64}$/)
    expect(body.tool_choice).toEqual({ type: "function", function: { name } })
    expect(exchange.names.ours(name)).toBe("files\u0000read")
    expect(exchange.codes()).toEqual(["tool-name-adapted tools[*]"])
  })

  test("shortens an id that is too long, for the call and its result alike", () => {
    const id = `toolu_${"x".repeat(60)}`
    const hub = request([
      { role: "assistant", blocks: [{ type: "tool-call", id, name: "f", input: "{}" }] },
      { role: "user", blocks: [{ type: "tool-result", id, content: [] }] },
    ])
    const exchange = trial({ request: hub })
    const [call, result] = encodeRequest(hub, exchange).messages as { tool_calls?: { id: string }[]; tool_call_id?: string }[]
    expect(result?.tool_call_id).toBe(call?.tool_calls?.[0]?.id as string)
    expect(exchange.ids.ours(result?.tool_call_id ?? "")).toBe(id)
  })

  test("marks the cache only where the route reads marks", () => {
    const hub = request([{ role: "user", blocks: [{ type: "text", text: "long", cache: { ttl: "1h" } }] }])
    const [plain, router, vendor] = [[], ["cache-marks"], ["cache-breakpoints"]].map((features) => {
      const exchange = trial({ request: hub, features })
      return { messages: encodeRequest(hub, exchange).messages, codes: exchange.codes() }
    })
    expect(plain).toEqual({
      messages: [{ role: "user", content: [{ type: "text", text: "long" }] }],
      codes: ["cache-unsupported messages[*].blocks[*].cache"],
    })
    expect(router?.messages).toEqual([
      { role: "user", content: [{ type: "text", text: "long", cache_control: { type: "ephemeral", ttl: "1h" } }] },
    ])
    expect(vendor?.messages).toEqual([
      { role: "user", content: [{ type: "text", text: "long", prompt_cache_breakpoint: { mode: "explicit" } }] },
    ])
    expect(vendor?.codes).toEqual(["field-adapted messages[*].blocks[*].cache.ttl"])
  })

  test("refuses what leans on a vendor's memory", () => {
    const pins = [{ kind: "response", id: "resp_1", issuer: "somebody" }] as const
    expect(() => encodeRequest(request([said("hi")], { pins }), trial())).toThrow(GatewayFault)
    const file = { type: "pin", pin: { kind: "file", id: "file_1", issuer: "somebody" } } as const
    const message: Message = { role: "user", blocks: [{ type: "media", kind: "document", source: file }] }
    expect(() => encodeRequest(request([message]), trial())).toThrow(/another vendor/)
    expect(encodeRequest(request([message]), trial({ target: { issuer: "somebody" } })).messages).toEqual([
      { role: "user", content: [{ type: "file", file: { file_id: "file_1" } }] },
    ])
  })

  test("turns a thinking budget into an effort, unless the route takes budgets", () => {
    const hub = request([said("hi")], { reasoning: { budget: 20_000, show: "none" } })
    const plain = trial({ request: hub })
    expect(encodeRequest(hub, plain).reasoning_effort).toBe("high")
    expect(plain.codes()).toEqual(["field-unsupported reasoning.show", "field-adapted reasoning"])
    const router = trial({ request: hub, features: ["reasoning-details"] })
    expect(encodeRequest(hub, router).reasoning).toEqual({ max_tokens: 20_000, exclude: true })
    expect(router.codes()).toEqual([])
  })

  test("says that a failed result looks like any other", () => {
    const hub = request([{ role: "user", blocks: [{ type: "tool-result", id: "a", failed: true, content: [] }] }])
    const exchange = trial({ request: hub })
    expect(encodeRequest(hub, exchange).messages).toEqual([{ role: "tool", tool_call_id: "a", content: "" }])
    expect(exchange.codes()).toEqual(["field-unsupported messages[*].blocks[*].failed"])
  })

  test("sends back only the id of a spoken answer", () => {
    const exchange = trial()
    const audio = { id: "audio_1", data: "AAAA", expires_at: 5, transcript: "hello" }
    const answer = {
      id: "c",
      model: "m",
      choices: [{ index: 0, message: { role: "assistant", content: null, audio }, finish_reason: "stop" }],
    }
    const { candidates } = chat.response.decode(answer, exchange)
    const messages = candidates.flatMap((candidate) => candidate.messages)
    expect(encodeRequest(request(messages), exchange).messages).toEqual([
      { role: "assistant", content: null, audio: { id: "audio_1" } },
    ])
  })
})
