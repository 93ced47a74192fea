import { describe, expect, test } from "bun:test"
import { collect } from "../../../src/core/collect.ts"
import type { Step } from "../../../src/core/event.ts"
import { totals } from "../../../src/core/usage.ts"
import type { Head } from "../../../src/core/wire.ts"
import { asArray, asObject } from "../../../src/lib/json.ts"
import { openaiChat } from "../../../src/wires/openai-chat/index.ts"
import { chunk, decodeFrames, done, elsewhere, encodeSteps, fold, jsonOf, trial, usageChunk } from "./support.ts"

const counts = { prompt_tokens: 3, completion_tokens: 4, total_tokens: 7 }
const types = (steps: readonly Step[]) => steps.flatMap((step) => step.events.map((event) => event.type))
const call = (index: number | undefined, id: string | undefined, name: string | undefined, text: string) => ({
  tool_calls: [
    {
      ...(index === undefined ? {} : { index }),
      ...(id === undefined ? {} : { id }),
      function: { ...(name === undefined ? {} : { name }), arguments: text },
    },
  ],
})

const calls = (frames: Parameters<typeof fold>[0]) =>
  fold(frames).candidates[0]?.messages[0]?.blocks.flatMap((block) =>
    block.type === "tool-call" ? [[block.id, block.name, block.input]] : [],
  )

describe("the end of a stream", () => {
  const body = [chunk({ role: "assistant", content: "Hello" }), chunk({}, "stop")]

  test("comes with the closing frame or without", () => {
    for (const frames of [
      [...body, usageChunk(counts), done],
      [...body, usageChunk(counts)],
    ]) {
      const exchange = trial()
      expect(types(decodeFrames(frames, exchange)).at(-1)).toBe("response-end")
      expect(exchange.list()).toEqual([])
    }
  })

  test("without usage is clean, and told", () => {
    const exchange = trial()
    expect(types(decodeFrames(body, exchange, "cut")).at(-1)).toBe("response-end")
    expect(exchange.codes()).toEqual(["usage-missing usage"])
  })

  test.each([
    ["no frame at all", []],
    ["a closing frame alone", [done]],
    ["no finish reason", [chunk({ role: "assistant", content: "Hello" }), done]],
    ["one choice of two", [...body, chunk({ content: "x" }, null, {}, 1), done]],
  ])("is an error after %s", (_, frames) => {
    const steps = decodeFrames(frames)
    expect(steps.at(-1)?.events).toMatchObject([{ type: "error", error: { kind: "truncated" } }])
    expect(encodeSteps(steps).some((frame) => frame.data === "[DONE]")).toBe(false)
  })

  test("by the caller says nothing", () => {
    const machine = openaiChat.stream.decoder(trial())
    machine.push(chunk({ content: "x" }))
    expect(machine.flush("abort")).toEqual([])
  })
})

describe("usage", () => {
  const used = (frames: Parameters<typeof fold>[0]) => {
    const { usage } = fold(frames)
    return usage && totals(usage).total
  }
  const hello = chunk({ role: "assistant", content: "Hello" })

  test("is read from any frame, and the last one counts", () => {
    expect(used([hello, chunk({}, "stop", { usage: counts })])).toBe(7)
    expect(
      used([
        chunk({ content: "a" }, null, { usage: { ...counts, prompt_tokens: 90, total_tokens: 94 } }),
        chunk({}, "stop", { usage: counts }),
      ]),
    ).toBe(7)
    expect(used([hello, chunk({}, "stop"), chunk({ content: "" }, null, { usage: counts })])).toBe(7)
    expect(used([hello, chunk({}, "stop", { usage: null, x_groq: { usage: counts } })])).toBe(7)
  })
})

