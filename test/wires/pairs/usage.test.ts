import { describe, expect, test } from "bun:test"
import { collect } from "../../../src/core/collect.ts"
import { steps } from "../../../src/core/steps.ts"
import { totals, type Usage } from "../../../src/core/usage.ts"
import type { Wire } from "../../../src/core/wire.ts"
import { asObject, type Json, type JsonObject } from "../../../src/lib/json.ts"
import { anthropicMessages } from "../../../src/wires/anthropic-messages/index.ts"
import { openaiChat } from "../../../src/wires/openai-chat/index.ts"
import { openaiResponses } from "../../../src/wires/openai-responses/index.ts"
import { type Trial, trial } from "../../conformance/exchange.ts"
import { decodeFrames, encodeSteps, overTheLine } from "../../conformance/streams.ts"

const answers = {
  messages: (usage: JsonObject): JsonObject => ({
    id: "msg_1",
    type: "message",
    role: "assistant",
    model: "m",
    content: [{ type: "text", text: "Hi." }],
    stop_reason: "end_turn",
    stop_sequence: null,
    usage,
  }),
  chat: (usage: JsonObject): JsonObject => ({
    id: "chatcmpl-1",
    object: "chat.completion",
    created: 1,
    model: "m",
    choices: [{ index: 0, message: { role: "assistant", content: "Hi." }, finish_reason: "stop" }],
    usage,
  }),
  responses: (usage: JsonObject): JsonObject => ({
    id: "resp_1",
    object: "response",
    created_at: 1,
    status: "completed",
    model: "m",
    output: [
      { type: "message", id: "msg_1", role: "assistant", status: "completed", content: [{ type: "output_text", text: "Hi." }] },
    ],
    usage,
    tool_usage: { web_search: { num_requests: 2 } },
  }),
}

interface Shown {
  readonly usage: JsonObject
  readonly exchange: Trial
}

function shown(upstream: Wire, client: Wire, body: JsonObject): Shown {
  const exchange = trial(client, upstream)
  const answer = client.response.encode(upstream.response.decode(body, exchange), exchange) as JsonObject
  return { usage: asObject(answer.usage) ?? {}, exchange }
}

/** What a client puts together of the same answer when it is streamed. */
function streamed(upstream: Wire, client: Wire, body: JsonObject): Usage | undefined {
  const exchange = trial(client, upstream)
  const frames = overTheLine(encodeSteps(client, exchange, steps(upstream.response.decode(body, exchange))))
  return collect(decodeFrames(client, trial(client, client), frames)).usage
}

const ofMessages = answers.messages({
  input_tokens: 10,
  cache_creation_input_tokens: 30,
  cache_read_input_tokens: 100,
  cache_creation: { ephemeral_5m_input_tokens: 10, ephemeral_1h_input_tokens: 20 },
  output_tokens: 50,
  output_tokens_details: { thinking_tokens: 20 },
  server_tool_use: { web_search_requests: 2, web_fetch_requests: 1 },
})
const ofChat = answers.chat({
  prompt_tokens: 100,
  completion_tokens: 50,
  total_tokens: 155,
  prompt_tokens_details: { cached_tokens: 40, cache_write_tokens: 5, audio_tokens: 10, image_tokens: 3 },
  completion_tokens_details: {
    reasoning_tokens: 10,
    audio_tokens: 5,
    accepted_prediction_tokens: 3,
    rejected_prediction_tokens: 4,
  },
  server_tool_use: { web_search_requests: 2 },
})
const ofResponses = answers.responses({
  input_tokens: 100,
  input_tokens_details: { cached_tokens: 40, cache_write_tokens: 10 },
  output_tokens: 50,
  output_tokens_details: { reasoning_tokens: 20 },
  total_tokens: 150,
})

describe("usage in another format", () => {
  test.each<[string, Wire, Wire, JsonObject, JsonObject]>([
    [
      "Messages to Chat",
      anthropicMessages,
      openaiChat,
      ofMessages,
      {
        prompt_tokens: 140,
        completion_tokens: 50,
        total_tokens: 190,
        prompt_tokens_details: { cached_tokens: 100, cache_write_tokens: 30 },
        completion_tokens_details: { reasoning_tokens: 20 },
        server_tool_use: { web_search_requests: 2 },
      },
    ],
    [
      "Messages to Responses",
      anthropicMessages,
      openaiResponses,
      ofMessages,
      {
        input_tokens: 140,
        input_tokens_details: { cached_tokens: 100, cache_write_tokens: 30 },
        output_tokens: 50,
        output_tokens_details: { reasoning_tokens: 20 },
        total_tokens: 190,
      },
    ],
    [
      "Chat to Messages",
      openaiChat,
      anthropicMessages,
      ofChat,
      {
        input_tokens: 55,
        cache_creation_input_tokens: 5,
        cache_read_input_tokens: 40,
        output_tokens: 50,
        output_tokens_details: { thinking_tokens: 10 },
        server_tool_use: { web_search_requests: 2 },
      },
    ],
    ["Chat to Responses", openaiChat, openaiResponses, ofChat, { input_tokens: 100, output_tokens: 50, total_tokens: 155 }],
    [
      "Responses to Messages",
      openaiResponses,
      anthropicMessages,
      ofResponses,
      {
        input_tokens: 50,
        cache_creation_input_tokens: 10,
        cache_read_input_tokens: 40,
        output_tokens: 50,
        output_tokens_details: { thinking_tokens: 20 },
        server_tool_use: { web_search_requests: 2 },
      },
    ],
    [
      "Responses to Chat",
      openaiResponses,
      openaiChat,
      ofResponses,
      {
        prompt_tokens: 100,
        completion_tokens: 50,
        total_tokens: 150,
        prompt_tokens_details: { cached_tokens: 40, cache_write_tokens: 10 },
        completion_tokens_details: { reasoning_tokens: 20 },
        server_tool_use: { web_search_requests: 2 },
      },
    ],
  ])("%s", (_, upstream, client, body, expected) => {
    expect(shown(upstream, client, body).usage).toMatchObject(expected)
    const whole = client.response.decode(
      client.response.encode(upstream.response.decode(body, trial(client, upstream)), trial(client, upstream)),
      trial(client, client),
    ).usage
    const live = streamed(upstream, client, body)
    expect(live && totals(live)).toEqual(whole && totals(whole))
    expect(live?.lines[0]?.units).toEqual(whole?.lines[0]?.units)
  })

  test("keeps what the vendor's total has beyond all that it tells", () => {
    const odd = answers.responses({ input_tokens: 10, output_tokens: 5, total_tokens: 22 })
    expect(shown(openaiResponses, openaiChat, odd).usage.total_tokens).toBe(22)
  })

  test("names only what the format counts, and tells of the rest", () => {
    const searched = { ...ofResponses, output: [{ type: "file_search_call", id: "fs_1", status: "completed", queries: ["q"] }] }
    for (const client of [openaiChat, anthropicMessages]) {
      const { usage, exchange } = shown(openaiResponses, client, searched)
      expect(usage.server_tool_use as Json).toEqual({ web_search_requests: 2 })
      expect(exchange.list().map(({ path }) => path)).toContain("usage.lines[*].units")
    }
  })
})
