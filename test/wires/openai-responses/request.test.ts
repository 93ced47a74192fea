import { describe, expect, test } from "bun:test"
import { GatewayFault } from "../../../src/core/error.ts"
import type { Message } from "../../../src/core/message.ts"
import type { Request } from "../../../src/core/request.ts"
import { asObject, type Json, type JsonObject } from "../../../src/lib/json.ts"
import { openaiResponses as wire } from "../../../src/wires/openai-responses/index.ts"
import { exchangeFor } from "./exchange.ts"

const decode = (body: JsonObject): Request => wire.request.decode({ model: "m", ...body }, () => {})

function encode(request: Request, more: Parameters<typeof exchangeFor>[1] = {}) {
  const { exchange, list } = exchangeFor(request, more)
  const body = asObject(wire.request.encode(request, exchange)) ?? {}
  return { body, exchange, codes: list().map((notice) => `${notice.code} ${notice.path}`) }
}

const said = (role: Message["role"], text: string): Message => ({ role, blocks: [{ type: "text", text }] })
const faultOf = (run: () => unknown) => {
  try {
    run()
  } catch (error) {
    if (error instanceof GatewayFault) return error.error
  }
  return undefined
}

describe("decoding", () => {
  test("a body without input says nothing, unless it leans on what the vendor keeps", () => {
    const messages = [{ role: "user", content: "Hello" }]
    for (const body of [{ messages }, { input: null }, {}])
      expect(faultOf(() => decode(body))).toMatchObject({ kind: "invalid-request", param: "input" })
    for (const pin of [{ previous_response_id: "resp_1" }, { conversation: "conv_1" }, { prompt: { id: "pmpt_1" } }])
      expect(decode(pin)).toMatchObject({ messages: [], pins: [{}] })
  })

  test("an input string is one message of the user's, and goes out as a string again when edited", () => {
    const request = decode({ input: "Hello" })
    expect(request.messages).toMatchObject([{ role: "user", blocks: [{ type: "text", text: "Hello" }] }])
    expect(encode({ ...request, messages: [said("user", "Bye")] }).body.input).toBe("Bye")
  })

  test("each item is one message with its own id, status and phase", () => {
    const { messages } = decode({
      input: [
        { type: "message", role: "developer", id: "msg_1", content: "Be terse." },
        {
          type: "reasoning",
          id: "rs_1",
          summary: [{ type: "summary_text", text: "a" }],
          content: [{ type: "reasoning_text", text: "b" }],
          encrypted_content: "sealed",
        },
        { type: "function_call", id: "fc_1", call_id: "c1", name: "look", arguments: "", status: "incomplete" },
        { type: "function_call_output", call_id: "c1", output: "found" },
        {
          type: "message",
          role: "assistant",
          id: "msg_2",
          phase: "final_answer",
          content: [{ type: "output_text", text: "Done." }],
        },
      ],
    })
    expect(messages).toMatchObject([
      { role: "developer", id: "msg_1" },
      {
        role: "assistant",
        id: "rs_1",
        blocks: [
          {
            type: "reasoning",
            parts: [{ text: "a", summary: true }, { text: "b" }],
            seal: { issuer: "openai", data: "sealed", id: "rs_1" },
          },
        ],
      },
      { role: "assistant", id: "fc_1", status: "incomplete", blocks: [{ type: "tool-call", id: "c1", input: "{}" }] },
      { role: "user", blocks: [{ type: "tool-result", id: "c1", content: [{ type: "text", text: "found" }] }] },
      { role: "assistant", id: "msg_2", blocks: [{ type: "text", text: "Done.", phase: "final" }] },
    ])
  })

  test("an id alone is a reference to an item, whose name is a pin", () => {
    expect(decode({ input: [{ id: "msg_9" }] }).messages[0]?.blocks).toMatchObject([
      { type: "pin", pin: { kind: "item", id: "msg_9" } },
    ])
  })

  test("tools of a namespace are flat and bear its name", () => {
    const tools = [
      { type: "namespace", name: "people", description: "d", tools: [{ type: "function", name: "find", parameters: {} }] },
    ]
    expect(decode({ input: "x", tools }).tools).toMatchObject([{ type: "function", name: "find", namespace: "people" }])
  })

  test.each([
    [{ input: 3 }, "input"],
    [{ input: [1] }, "input[0]"],
    [{ input: [{ role: "wizard", content: "x" }] }, "input[0].role"],
    [{ input: [{ role: "user", content: { text: "x" } }] }, "input[0].content"],
    [{ input: "x", model: 3 }, "model"],
  ])("%j is refused with the field's name", (body, param) => {
    expect(faultOf(() => wire.request.decode(body as Json, () => {}))).toMatchObject({ kind: "invalid-request", param })
  })
})

