import { describe, expect, test } from "bun:test"
import type { Block } from "../../../src/core/block.ts"
import { GatewayFault } from "../../../src/core/error.ts"
import type { Request } from "../../../src/core/request.ts"
import { asObject, type Json, stringifyJson } from "../../../src/lib/json.ts"
import { anthropicMessages } from "../../../src/wires/anthropic-messages/index.ts"
import { call, encode, message, result, text } from "./encoded.ts"
import { exchangeOf } from "./exchange.ts"

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
