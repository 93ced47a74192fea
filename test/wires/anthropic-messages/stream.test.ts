import { describe, expect, test } from "bun:test"
import type { Block, Seal } from "../../../src/core/block.ts"
import { collect } from "../../../src/core/collect.ts"
import type { At, Frame, Step, StreamEvent } from "../../../src/core/event.ts"
import type { Exchange } from "../../../src/core/exchange.ts"
import { openEnvelope } from "../../../src/core/seal.ts"
import { asObject, type JsonObject, parseJson, stringifyJson } from "../../../src/lib/json.ts"
import { anthropicMessages } from "../../../src/wires/anthropic-messages/index.ts"
import { accumulated } from "../../conformance/sdk.ts"
import { decodeFrames, encodeSteps, said } from "../../conformance/streams.ts"
import { asked, exchangeOf, towardsClient } from "./exchange.ts"

const frame = (event: JsonObject & { type: string }): Frame => ({ event: event.type, data: stringifyJson(event) })
const begin = (id = "msg_1"): Frame =>
  frame({ type: "message_start", message: { id, model: "m", content: [], usage: { input_tokens: 5, output_tokens: 1 } } })
const open = (index: number, block: JsonObject): Frame => frame({ type: "content_block_start", index, content_block: block })
const delta = (index: number, said: JsonObject): Frame => frame({ type: "content_block_delta", index, delta: said })
const close = (index: number): Frame => frame({ type: "content_block_stop", index })
const finish = (reason: string): Frame[] => [
  frame({ type: "message_delta", delta: { stop_reason: reason, stop_sequence: null }, usage: { output_tokens: 9 } }),
  frame({ type: "message_stop" }),
]

const same = (): Exchange => exchangeOf(asked, { client: anthropicMessages.id, clientHome: "anthropic" })
const eventsOf = (steps: readonly Step[]): StreamEvent[] => steps.flatMap((step) => step.events)
const decode = (frames: readonly Frame[], exchange: Exchange = same()): Step[] =>
  decodeFrames(anthropicMessages, exchange, frames)
const encode = (steps: readonly Step[], exchange: Exchange): Frame[] => encodeSteps(anthropicMessages, exchange, steps)
const parsed = (frames: readonly Frame[]): JsonObject[] => frames.map((one) => asObject(parseJson(one.data)) ?? {})
const typesOf = (frames: readonly Frame[]): unknown[] => parsed(frames).map((one) => asObject(one.delta)?.type ?? one.type)

describe("decoder", () => {
  test("a repeated start says nothing", () => {
    const frames = [begin(), begin(), open(0, { type: "text", text: "" }), delta(0, { type: "text_delta", text: "Hi" }), close(0)]
    const steps = decode([...frames, ...finish("end_turn")])
    expect(collect(steps)).toMatchObject({ id: "msg_1", candidates: [{ stop: { reason: "end" } }] })
    expect(eventsOf(steps).filter((event) => event.type === "response-start")).toHaveLength(1)
  })

  test("another answer inside this one is an error, and nothing follows", () => {
    const frames = [begin("msg_1"), open(0, { type: "text", text: "" }), begin("msg_2"), close(0), ...finish("end_turn")]
    expect(eventsOf(decode(frames)).at(-1)).toMatchObject({ type: "error", error: { kind: "bad-answer", blame: "provider" } })
  })

  test("an overload after the start is the provider's", () => {
    const frames = [
      begin(),
      frame({ type: "error", error: { type: "overloaded_error", message: "Overloaded" } }),
      ...finish("end_turn"),
    ]
    expect(eventsOf(decode(frames)).at(-1)).toMatchObject({ type: "error", error: { kind: "overloaded", blame: "provider" } })
  })

  test("deltas and stops of blocks that never started break nothing", () => {
    const frames = [begin(), close(3), delta(4, { type: "text_delta", text: "Hi" }), ...finish("end_turn")]
    expect(collect(decode(frames)).candidates[0]?.messages[0]?.blocks).toMatchObject([{ type: "text", text: "Hi" }])
  })

  test("an input that came whole and in pieces is said once", () => {
    const call = { type: "tool_use", id: "t", name: "n", input: { a: 1 } }
    const frames = [begin(), open(0, call), delta(0, { type: "input_json_delta", partial_json: '{"a":1}' }), close(0)]
    const [block] = collect(decode([...frames, ...finish("tool_use")])).candidates[0]?.messages[0]?.blocks ?? []
    expect(block).toMatchObject({ type: "tool-call", input: '{"a":1}' })
  })

  test("an imitated free-text tool and a renamed one are undone", () => {
    const exchange = exchangeOf()
    exchange.emulated.add("custom-tool:patch")
    exchange.names.set("files\u0000read", "files__read")
    const frames = [
      begin(),
      open(0, { type: "tool_use", id: "t1", name: "patch", input: {} }),
      delta(0, { type: "input_json_delta", partial_json: '{"input":"*** Be' }),
      delta(0, { type: "input_json_delta", partial_json: 'gin"}' }),
      close(0),
      open(1, { type: "tool_use", id: "t2", name: "files__read", input: {} }),
      close(1),
      ...finish("tool_use"),
    ]
    expect(collect(decode(frames, exchange)).candidates[0]?.messages[0]?.blocks).toMatchObject([
      { name: "patch", input: "*** Begin", form: "text" },
      { name: "read", namespace: "files", input: "{}" },
    ])
  })
})