describe("tool calls", () => {
  test("by index, whole in one frame, in pieces, interleaved", () => {
    const whole = '{"a":1}'
    expect(calls([chunk(call(0, "x", "f", whole)), chunk({}, "tool_calls")])).toEqual([["x", "f", whole]])
    expect(
      calls([
        chunk(call(0, "x", "f", "")),
        chunk(call(0, undefined, undefined, '{"a"')),
        chunk(call(0, undefined, "", ":1}"), "tool_calls"),
      ]),
    ).toEqual([["x", "f", whole]])
    const mixed = [
      call(0, "x", "f", '{"a"'),
      call(1, "y", "g", "{"),
      call(0, undefined, undefined, ":1}"),
      call(1, undefined, undefined, "}"),
    ]
    expect(calls([...mixed.map((delta) => chunk(delta)), chunk({}, "tool_calls")])).toEqual([
      ["x", "f", whole],
      ["y", "g", "{}"],
    ])
  })

  test("that share an index are told apart by id", () => {
    expect(calls([chunk(call(0, "x", "f", "{}")), chunk(call(0, "y", "f", "{}")), chunk({}, "stop")])).toEqual([
      ["x", "f", "{}"],
      ["y", "f", "{}"],
    ])
  })

  test("without indices or ids", () => {
    expect(
      calls([chunk(call(undefined, "x", "f", '{"a"')), chunk(call(undefined, undefined, undefined, ":1}")), chunk({}, "stop")]),
    ).toEqual([["x", "f", '{"a":1}']])
    const [made] = calls([chunk(call(0, undefined, "f", "{}")), chunk({}, "stop")]) ?? []
    expect(made?.[0]).toMatch(/^gtc_/)
  })

  test("with a name that comes late", () => {
    expect(calls([chunk(call(0, "x", "", '{"a"')), chunk(call(0, undefined, "f", ":1}")), chunk({}, "stop")])).toEqual([
      ["x", "f", '{"a":1}'],
    ])
  })

  test("without arguments have an empty object, and make the stop one for tools", () => {
    const steps = decodeFrames([chunk(call(0, "x", "f", "")), chunk({}, "stop"), usageChunk(counts), done])
    expect(collect(steps).candidates[0]).toMatchObject({ messages: [{ blocks: [{ input: "{}" }] }], stop: { reason: "tool" } })
  })

  test("cut off by the limit stay cut off", () => {
    const { candidates } = fold([chunk(call(0, "x", "f", '{"a":')), chunk({}, "length")])
    expect(candidates[0]).toMatchObject({ messages: [{ blocks: [{ input: '{"a":' }] }], stop: { reason: "length" } })
  })

  test("that ended let the next one pass", () => {
    const steps = decodeFrames([chunk(call(0, "x", "f", "{}")), chunk(call(1, "y", "g", "{"))])
    expect(types(steps).slice(0, 6)).toEqual([
      "response-start",
      "message-start",
      "block-start",
      "block-delta",
      "block-end",
      "block-start",
    ])
  })
})

describe("odd frames", () => {
  test("open nothing when they are empty", () => {
    const { candidates } = fold([
      chunk({ role: "assistant", content: "", refusal: null, tool_calls: [] }),
      chunk({ content: null, reasoning_content: "" }),
      chunk({}, "stop"),
    ])
    expect(candidates[0]?.messages[0]?.blocks).toEqual([])
  })

  test("that are unknown are foreign, and no JSON too", () => {
    const steps = decodeFrames([{ data: '{"type":"x","n":1}' }, { data: "not json" }])
    expect(steps.slice(0, 2).map((step) => step.events)).toEqual([
      [{ type: "foreign", wire: "openai-chat", value: { type: "x", n: 1 } }],
      [{ type: "foreign", wire: "openai-chat", value: "not json" }],
    ])
  })

  test("with an error end the stream", () => {
    const steps = decodeFrames([
      chunk({ content: "x" }),
      { data: '{"error":{"message":"Overloaded","code":503}}' },
      chunk({}, "stop"),
      done,
    ])
    expect(types(steps).at(-1)).toBe("error")
    expect(types(steps).filter((type) => type === "error")).toHaveLength(1)
  })

  test("after a finish are told when they say something", () => {
    const exchange = trial()
    const steps = decodeFrames([chunk({ content: "x" }, "stop"), chunk({ content: "late" }), usageChunk(counts)], exchange)
    expect(exchange.codes()).toEqual(["event-unsupported candidates[*]"])
    expect(JSON.stringify(collect(steps))).not.toContain("late")
  })

  test("number choices by appearance", () => {
    const { candidates } = fold([
      chunk({ content: "b" }, null, {}, 1),
      chunk({ content: "a" }, null, {}, 0),
      chunk({}, "stop", {}, 0),
      chunk({}, "length", {}, 1),
    ])
    expect(candidates.map(({ stop }) => stop.reason)).toEqual(["length", "end"])
  })
})

