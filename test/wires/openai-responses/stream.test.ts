import { describe, expect, test } from "bun:test"
import { collect } from "../../../src/core/collect.ts"
import type { Frame, Step, StreamEvent } from "../../../src/core/event.ts"
import type { Response } from "../../../src/core/response.ts"
import { steps } from "../../../src/core/steps.ts"
import { openaiResponses as wire } from "../../../src/wires/openai-responses/index.ts"
import { exchangeFor } from "./exchange.ts"

const answer: Response = {
  id: "a1",
  model: "m-1",
  created: 1_700_000_000,
  candidates: [
    {
      messages: [
        {
          role: "assistant",
          blocks: [
            { type: "reasoning", parts: [{ text: "Think.", summary: true }] },
            { type: "text", text: "Let me look." },
            { type: "tool-call", id: "c1", name: "look", input: "" },
          ],
        },
      ],
      stop: { reason: "tool", raw: "tool" },
    },
  ],
  pins: [],
}

function encode(said: readonly Step[], more: Parameters<typeof exchangeFor>[1] = { wire: "elsewhere", issuer: "elsewhere" }) {
  const encoder = wire.stream.encoder(exchangeFor(undefined, more).exchange)
  return [...said.flatMap((step) => [...encoder.push(step)]), ...encoder.flush("eof")]
}

const decode = (frames: readonly Frame[], more: Parameters<typeof exchangeFor>[1] = {}): Step[] => {
  const decoder = wire.stream.decoder(exchangeFor(undefined, more).exchange)
  return [...frames.flatMap((frame) => [...decoder.push(frame)]), ...decoder.flush("eof")]
}

const payloads = (frames: readonly Frame[]) => frames.map((frame) => JSON.parse(frame.data) as Record<string, unknown>)
const frame = (type: string, fields: object): Frame => ({ event: type, data: JSON.stringify({ type, ...fields }) })

describe("an answer of another wire", () => {
  const frames = encode(steps(answer))

  test("comes in the vendor's order of events", () => {
    expect(frames.map(({ event }) => event?.replace("response.", ""))).toEqual([
      "created",
      "in_progress",
      "output_item.added",
      "reasoning_summary_part.added",
      "reasoning_summary_text.delta",
      "reasoning_summary_text.done",
      "reasoning_summary_part.done",
      "output_item.done",
      "output_item.added",
      "content_part.added",
      "output_text.delta",
      "output_text.done",
      "content_part.done",
      "output_item.done",
      "output_item.added",
      "function_call_arguments.delta",
      "function_call_arguments.done",
      "output_item.done",
      "completed",
    ])
  })

  test("is numbered without gaps, and every frame names its item", () => {
    const all = payloads(frames)
    expect(all.map((one) => one.sequence_number)).toEqual(all.map((_, index) => index))
    const items = new Map(all.filter((one) => one.item).map((one) => [one.output_index, (one.item as { id: string }).id]))
    for (const one of all) if (one.item_id) expect(one.item_id).toBe(items.get(one.output_index) as string)
    expect(new Set(items.values()).size).toBe(3)
  })

  test("closes with a whole response object", () => {
    const closing = payloads(frames).at(-1)?.response as Record<string, unknown>
    for (const key of [
      "id",
      "object",
      "created_at",
      "status",
      "error",
      "incomplete_details",
      "instructions",
      "metadata",
      "model",
    ])
      expect(closing).toHaveProperty(key)
    for (const key of [
      "output",
      "parallel_tool_calls",
      "temperature",
      "tool_choice",
      "tools",
      "top_p",
      "text",
      "usage",
      "truncation",
    ])
      expect(closing).toHaveProperty(key)
    expect(closing.output).toMatchObject([{ type: "reasoning" }, { type: "message" }, { type: "function_call", arguments: "{}" }])
  })

  test("citations that come after their text still reach the closing frames", () => {
    const at = { candidate: 0, message: 0, block: 0 }
    const cited = { span: [0, 2] as const, source: { kind: "url" as const, url: "https://example.com", title: "E" } }
    const events: StreamEvent[] = [
      { type: "response-start", id: "a", model: "m" },
      { type: "message-start", candidate: 0, message: 0, value: { role: "assistant" } },
      { type: "block-start", at, block: { type: "text", text: "Hi." } },
      { type: "block-end", at },
      { type: "block-set", at, set: { citations: [cited] } },
      { type: "message-end", candidate: 0, message: 0 },
      { type: "turn-end", candidate: 0, stop: { reason: "end", raw: "" } },
      { type: "response-end" },
    ]
    const out = encode(events.map((event) => ({ events: [event] })))
    expect(payloads(out).at(-1)).toMatchObject({
      response: { output: [{ content: [{ annotations: [{ type: "url_citation", start_index: 0, end_index: 2 }] }] }] },
    })
  })
})