describe("encoder, frames of its own", () => {
  const thinking = [
    begin(),
    open(0, { type: "thinking", thinking: "", signature: "" }),
    delta(0, { type: "thinking_delta", thinking: "secret" }),
    delta(0, { type: "thinking_delta", thinking: " plan" }),
    delta(0, { type: "signature_delta", signature: "sig" }),
    close(0),
    open(1, { type: "text", text: "" }),
    delta(1, { type: "text_delta", text: "Hi" }),
    close(1),
    ...finish("end_turn"),
  ]

  const edit = (steps: readonly Step[], change: (event: StreamEvent) => StreamEvent): Step[] =>
    steps.map((step) => {
      const events = step.events.map(change)
      return events.some((event, index) => event !== step.events[index]) ? { events } : step
    })

  test("a thought that was edited goes out without its signature, all else as it came", () => {
    const steps = edit(decode(thinking), (event) =>
      event.type === "block-delta" && event.delta.type === "part" && event.delta.text === "secret"
        ? { ...event, delta: { ...event.delta, text: "…" } }
        : event,
    )
    const out = encode(steps, same())
    expect(out.map((one) => one.data).join()).not.toContain("secret")
    expect(out.map((one) => one.data).join()).not.toContain('"sig"')
    expect(out.slice(-5).map(said)).toEqual(thinking.slice(-5).map(said))
  })

  test("a block that was taken out moves the ones behind it", () => {
    const steps = decode(thinking).filter((step) => !step.events.some((event) => "at" in event && event.at.block === 0))
    const out = parsed(encode(steps, same()))
    const indices = out.flatMap((one) => (typeof one.index === "number" ? [one.index] : []))
    expect(new Set(indices)).toEqual(new Set([0]))
  })

  test("a seal of another issuer on the same wire is wrapped for the client", () => {
    const elsewhere = exchangeOf(asked, { client: anthropicMessages.id, clientHome: "anthropic", target: { issuer: "moonshot" } })
    const out = parsed(encode(decode(thinking, elsewhere), elsewhere))
    const signature = out.map((one) => asObject(one.delta)?.signature).find((one) => typeof one === "string")
    expect(openEnvelope(String(signature))?.seal).toEqual({ issuer: "moonshot", kind: "signature", data: "sig" })
  })
})