describe("encoding for another wire's client", () => {
  const chat = { client: "elsewhere" }
  const request: Request = {
    model: "m",
    instructions: [
      { type: "text", text: "One." },
      { type: "text", text: "Two." },
    ],
    messages: [said("user", "Hello")],
    tools: [{ type: "function", name: "look", schema: "{}" }],
    reasoning: { budget: 2000 },
    stop: ["END"],
    pins: [],
  }

  test("what the wire lacks is told, and what it has is said", () => {
    const { body, codes } = encode(request, chat)
    expect(body.instructions).toBe("One.\n\nTwo.")
    expect(body.reasoning).toEqual({ effort: "low" })
    expect(codes).toEqual(
      expect.arrayContaining(["field-unsupported stop", "field-adapted reasoning.budget", "block-adapted instructions[*]"]),
    )
  })

  test("a tool that does not ask to be strict says so, since here that is the default", () => {
    expect(encode(request, chat).body.tools).toMatchObject([{ type: "function", name: "look", strict: false }])
  })

  test("sealed reasoning is asked for unless the vendor keeps it or nobody wants any", () => {
    expect(encode(request, chat).body.include).toEqual(["reasoning.encrypted_content"])
    expect(encode({ ...request, store: true }, chat).body.include).toBeUndefined()
    expect(encode({ ...request, reasoning: { effort: "none" } }, chat).body.include).toBeUndefined()
    expect(encode(request).body.include).toBeUndefined()
  })

  test("one message with thought, words and calls becomes items in the same order", () => {
    const message: Message = {
      role: "assistant",
      blocks: [
        { type: "reasoning", parts: [{ text: "hm" }], seal: { issuer: "openai", kind: "encrypted", data: "sealed", id: "rs_7" } },
        { type: "text", text: "Look:" },
        { type: "tool-call", id: "c1", name: "look", input: "{}" },
        { type: "text", text: "and" },
      ],
    }
    const { body } = encode({ ...request, messages: [message] }, chat)
    expect(body.input).toMatchObject([
      { type: "reasoning", id: "rs_7", encrypted_content: "sealed" },
      { type: "message", role: "assistant", content: [{ type: "output_text", text: "Look:" }] },
      { type: "function_call", call_id: "c1", name: "look", arguments: "{}" },
      { type: "message", role: "assistant", content: [{ type: "output_text", text: "and" }] },
    ])
  })

  test("reasoning that the vendor never sealed is left out for it and kept for others", () => {
    const message: Message = { role: "assistant", blocks: [{ type: "reasoning", parts: [{ text: "hm" }] }] }
    const own = encode({ ...request, messages: [message] }, chat)
    expect(own.body.input).toEqual([])
    expect(own.codes).toContain("reasoning-unsigned messages[*].blocks[*]")
    const other = encode({ ...request, messages: [message] }, { ...chat, issuer: "somebody" })
    expect(other.body.input).toMatchObject([{ type: "reasoning", content: [{ type: "reasoning_text", text: "hm" }] }])
  })

  test("names and call ids that the vendor refuses are replaced, the same everywhere", () => {
    const id = "i".repeat(80)
    const messages: Message[] = [
      { role: "assistant", blocks: [{ type: "tool-call", id, name: "look.up", input: "{}" }] },
      { role: "user", blocks: [{ type: "tool-result", id, content: [] }] },
    ]
    const { body, exchange } = encode({ ...request, messages, tools: [{ type: "function", name: "look.up" }] }, chat)
    const [call, result] = body.input as JsonObject[]
    expect(call?.call_id).toBe(result?.call_id ?? "")
    expect(String(call?.call_id).length).toBeLessThanOrEqual(64)
    expect((body.tools as JsonObject[])[0]?.name).toBe(call?.name ?? "")
    expect(exchange.names.ours(String(call?.name))).toBe("look.up")
  })
})

