import { describe, expect, test } from "bun:test"
import type { Block } from "../../../src/core/block.ts"
import { GatewayFault } from "../../../src/core/error.ts"
import type { Message } from "../../../src/core/message.ts"
import type { Request } from "../../../src/core/request.ts"
import { type Envelope, sealedHash, wrapSeal } from "../../../src/core/seal.ts"
import { asObject, type Json, parseJson, stringifyJson } from "../../../src/lib/json.ts"
import { anthropicMessages } from "../../../src/wires/anthropic-messages/index.ts"
import { asked, exchangeOf, type Told } from "./exchange.ts"

const text = (said: string): Block => ({ type: "text", text: said })
const message = (role: Message["role"], ...blocks: Block[]): Message => ({ role, blocks })
const call = (id: string, more: Partial<Extract<Block, { type: "tool-call" }>> = {}): Block => ({
  type: "tool-call",
  id,
  name: "look",
  input: "{}",
  ...more,
})
const result = (id: string, said: string): Block => ({ type: "tool-result", id, content: [text(said)] })

function encode(
  request: Partial<Request>,
  more: Parameters<typeof exchangeOf>[1] = {},
): { body: Readonly<Record<string, Json>>; exchange: Told } {
  const whole = { ...asked, maxOutput: 100, ...request }
  const exchange = exchangeOf(whole, more)
  // through text, as it travels
  const body = asObject(parseJson(stringifyJson(anthropicMessages.request.encode(whole, exchange)))) ?? {}
  return { body, exchange }
}

describe("turns", () => {
  test("neighbours of one role are one message, results stand first", () => {
    const { body, exchange } = encode({
      messages: [
        message("user", text("a")),
        message("assistant", call("c1")),
        message("assistant", call("c2")),
        message("user", text("also")),
        message("user", result("c1", "one")),
        message("user", result("c2", "two")),
      ],
    })
    expect(body.messages).toEqual([
      { role: "user", content: "a" },
      {
        role: "assistant",
        content: [
          { type: "tool_use", id: "c1", name: "look", input: {} },
          { type: "tool_use", id: "c2", name: "look", input: {} },
        ],
      },
      {
        role: "user",
        content: [
          { type: "tool_result", tool_use_id: "c1", content: "one" },
          { type: "tool_result", tool_use_id: "c2", content: "two" },
          { type: "text", text: "also" },
        ],
      },
    ])
    expect(exchange.told()).toEqual(["message-order-adapted messages[*]"])
  })

  test("leading system messages join the system field, later ones stay where they are", () => {
    const messages = [
      message("system", text("first")),
      message("user", text("a")),
      message("assistant", text("b")),
      message("user", text("c")),
      message("system", text("later")),
    ]
    const adapted = encode({ instructions: [text("zero")], messages })
    expect(adapted.body.system).toEqual([
      { type: "text", text: "zero" },
      { type: "text", text: "first" },
    ])
    expect(adapted.body.messages).toEqual([
      { role: "user", content: "a" },
      { role: "assistant", content: "b" },
      {
        role: "user",
        content: [
          { type: "text", text: "c" },
          { type: "text", text: "later" },
        ],
      },
    ])
    expect(adapted.exchange.told()).toEqual(["message-role-adapted messages[*].role"])
    const kept = encode({ messages }, { features: ["mid-system"] })
    expect((kept.body.messages as Json[]).at(-1)).toEqual({ role: "system", content: "later" })
    expect(kept.exchange.told()).toEqual([])
  })

  test("an adapted system message never parts a call from its result", () => {
    const source = {
      model: "m",
      max_tokens: 5,
      messages: [
        { role: "user", content: "a" },
        { role: "assistant", content: [{ type: "tool_use", id: "t1", name: "look", input: {} }] },
        { role: "system", content: "note" },
        { role: "user", content: [{ type: "tool_result", tool_use_id: "t1", content: "x" }] },
      ],
    }
    const request = anthropicMessages.request.decode(source, () => {})
    const body = asObject(anthropicMessages.request.encode(request, exchangeOf(request, { client: "anthropic-messages" }))) ?? {}
    const roles = (body.messages as Json[]).map((one) => asObject(one)?.role)
    expect(roles).toEqual(["user", "assistant", "user", "user"])
    expect((body.messages as Json[])[2]).toBe((source.messages as Json[])[3] as Json)
  })

  test("a prefilled answer has no whitespace at its end", () => {
    const { body, exchange } = encode({ messages: [message("user", text("a")), message("assistant", text("{ \n"))] })
    expect((body.messages as Json[])[1]).toEqual({ role: "assistant", content: "{" })
    expect(exchange.told()).toEqual(["block-adapted messages[*].blocks[*].text"])
  })

  test("thinking stands first in a turn that calls a tool", () => {
    const seal = { issuer: "anthropic", kind: "signature", data: "sig" }
    const thought: Block = { type: "reasoning", parts: [{ text: "hm" }], seal }
    const { body } = encode({ messages: [message("assistant", text("b"), thought, call("c1"))] })
    expect(asObject((body.messages as Json[])[0])?.content).toEqual([
      { type: "thinking", thinking: "hm", signature: "sig" },
      { type: "text", text: "b" },
      { type: "tool_use", id: "c1", name: "look", input: {} },
    ])
  })
})