describe("writing", () => {
  const answer: Step[] = [
    { events: [{ type: "response-start", id: "r", model: "m" }] },
    { events: [{ type: "message-start", candidate: 0, message: 0, value: { role: "assistant" } }] },
    {
      events: [
        {
          type: "block-start",
          at: { candidate: 0, message: 0, block: 0 },
          block: { type: "tool-call", id: "x", name: "f", input: '{"a":1}' },
        },
      ],
    },
    { events: [{ type: "block-end", at: { candidate: 0, message: 0, block: 0 } }] },
    { events: [{ type: "message-end", candidate: 0, message: 0 }] },
    { events: [{ type: "turn-end", candidate: 0, stop: { reason: "end", raw: "end_turn" } }] },
  ]

  test("a call that came whole still emits a delta, and is what stopped the answer", () => {
    const frames = encodeSteps([...answer, { events: [{ type: "response-end" }] }], trial({ target: elsewhere }))
    const choices = frames.slice(0, -1).map((frame) => asObject(asArray(jsonOf(frame).choices)?.[0]) ?? {})
    expect(choices.map((choice) => [choice.delta, choice.finish_reason])).toEqual([
      [{ role: "assistant", content: "" }, null],
      [{ tool_calls: [{ index: 0, id: "x", type: "function", function: { name: "f", arguments: "" } }] }, null],
      [{ tool_calls: [{ index: 0, function: { arguments: '{"a":1}' } }] }, null],
      [{}, "tool_calls"],
    ])
    expect(frames.at(-1)).toEqual(done)
  })

  test("no finish reason goes out before the answer has ended", () => {
    const error = { kind: "truncated", blame: "provider", message: "cut" } as const
    const frames = encodeSteps(
      [...answer, { events: [{ type: "error", error }] }, { events: [{ type: "response-end" }] }],
      trial({ target: elsewhere }),
    )
    expect(frames.some((frame) => frame.data.includes('"finish_reason":"'))).toBe(false)
    expect(jsonOf(frames.at(-1) ?? done)).toMatchObject({ error: { message: "cut" } })
  })

  test("usage goes out only to callers who asked", () => {
    const usage = { lines: [{ kind: "answer", tokens: { input: 3, output: 4 } }], unexplained: 0, raw: {}, wire: "elsewhere" }
    const closing: Step[] = [{ events: [{ type: "usage", usage }] }, { events: [{ type: "response-end" }] }]
    for (const asked of [true, false]) {
      const request = { model: "m", messages: [], pins: [], stream: { usage: asked } }
      const frames = encodeSteps([...answer, ...closing], trial({ target: elsewhere, request }))
      expect(frames.some((frame) => frame.data.includes('"prompt_tokens":3'))).toBe(asked)
    }
  })

  test("an edited step between relayed frames speaks of the vendor's own choice", () => {
    const exchange = trial()
    const frames = [
      chunk({ content: "b" }, null, { x: 1 }, 1),
      chunk({ content: "a" }, null, {}, 0),
      chunk({ content: "secret" }, null, {}, 1),
      chunk({}, "stop", {}, 0),
      chunk({}, "stop", {}, 1),
    ]
    const steps = decodeFrames(frames, exchange).map((step): Step => {
      if (!step.frame?.data.includes("secret")) return step
      const events = step.events.map((event) =>
        event.type === "block-delta" ? { ...event, delta: { type: "text" as const, text: "public" } } : event,
      )
      return { events }
    })
    const out = encodeSteps(steps, exchange)
    expect(out.map((frame) => frame.data).toSpliced(2, 1)).toEqual(frames.map((frame) => frame.data).toSpliced(2, 1))
    expect(jsonOf(out[2] ?? done)).toMatchObject({ id: "c1", choices: [{ index: 1, delta: { content: "public" } }] })
  })
})

describe("hiding", () => {
  const head = (usageAsked: boolean) => ({ stream: true, usageAsked }) as Head
  const hides = (frame: Parameters<NonNullable<typeof openaiChat.stream.hide>>[0], asked: boolean) =>
    openaiChat.stream.hide?.(frame, head(asked))

  test("takes out the usage frame that nobody asked for, and nothing else", () => {
    expect(hides(usageChunk(counts), false)).toBe(true)
    expect(hides(usageChunk(counts), true)).toBe(false)
    expect(hides(chunk({}, "stop", { usage: counts }), false)).toBe(false)
    expect(hides(chunk({ content: '"usage"' }), false)).toBe(false)
    expect(hides(done, false)).toBe(false)
  })
})