describe("ids and pins", () => {
  test("ids that this gateway made are taken off before the vendor sees them", () => {
    const request = decode({ input: [{ type: "message", role: "assistant", id: "gtm_0123456789abc", content: "Hi." }] })
    expect(encode(request).body.input).toEqual([{ type: "message", role: "assistant", content: "Hi." }])
  })

  test("a pin that the target cannot know is refused with its field", () => {
    const made = decode({ input: "x", previous_response_id: "gtr_0123456789abc" })
    expect(faultOf(() => encode(made))).toMatchObject({ kind: "unsupported", param: "previous_response_id" })
    const pin = { kind: "file", id: "f", issuer: "elsewhere" } as const
    const message: Message = { role: "user", blocks: [{ type: "media", kind: "image", source: { type: "pin", pin } }] }
    expect(faultOf(() => encode({ model: "m", messages: [message], pins: [] }))).toMatchObject({ kind: "unsupported" })
    const account = decode({ input: "x", conversation: "conv_1" })
    const pins = account.pins.map((one) => ({ ...one, account: "a" }))
    expect(faultOf(() => encode({ ...account, pins }, { account: "b" }))).toMatchObject({ kind: "unsupported" })
  })

  test("an approval keeps its answer", () => {
    const input = [{ type: "mcp_approval_response", approval_request_id: "mcpr_1", approve: false, reason: "No." }]
    const { messages } = decode({ input })
    expect(messages[0]?.blocks).toMatchObject([
      { pin: { kind: "approval", id: "mcpr_1" }, answer: { approve: false, reason: "No." } },
    ])
  })
})

describe("edits", () => {
  test("an edited item of a namespace leaves the group's description", () => {
    const tools = [
      {
        type: "namespace",
        name: "people",
        description: "Staff",
        tools: [{ type: "function", name: "find", parameters: {}, x: 1 }],
      },
    ]
    const request = decode({ input: "x", tools })
    const edited = request.tools?.map((tool) => (tool.type === "function" ? { ...tool, description: "Finds" } : tool)) ?? []
    expect(encode({ ...request, tools: edited }).body.tools).toEqual([
      { ...tools[0], tools: [{ type: "function", name: "find", parameters: {}, x: 1, description: "Finds" }] } as Json,
    ] as never)
  })

  test("an edited thought has neither its seal nor its id any more", () => {
    const input = [
      { type: "reasoning", id: "rs_1", summary: [{ type: "summary_text", text: "old" }], encrypted_content: "sealed" },
    ]
    const request = decode({ input })
    const messages = request.messages.map((message) => ({
      ...message,
      blocks: message.blocks.map((block) =>
        block.type === "reasoning" ? { ...block, parts: [{ text: "new", summary: true as const }] } : block,
      ),
    }))
    const { body, codes } = encode({ ...request, messages }, { issuer: "somebody" })
    expect(JSON.stringify(body.input)).not.toContain("sealed")
    expect(body.input).toMatchObject([{ type: "reasoning", summary: [{ text: "new" }] }])
    expect(codes.join()).toContain("seal-stale")
  })
})