describe("blocks", () => {
  test("unsigned and foreign reasoning is dropped, signature-only reasoning is not", () => {
    const seal = { issuer: "anthropic", kind: "signature", data: "sig" }
    const { body, exchange } = encode({
      messages: [
        message("assistant", { type: "reasoning", parts: [{ text: "unsigned" }] }, text("a")),
        message("user", text("b")),
        message("assistant", { type: "reasoning", parts: [{ text: "x" }], seal: { ...seal, issuer: "openai" } }, text("c")),
        message("user", text("d")),
        message("assistant", { type: "reasoning", parts: [], seal }, text("e")),
        message("user", text("f")),
      ],
    })
    expect(stringifyJson(body.messages ?? null)).not.toContain("unsigned")
    expect(asObject((body.messages as Json[])[4])?.content).toEqual([
      { type: "thinking", thinking: "", signature: "sig" },
      { type: "text", text: "e" },
    ])
    expect(exchange.told()).toEqual(["reasoning-unsigned messages[*].blocks[*]", "seal-foreign messages[*].blocks[*].seal"])
  })

  test("an edited thinking text loses its signature", () => {
    const source = {
      model: "m",
      max_tokens: 5,
      messages: [
        {
          role: "assistant",
          content: [
            { type: "thinking", thinking: "secret", signature: "sig" },
            { type: "text", text: "a" },
          ],
        },
      ],
    }
    const request = anthropicMessages.request.decode(source, () => {})
    const [first] = request.messages
    const [thought, said] = first?.blocks ?? []
    const edited = { ...request, messages: [{ ...first, blocks: [{ ...thought, parts: [{ text: "other" }] }, said] }] } as Request
    const exchange = exchangeOf(edited, { client: "anthropic-messages" })
    const body = stringifyJson(anthropicMessages.request.encode(edited, exchange))
    expect(body).not.toContain("secret")
    expect(body).not.toContain('sig"')
    expect(exchange.told()).toEqual(["reasoning-unsigned messages[*].blocks[*]"])
  })

  test("refusals are text, empty text is nothing, audio cannot be said", () => {
    const audio: Block = { type: "media", kind: "audio", mime: "audio/wav", source: { type: "base64", data: "AAAA" } }
    const { body, exchange } = encode({ messages: [message("user", text(""), audio, { type: "refusal", text: "no" })] })
    expect(body.messages).toEqual([{ role: "user", content: "no" }])
    expect(exchange.told()).toEqual(["media-unsupported messages[*].blocks[*]", "block-adapted messages[*].blocks[*]"])
  })

  test("an input that is no object is wrapped, with a notice", () => {
    const { body, exchange } = encode({ messages: [message("assistant", call("c1", { input: '{"a": 1' }))] })
    expect(stringifyJson(body.messages ?? null)).toContain('"input":{"input":"{\\"a\\": 1"}')
    expect(exchange.told()).toEqual(["block-adapted messages[*].blocks[*].input"])
  })

  test("a file of another vendor's is refused", () => {
    const pin = { kind: "file", id: "file-1", issuer: "openai" } as const
    const image: Block = { type: "media", kind: "image", source: { type: "pin", pin } }
    expect(() => encode({ messages: [message("user", image)] })).toThrow(GatewayFault)
    expect(() => encode({ pins: [{ kind: "response", id: "resp_1", issuer: "openai" }] })).toThrow(GatewayFault)
  })

  test("results of another vendor's tools are kept as text, its calls are not", () => {
    const run = { by: "provider" } as const
    const found: Block = { type: "tool-result", id: "ws_1", content: [text("Found.")], ...run }
    const { body, exchange } = encode({ messages: [message("assistant", call("ws_1", run), found)] })
    expect(body.messages).toEqual([{ role: "assistant", content: "Found." }])
    expect(exchange.told()).toEqual(["block-unsupported messages[*].blocks[*]", "block-adapted messages[*].blocks[*]"])
  })

  test("of many cache marks the first in the messages go", () => {
    const marked = (said: string): Block => ({ ...text(said), cache: {} })
    const { body, exchange } = encode({
      instructions: [marked("s")],
      tools: [{ type: "function", name: "look", schema: '{"type":"object"}', cache: { ttl: "1h" } }],
      messages: [message("user", marked("1"), marked("2")), message("assistant", marked("3")), message("user", marked("4"))],
    })
    const written = stringifyJson(body)
    expect(written.split("cache_control").length - 1).toBe(4)
    expect(asObject((body.messages as Json[])[0])?.content).toEqual([
      { type: "text", text: "1" },
      { type: "text", text: "2" },
    ])
    expect(exchange.told()).toEqual(["cache-unsupported messages[*].blocks[*].cache"])
  })
})

