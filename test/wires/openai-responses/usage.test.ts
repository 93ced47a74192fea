import { describe, expect, test } from "bun:test"
import { costOf } from "../../../src/catalog/price.ts"
import { totals } from "../../../src/core/usage.ts"
import type { Json, JsonObject } from "../../../src/lib/json.ts"
import { openaiResponses as wire } from "../../../src/wires/openai-responses/index.ts"
import { exchangeFor } from "./exchange.ts"

const drawn = {
  image_gen: {
    input_tokens: 300,
    input_tokens_details: { image_tokens: 250, text_tokens: 50 },
    output_tokens: 1056,
    output_tokens_details: { image_tokens: 1000, text_tokens: 56 },
    total_tokens: 1356,
  },
  web_search: { num_requests: 3 },
}
const usage = { input_tokens: 20, output_tokens: 10, total_tokens: 30, output_tokens_details: { reasoning_tokens: 4 } }
const image = { type: "image_generation_call", id: "ig_1", status: "completed", result: "iVBORw0KGgo=" }

const body = (more: JsonObject = {}): JsonObject => ({
  id: "resp_1",
  object: "response",
  status: "completed",
  model: "gpt-5.4",
  output: [image, { type: "web_search_call", id: "ws_1", status: "completed", action: { type: "search", query: "tides" } }],
  tools: [{ type: "image_generation", model: "gpt-image-1.5" }, { type: "web_search" }],
  usage,
  tool_usage: drawn,
  ...more,
})

const peek = (json: Json) => wire.response.peek(Buffer.from(JSON.stringify(json))).usage
const lines = [
  { kind: "answer", tokens: { input: 20, reasoning: 4, output: 6 } },
  {
    kind: "image-generation",
    model: "gpt-image-1.5",
    tokens: { input: 50, "input-image": 250, output: 56, "output-image": 1000 },
  },
]

describe("tokens of the image tool", () => {
  test("are a line of their own, of the model that drew", () => {
    const { exchange } = exchangeFor()
    const read = wire.response.decode(body(), exchange).usage
    expect(read?.lines).toMatchObject(lines)
    expect(read?.unexplained).toBe(0)
    expect(read && totals(read).total).toBe(30 + 1356)
  })

  test("are found by a relay in a small body, in one too big to parse, and at the end of a stream", () => {
    const big = body({ output: [{ ...image, result: "A".repeat(100_000) }] })
    expect(peek(body())?.lines).toMatchObject(lines)
    expect(peek(big)?.lines).toMatchObject(lines)
    const tap = wire.stream.tap()
    const data = JSON.stringify({ type: "response.completed", response: body() })
    expect(tap.push({ event: "response.completed", data })[0]?.usage?.lines).toMatchObject(lines)
  })

  test("have no known price where the tool names no model", () => {
    expect(peek(body({ tools: [{ type: "image_generation" }] }))?.lines[1]?.model).toBe("image_generation")
  })

  test("none make no line", () => {
    const none = { image_gen: { input_tokens: 0, output_tokens: 0, total_tokens: 0 }, web_search: { num_requests: 0 } }
    expect(peek(body({ tool_usage: none }))?.lines).toHaveLength(1)
  })
})

test("images are billed by their tokens where the vendor tells them, else by the piece", () => {
  const sold = { provider: "openai", model: "gpt-5", at: Date.UTC(2026, 10, 1) }
  const read = peek(
    body({
      output: [image],
      tools: [{ type: "image_generation", model: "gpt-image-1" }],
      tool_usage: { ...drawn, web_search: { num_requests: 0 } },
    }),
  )
  expect(read?.lines[0]?.units).toBeUndefined()
  expect(read && costOf(sold, read).total).toBeGreaterThan(0)
  const untold = peek(body({ output: [image], tool_usage: {} }))
  expect(untold?.lines[0]?.units).toEqual({ image_generation: 1 })
  expect(untold && costOf(sold, untold).total).toBeUndefined()
})

test("the vendor's own count of searches is the one that is billed", () => {
  expect(peek(body())?.lines[0]?.units).toEqual({ web_search: 3 })
  expect(peek(body({ tool_usage: {} }))?.lines[0]?.units).toEqual({ image_generation: 1, web_search: 1 })
})

describe("searches of an answer whose vendor does not count them", () => {
  const done = (action: JsonObject): JsonObject => ({ type: "web_search_call", id: "ws_1", status: "completed", action })
  const searched = [
    done({ type: "search", query: "tides" }),
    done({ type: "open_page", url: "https://example.com/tides" }),
    done({ type: "find_in_page", url: "https://example.com/tides", pattern: "spring" }),
  ]

  test("are counted, and the pages that were opened are not", () => {
    expect(peek(body({ output: searched, tool_usage: null }))?.lines[0]?.units).toEqual({ web_search: 1 })
  })

  test("are found in a body too big to parse whole", () => {
    const said = {
      type: "message",
      role: "assistant",
      content: [{ type: "output_text", text: "a".repeat(100_000), annotations: [] }],
    }
    expect(peek(body({ output: [...searched, said], tool_usage: null }))?.lines[0]?.units).toEqual({ web_search: 1 })
    const image = { type: "image_generation_call", id: "ig_1", status: "completed", result: "A".repeat(100_000) }
    expect(peek(body({ output: [image], tool_usage: null }))?.lines[0]?.units).toEqual({ image_generation: 1 })
    expect(peek(body({ output: [image] }))?.lines[0]?.units).toEqual({ web_search: 3 })
  })
})