describe("the vendor's own stream", () => {
  const source = encode(steps(answer))
  const own = {}

  test("an edited delta changes every frame that repeats it, and no other", () => {
    const said = decode(source)
    const changed = said.map((step): Step => {
      const events = step.events.map(
        (event): StreamEvent =>
          event.type === "block-delta" && event.delta.type === "text"
            ? { ...event, delta: { type: "text", text: "Redacted." } }
            : event,
      )
      return events.every((event, index) => event === step.events[index]) ? step : { events }
    })
    const out = encode(changed, own)
    expect(JSON.stringify(out)).not.toContain("Let me look.")
    expect(out.filter((one) => one.data.includes("Redacted."))).toHaveLength(5)
    expect(out.filter((one, index) => one.data === source[index]?.data).length).toBe(source.length - 5)
  })

  test("numbers stay in order when a step is put in", () => {
    const said = decode(source)
    const at = said.findIndex((step) => step.events.some((event) => event.type === "block-delta" && event.delta.type === "text"))
    const more = said.toSpliced(at, 0, {
      events: [{ type: "block-delta", at: { candidate: 0, message: 1, block: 0 }, delta: { type: "text", text: "Well. " } }],
    })
    const numbers = payloads(encode(more, own)).map((one) => Number(one.sequence_number))
    expect(numbers).toEqual(numbers.map((_, index) => index))
    expect(JSON.stringify(encode(more, own).at(-1))).toContain("Well. Let me look.")
  })
})

describe("decoding", () => {
  const item = (more: object) => ({ type: "function_call", id: "fc", call_id: "c", name: "n", arguments: "", ...more })
  const closing = frame("response.completed", { response: { id: "r", status: "completed", output: [] } })
  const only = (frames: readonly Frame[]) =>
    collect(decode([...frames, closing])).candidates[0]?.messages.flatMap((one) => one.blocks)

  test("what is repeated in full wins over the deltas, an empty repetition does not", () => {
    const added = frame("response.output_item.added", { output_index: 0, item: item({}) })
    const delta = frame("response.function_call_arguments.delta", { output_index: 0, item_id: "other", delta: '{"a"' })
    const whole = frame("response.output_item.done", { output_index: 0, item: item({ arguments: '{"b":1}' }) })
    const empty = frame("response.output_item.done", { output_index: 0, item: item({}) })
    expect(only([added, delta, whole])).toMatchObject([{ input: '{"b":1}' }])
    expect(only([added, delta, empty])).toMatchObject([{ input: '{"a"' }])
  })

  test("items are told apart by index, whatever their ids", () => {
    const part = (index: number, id: string, delta: string) =>
      frame("response.output_text.delta", { output_index: index, item_id: id, content_index: 0, delta })
    expect(only([part(0, "a", "x"), part(1, "a", "y"), part(0, "b", "z")])).toMatchObject([{ text: "xz" }, { text: "y" }])
  })

  test("an error and the failure that repeats it are one error, and nothing follows", () => {
    const error = frame("error", { error: { type: "server_error", code: "server_is_overloaded", message: "busy" } })
    const failed = frame("response.failed", {
      response: { id: "r", status: "failed", error: { code: "server_error", message: "busy" } },
    })
    const events = decode([frame("response.created", { response: { id: "r", model: "m" } }), error, failed]).flatMap(
      (step) => step.events,
    )
    expect(events.map((event) => event.type)).toEqual(["response-start", "error"])
    expect(events.at(-1)).toMatchObject({ error: { kind: "overloaded", blame: "provider" } })
  })

  test("calls that only the vendor can answer are its own", () => {
    const request = {
      model: "m",
      messages: [],
      pins: [],
      tools: [{ type: "hosted" as const, kind: "x_search", wire: wire.id, value: null }],
    }
    const { exchange } = exchangeFor(request)
    const body = { id: "r", status: "completed", output: [item({})] }
    expect(wire.response.decode(body, exchange).candidates[0]).toMatchObject({
      messages: [{ blocks: [{ by: "provider" }] }],
      stop: { reason: "end" },
    })
  })
})