describe("encoder, answers from elsewhere", () => {
  const at = (block: number): At => ({ candidate: 0, message: 0, block })
  const start: StreamEvent = { type: "response-start", id: "chatcmpl-1", model: "gpt" }
  const message: StreamEvent = { type: "message-start", candidate: 0, message: 0, value: { role: "assistant" } }
  const block = (index: number, value: Block): StreamEvent => ({ type: "block-start", at: at(index), block: value })
  const input = (index: number, text: string): StreamEvent => ({
    type: "block-delta",
    at: at(index),
    delta: { type: "input", text },
  })
  const done = (index: number): StreamEvent => ({ type: "block-end", at: at(index) })
  const turn = (reason: "end" | "length"): StreamEvent => ({ type: "turn-end", candidate: 0, stop: { reason, raw: reason } })
  const usage: StreamEvent = {
    type: "usage",
    usage: {
      lines: [{ kind: "answer", tokens: { input: 7, "cache-read": 3, output: 2 } }],
      unexplained: 0,
      raw: {},
      wire: "openai-chat",
    },
  }
  const end: StreamEvent = { type: "response-end" }
  const steps = (...events: StreamEvent[]): Step[] => events.map((event) => ({ events: [event] }))
  const call = (id: string, more: object = {}): Block => ({ type: "tool-call", id, name: "look", input: "", ...more }) as Block

  test("a call that arrives whole still has a delta; interleaved calls come one after another", async () => {
    const said = steps(
      start,
      message,
      block(0, call("c1", { input: '{"a":1}' })),
      block(1, call("c2")),
      input(1, '{"b"'),
      done(0),
      input(1, ":2}"),
      done(1),
      turn("end"),
      usage,
      end,
    )
    const frames = encode(said, towardsClient())
    expect(typesOf(frames)).toEqual([
      "message_start",
      "content_block_start",
      "input_json_delta",
      "content_block_stop",
      "content_block_start",
      "input_json_delta",
      "input_json_delta",
      "content_block_stop",
      "message_delta",
      "message_stop",
    ])
    expect(await accumulated(anthropicMessages.id, frames)).toMatchObject({
      stop_reason: "tool_use",
      content: [
        { type: "tool_use", id: "c1", input: { a: 1 } },
        { type: "tool_use", id: "c2", input: { b: 2 } },
      ],
      usage: { input_tokens: 7, cache_read_input_tokens: 3, output_tokens: 2 },
    })
  })

  test("a call without arguments is an empty object, and a cut-off answer stays cut off", async () => {
    const frames = encode(steps(start, message, block(0, call("c1")), done(0), turn("length"), end), towardsClient())
    expect(await accumulated(anthropicMessages.id, frames)).toMatchObject({ stop_reason: "max_tokens", content: [{ input: {} }] })
  })

  test("thinking gets its signature right before its end", () => {
    const seal: Seal = { issuer: "google", kind: "thought-signature", data: "AAA" }
    const thought: StreamEvent = { type: "block-delta", at: at(0), delta: { type: "part", index: 0, text: "hm" } }
    const sealed: StreamEvent = { type: "block-set", at: at(0), set: { seal } }
    const frames = encode(
      steps(start, message, block(0, { type: "reasoning", parts: [] }), sealed, thought, done(0), end),
      towardsClient(),
    )
    expect(typesOf(frames).slice(1, 5)).toEqual([
      "content_block_start",
      "thinking_delta",
      "signature_delta",
      "content_block_stop",
    ])
  })

  test("a seal without text, on a call or on a text travels in a redacted block and comes back", async () => {
    const seal = (data: string): Seal => ({ issuer: "google", kind: "thought-signature", data })
    const said = steps(
      start,
      message,
      block(0, { type: "reasoning", parts: [], seal: seal("a") }),
      done(0),
      block(1, { type: "text", text: "Hi" }),
      { type: "block-set", at: at(1), set: { seal: seal("b") } },
      done(1),
      block(2, call("c1", { input: "{}", seal: seal("c") })),
      done(2),
      turn("end"),
      end,
    )
    const answer = asObject(await accumulated(anthropicMessages.id, encode(said, towardsClient())))
    const body = { model: "m", messages: [{ role: "assistant", content: answer?.content ?? [] }] }
    const blocks = anthropicMessages.request.decode(body, () => {}).messages[0]?.blocks ?? []
    expect(blocks.map((one) => [one.type, one.seal?.data])).toEqual([
      ["reasoning", "a"],
      ["text", "b"],
      ["tool-call", "c"],
    ])
  })

  test("citations that come after the text are still in its block", () => {
    const cited: StreamEvent = {
      type: "block-set",
      at: at(0),
      set: { citations: [{ source: { kind: "url", url: "https://example.com", title: "E" } }] },
    }
    const frames = encode(
      steps(start, message, block(0, { type: "text", text: "Hi" }), done(0), cited, turn("end"), end),
      towardsClient(),
    )
    expect(typesOf(frames).slice(1, 5)).toEqual(["content_block_start", "text_delta", "citations_delta", "content_block_stop"])
  })

  test("an error is one frame, and nothing follows", () => {
    const error: StreamEvent = { type: "error", error: { kind: "overloaded", blame: "provider", message: "busy" } }
    const frames = encode(steps(start, message, error, turn("end"), end), towardsClient())
    expect(frames.map((one) => one.event)).toEqual(["message_start", "error"])
    expect(parsed(frames)[1]).toEqual({ type: "error", error: { type: "overloaded_error", message: "busy" } })
  })
})
