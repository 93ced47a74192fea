import { describe, expect, test } from "bun:test"
import { asArray, asObject, type JsonObject } from "../../../src/lib/json.ts"
import { openaiChat, quirks } from "../../../src/wires/openai-chat/index.ts"
import { chunk, done, encodeRequest, fixture, fold, trial } from "./support.ts"

const body = (more: JsonObject): JsonObject => ({ model: "m", messages: [], ...more })
const messages = (...list: JsonObject[]): JsonObject => body({ messages: list })

describe("quirks", () => {
  test("rename the output limit either way, and never overwrite", () => {
    expect(quirks.olderLimit(body({ max_completion_tokens: 5 }), trial())).toEqual(body({ max_tokens: 5 }))
    expect(quirks.newerLimit(body({ max_tokens: 5 }), trial())).toEqual(body({ max_completion_tokens: 5 }))
    expect(quirks.newerLimit(body({ max_tokens: 5, max_completion_tokens: 7 }), trial())).toEqual(
      body({ max_completion_tokens: 7 }),
    )
  })

  test("drop fields with a notice for each that says something", () => {
    const exchange = trial()
    const drop = quirks.dropFields("logit_bias", "store", "verbosity")
    expect(drop(body({ store: true, verbosity: null, seed: 1 }), exchange)).toEqual(body({ seed: 1 }))
    expect(exchange.codes()).toEqual(["field-unsupported store"])
  })

  test("leave a body alone that has nothing to change", () => {
    const plain = messages({ role: "user", content: "hi" })
    for (const quirk of [
      quirks.olderLimit,
      quirks.mediaAfterResults,
      quirks.dropMessageFields("name"),
      quirks.customAsFunction,
    ]) {
      const exchange = trial()
      expect(quirk(plain, exchange)).toEqual(plain)
      expect(exchange.list()).toEqual([])
    }
  })

  test("turn developers into systems", () => {
    expect(
      quirks.developerToSystem(messages({ role: "developer", content: "x" }, { role: "user", content: "y" }), trial()),
    ).toEqual(messages({ role: "system", content: "x" }, { role: "user", content: "y" }))
  })

  test("take a field out of every message, or send thinking under one name", () => {
    const thought = {
      role: "assistant",
      content: "x",
      reasoning_content: "hm",
      reasoning_details: [{ type: "reasoning.text", text: "hm" }],
    }
    const exchange = trial()
    const drop = quirks.dropMessageFields("reasoning_content", "reasoning_details")
    expect(drop(messages(thought), exchange)).toEqual(messages({ role: "assistant", content: "x" }))
    expect(exchange.codes()).toEqual([
      "field-unsupported messages[*].reasoning_content",
      "field-unsupported messages[*].reasoning_details",
    ])
    expect(quirks.reasoningAs("reasoning")(messages(thought), trial())).toEqual(
      messages({ role: "assistant", content: "x", reasoning: "hm" }),
    )
  })

  test("move pictures of results behind all results of the turn", () => {
    const picture = { type: "image_url", image_url: { url: "data:image/png;base64,AA==" } }
    const exchange = trial()
    const moved = quirks.mediaAfterResults(
      messages(
        { role: "tool", tool_call_id: "a", content: [{ type: "text", text: "t" }, picture] },
        { role: "tool", tool_call_id: "b", content: "u" },
      ),
      exchange,
    )
    expect(moved).toEqual(
      messages(
        { role: "tool", tool_call_id: "a", content: [{ type: "text", text: "t" }] },
        { role: "tool", tool_call_id: "b", content: "u" },
        { role: "user", content: [picture] },
      ),
    )
    expect(exchange.codes()).toEqual(["block-adapted messages[*].blocks[*].content[*]"])
  })
})

describe("free-text tools as functions", () => {
  function imitated() {
    const hub = openaiChat.request.decode(fixture("requests", "custom-tool"), () => {})
    const exchange = trial({ request: hub })
    return { exchange, body: quirks.customAsFunction(encodeRequest(hub, exchange), exchange) }
  }

  test("are declared, called and chosen as such", () => {
    const { body, exchange } = imitated()
    expect(asArray(body.tools)?.map((tool) => asObject(tool)?.type ?? null)).toEqual(["function", "function"])
    expect(body.tool_choice).toEqual({ type: "function", function: { name: "run_code" } })
    expect(asObject(asArray(body.messages)?.[1])?.tool_calls).toEqual([
      { id: "call_code01", type: "function", function: { name: "run_code", arguments: '{"input":"print(\\"hi\\")\\n"}' } },
    ])
    expect(exchange.codes()).toContain("emulated tools[*].run_code")
  })

  test("are free text again in the answer, whole and streamed", () => {
    const { exchange } = imitated()
    const call = { index: 0, id: "x", type: "function", function: { name: "run_code", arguments: '{"input":"2\\n"}' } }
    const choice = { index: 0, message: { role: "assistant", content: null, tool_calls: [call] }, finish_reason: "tool_calls" }
    const expected = { type: "tool-call", name: "run_code", form: "text", input: "2\n" }
    const whole = openaiChat.response.decode({ id: "c", model: "m", choices: [choice] }, exchange)
    expect(whole.candidates[0]?.messages[0]?.blocks[0]).toMatchObject(expected)
    const pieces = ['{"inp', 'ut":"2', '\\n"}'].map((text) =>
      chunk({ tool_calls: [{ index: 0, function: { arguments: text } }] }),
    )
    const streamed = fold(
      [
        chunk({ tool_calls: [{ ...call, function: { name: "run_code", arguments: "" } }] }),
        ...pieces,
        chunk({}, "tool_calls"),
        done,
      ],
      exchange,
    )
    expect(streamed.candidates[0]?.messages[0]?.blocks[0]).toMatchObject(expected)
  })
})