describe("names and ids", () => {
  test("namespaces and odd names are flattened and undone in the answer", () => {
    const { body, exchange } = encode({
      tools: [
        { type: "function", name: "read", namespace: "files" },
        { type: "function", name: "files__read" },
        { type: "function", name: "mcp.github/search" },
      ],
      messages: [message("assistant", call("c1", { name: "read", namespace: "files" }))],
    })
    const names = (body.tools as Json[]).map((tool) => String(asObject(tool)?.name))
    expect(new Set(names).size).toBe(3)
    expect(names.every((name) => /^[a-zA-Z0-9_-]{1,64}$/.test(name))).toBe(true)
    expect(names[1]).toBe("files__read")
    expect(stringifyJson(body.messages ?? null)).toContain(`"name":"${names[0]}"`)
    const answer = { id: "msg", type: "message", role: "assistant", model: "m", stop_reason: "tool_use" }
    const content = names.map((name, index) => ({ type: "tool_use", id: `t${index}`, name, input: {} }))
    const response = anthropicMessages.response.decode({ ...answer, content }, exchange)
    const calls = response.candidates[0]?.messages[0]?.blocks.map((block) =>
      block.type === "tool-call" ? [block.namespace, block.name] : [],
    )
    expect(calls).toEqual([
      ["files", "read"],
      [undefined, "files__read"],
      [undefined, "mcp.github/search"],
    ])
  })

  test("ids that the vendor would refuse are derived, the same for call and result", () => {
    const odd = "call|1:ünusual"
    const { body, exchange } = encode({ messages: [message("assistant", call(odd)), message("user", result(odd, "x"))] })
    const ids = [...stringifyJson(body).matchAll(/"(?:id|tool_use_id)":"([^"]+)"/g)].map((match) => match[1] ?? "")
    expect(ids.length).toBe(2)
    expect(ids[0]).toBe(ids[1] ?? "")
    expect(ids[0]).toMatch(/^[a-zA-Z0-9_-]{1,64}$/)
    expect(exchange.ids.theirs(odd)).toBe(ids[0] ?? "")
  })

  test("a tool of free text is a function with one string", () => {
    const { body, exchange } = encode({
      tools: [{ type: "custom", name: "patch", grammar: { syntax: "lark", definition: "start: x" } }],
      messages: [message("assistant", call("c1", { name: "patch", input: "*** Begin", form: "text" }))],
    })
    expect(asObject((body.tools as Json[])[0])?.input_schema).toEqual({
      type: "object",
      properties: { input: { type: "string" } },
      required: ["input"],
      additionalProperties: false,
    })
    expect(stringifyJson(body.messages ?? null)).toContain('"input":{"input":"*** Begin"}')
    const content = [{ type: "tool_use", id: "t1", name: "patch", input: { input: "*** End" } }]
    const response = anthropicMessages.response.decode({ content, stop_reason: "tool_use" }, exchange)
    expect(response.candidates[0]?.messages[0]?.blocks[0]).toMatchObject({ name: "patch", input: "*** End", form: "text" })
  })

  test("only the allowed tools are sent", () => {
    const { body, exchange } = encode({
      tools: [
        { type: "function", name: "a" },
        { type: "function", name: "b" },
      ],
      toolChoice: { type: "allowed", mode: "required", names: ["b"] },
    })
    expect((body.tools as Json[]).map((tool) => asObject(tool)?.name)).toEqual(["b"])
    expect(body.tool_choice).toEqual({ type: "any" })
    expect(exchange.told()).toContain("tool-unsupported tools[*]")
  })
})

describe("options", () => {
  test("the limit that the vendor demands", () => {
    const none = { maxOutput: undefined } as unknown as Request
    expect(encode(none).body.max_tokens).toBe(8_192)
    expect(encode(none).exchange.told()).toEqual(["output-limit-defaulted maxOutput"])
    expect(encode(none, { target: { limits: { maxOutput: 64_000 } } }).body.max_tokens).toBe(64_000)
    expect(encode({ maxOutput: 100_000 }, { target: { limits: { maxOutput: 64_000 } } }).body.max_tokens).toBe(64_000)
  })

  test.each([
    [{ effort: "none" }, [], { type: "disabled" }, undefined],
    [{ effort: "high" }, [], { type: "adaptive" }, { effort: "high" }],
    [{ effort: "minimal" }, [], { type: "adaptive" }, { effort: "low" }],
    [{ effort: "medium" }, ["thinking-budget"], { type: "enabled", budget_tokens: 8_192 }, undefined],
    [{ budget: 2_000 }, [], { type: "enabled", budget_tokens: 2_000 }, undefined],
    [{ budget: 5 }, [], { type: "enabled", budget_tokens: 1_024 }, undefined],
    [{ budget: 90_000 }, [], { type: "enabled", budget_tokens: 9_999 }, undefined],
    [{ budget: 4_000 }, ["thinking-adaptive"], { type: "adaptive" }, { effort: "medium" }],
    [{ effort: "low", show: "summary" }, [], { type: "adaptive", display: "summarized" }, { effort: "low" }],
  ] as const)("reasoning %o with %o", (reasoning, features, thinking, config) => {
    const { body } = encode({ reasoning, maxOutput: 10_000 }, { features })
    expect(body.thinking).toEqual(thinking)
    expect(body.output_config).toEqual(config as never)
  })

  test("a budget that does not fit below the limit is no thinking", () => {
    const { body, exchange } = encode({ reasoning: { budget: 4_096 }, maxOutput: 500 })
    expect(body.thinking).toBeUndefined()
    expect(exchange.told()).toContain("field-adapted reasoning.budget")
  })

  test("sampling is left to the vendor while it thinks", () => {
    const { body, exchange } = encode({ reasoning: { effort: "high" }, temperature: 0.2, topK: 5, maxOutput: 10_000 })
    expect([body.temperature, body.top_k]).toEqual([undefined, undefined])
    expect(exchange.told()).toEqual([
      "field-adapted reasoning.adaptive",
      "field-unsupported temperature",
      "field-unsupported topK",
    ])
  })

  test("what the vendor has no field for is told", () => {
    const { body, exchange } = encode({
      temperature: 1.6,
      topP: 0.5,
      seed: 1,
      candidates: 2,
      logprobs: 3,
      output: { json: true },
    })
    expect(body.temperature).toBe(1)
    expect([...exchange.told()].sort()).toEqual([
      "block-adapted instructions[*]",
      "candidates-unsupported candidates",
      "field-adapted output.json",
      "field-adapted temperature",
      "field-unsupported seed",
      "field-unsupported topP",
      "logprobs-unsupported logprobs",
    ])
    expect(stringifyJson(body.system ?? null)).toContain("JSON object")
  })

  test("an output schema is closed, data in it is not touched", () => {
    const schema =
      '{"type":"object","properties":{"a":{"type":"object","additionalProperties":true,"default":{"type":"object"}}}}'
    const { body } = encode({ output: { schema } })
    expect(asObject(asObject(body.output_config)?.format)?.schema).toEqual({
      type: "object",
      properties: { a: { type: "object", additionalProperties: false, default: { type: "object" } } },
      additionalProperties: false,
    })
  })
})

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
