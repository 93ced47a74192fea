import { describe, expect, test } from "bun:test"
import { asArray, asObject, type Json, type JsonObject, parseJson, stringifyJson } from "../../../src/lib/json.ts"
import { anthropicMessages } from "../../../src/wires/anthropic-messages/index.ts"
import { openaiChat } from "../../../src/wires/openai-chat/index.ts"
import { openaiResponses } from "../../../src/wires/openai-responses/index.ts"
import { trial } from "../../conformance/exchange.ts"
import { accumulated } from "../../conformance/sdk.ts"
import { decodeFrames, encodeSteps, framesOf } from "../../conformance/streams.ts"

const objects = (json: Json | undefined): readonly JsonObject[] => (asArray(json) ?? []).map((one) => asObject(one) ?? {})

const call = (id: string, name: string, input: JsonObject = {}): JsonObject => ({ type: "server_tool_use", id, name, input })
const said = (text: string): JsonObject => ({ type: "text", text })
const advice = { type: "advisor_result", text: "Ask the harbour master." }
const found = { type: "tool_search_tool_search_result", tool_references: [{ type: "tool_reference", tool_name: "get_level" }] }
const page = { type: "web_search_result", url: "https://example.com/", title: "Tides", encrypted_content: "EqgfCioIARgB" }

/** What no item of Responses shows: an advisor, and a search for tools, one of them beside a search of the web. */
const content: readonly JsonObject[] = [
  said("I ask."),
  call("srvtoolu_01A", "advisor"),
  { type: "advisor_tool_result", tool_use_id: "srvtoolu_01A", content: advice },
  said("I look."),
  call("srvtoolu_01B", "tool_search_tool_bm25", { query: "tides" }),
  call("srvtoolu_01C", "web_search", { query: "tides" }),
  { type: "tool_search_tool_result", tool_use_id: "srvtoolu_01B", content: found },
  { type: "web_search_tool_result", tool_use_id: "srvtoolu_01C", content: [page] },
  said("It is 4.2 m."),
]

const usage = { input_tokens: 5, output_tokens: 2 }
const head = { id: "msg_01", type: "message", role: "assistant", model: "m", stop_sequence: null, usage }

/** The answer as the vendor streams it. */
function frames(): Uint8Array {
  const blocks = content.flatMap((block, index) => {
    const begun =
      block.type === "text" ? { ...block, text: "" } : block.type === "server_tool_use" ? { ...block, input: {} } : block
    const delta =
      block.type === "text"
        ? [{ type: "text_delta", text: block.text ?? "" }]
        : block.type === "server_tool_use"
          ? [{ type: "input_json_delta", partial_json: stringifyJson(block.input ?? {}) }]
          : []
    return [
      { type: "content_block_start", index, content_block: begun },
      ...delta.map((one) => ({ type: "content_block_delta", index, delta: one })),
      { type: "content_block_stop", index },
    ]
  })
  const all = [
    { type: "message_start", message: { ...head, content: [], stop_reason: null } },
    ...blocks,
    { type: "message_delta", delta: { stop_reason: "end_turn", stop_sequence: null }, usage },
    { type: "message_stop" },
  ]
  return new TextEncoder().encode(all.map((one) => `event: ${one.type}\ndata: ${stringifyJson(one)}\n\n`).join(""))
}

function whole(): readonly JsonObject[] {
  const exchange = trial(openaiResponses, anthropicMessages)
  const hub = anthropicMessages.response.decode({ ...head, content, stop_reason: "end_turn" }, exchange)
  return objects(asObject(openaiResponses.response.encode(hub, exchange))?.output)
}

function sent() {
  const exchange = trial(openaiResponses, anthropicMessages)
  return encodeSteps(openaiResponses, exchange, decodeFrames(anthropicMessages, exchange, framesOf([frames()]), "cut"))
}

const told = (): readonly JsonObject[] => sent().map(({ data }) => asObject(parseJson(data)) ?? {})
const streamed = (): readonly JsonObject[] =>
  objects(asObject(told().find(({ type }) => type === "response.completed")?.response)?.output)

/** What a target's vendor is sent of a history. */
function echoed(items: readonly JsonObject[], target: typeof anthropicMessages) {
  const input = [{ role: "user", content: "Tides?" }, ...items, { role: "user", content: "Thanks." }]
  const notices: string[] = []
  const request = openaiResponses.request.decode({ model: "m", input }, ({ code, path }) => notices.push(`${code} ${path}`))
  const exchange = trial(openaiResponses, target, { request })
  const body = asObject(target.request.encode(request, exchange)) ?? {}
  for (const { code, path } of exchange.list()) notices.push(`${code} ${path}`)
  return { body, text: JSON.stringify(body), notices, content: objects(objects(body.messages)[1]?.content) }
}

describe.each([
  ["whole", whole],
  ["streamed", streamed],
])("an answer that came %s", (_, shown) => {
  test("shows a caller nothing of what it has no form for but a seal", () => {
    const text = JSON.stringify(shown().map(({ encrypted_content: _sealed, ...item }) => item))
    expect(text).not.toContain("harbour master")
    expect(text).not.toContain("srvtoolu_")
    expect(shown().filter(({ type }) => type === "reasoning")).toHaveLength(3)
  })

  test("goes home as it was and in its order", () => {
    const { content: back, text } = echoed(shown(), anthropicMessages)
    const expected = [...content]
    expected.splice(6, 2)
    expected.splice(5, 0, content[6] ?? {})
    expected.splice(7, 0, content[7] ?? {})
    expect(back).toEqual(expected)
    expect(text).not.toContain("gantryseal1")
  })

  test("reaches no other vendor", () => {
    for (const target of [openaiResponses, openaiChat]) {
      const { text, notices } = echoed(shown(), target)
      for (const word of ["gantryseal1", "toolu_", "harbour master", "get_level", "EqgfCioIARgB"])
        expect(text).not.toContain(word)
      expect(notices).toContain("block-unsupported messages[*].blocks[*]")
    }
  })

  test("reads the same to a gateway that stands before this one", () => {
    const exchange = trial(openaiResponses, openaiResponses)
    const [candidate] = openaiResponses.response.decode({ id: "r", status: "completed", output: shown() }, exchange).candidates
    const calls = (candidate?.messages ?? []).flatMap(({ blocks }) => blocks.filter(({ type }) => type === "tool-call"))
    expect(calls.map(({ seal }) => seal?.id)).toEqual(["srvtoolu_01A", "srvtoolu_01B", "srvtoolu_01C"])
    expect(exchange.list()).toEqual([])
  })

  describe("a reference to what was shown of it", () => {
    const referred = () =>
      shown().map((item) => (item.type === "web_search_call" ? { type: "item_reference", id: item.id ?? "" } : item))

    test("goes home where the seal came with it", () => {
      expect(echoed(referred(), anthropicMessages).content).toEqual(echoed(shown(), anthropicMessages).content)
    })

    test("is left out where it did not, and that is told", () => {
      const bare = referred().filter(({ type }) => type !== "reasoning")
      for (const target of [anthropicMessages, openaiResponses, openaiChat]) {
        const { text, notices } = echoed(bare, target)
        expect(text).not.toContain("gantryseal1")
        expect(text).not.toContain("item_reference")
        expect(text).toContain("It is 4.2 m.")
        expect(notices).toContain("pin-unsupported messages[*].blocks[*]")
      }
    })

    test("reaches no other vendor", () => {
      for (const target of [openaiResponses, openaiChat]) {
        const { text, notices } = echoed(referred(), target)
        expect(text).not.toContain("gantryseal1")
        expect(text).not.toContain("item_reference")
        expect(notices).toContain("block-unsupported messages[*].blocks[*]")
      }
    })
  })
})

test("what the official SDK puts together from the stream goes home as it was", async () => {
  const final = await accumulated("openai-responses", sent())
  expect(echoed(objects(asObject(final)?.output), anthropicMessages).content).toEqual(echoed(whole(), anthropicMessages).content)
})

test("a stream read by a gateway before this one has the same calls", () => {
  const exchange = trial(openaiResponses, openaiResponses)
  const steps = decodeFrames(openaiResponses, exchange, sent(), "eof")
  const starts = steps.flatMap(({ events }) => events.filter((event) => event.type === "block-start"))
  const sealed = starts.flatMap(({ block }) => (block.type === "tool-call" && block.name === "" ? [block.seal?.id] : []))
  expect(sealed).toEqual(["srvtoolu_01A", "srvtoolu_01B"])
})

test("each item is announced and done once, under the index that it has in the whole answer", () => {
  const all = told()
  const output = objects(asObject(all.find(({ type }) => type === "response.completed")?.response)?.output)
  for (const type of ["response.output_item.added", "response.output_item.done"]) {
    const items = all
      .filter((frame) => frame.type === type)
      .map(({ output_index, item }) => [output_index, asObject(item)?.id] as const)
    const indices = items.map(([index]) => Number(index))
    expect(new Set(indices)).toEqual(new Set(output.map((_, index) => index)))
    expect(indices).toHaveLength(output.length)
  }
})

test("a reference to what the vendor keeps goes to it", () => {
  const { body } = echoed([{ type: "item_reference", id: "msg_0123" }], openaiResponses)
  expect(objects(body.input)[1]).toEqual({ type: "item_reference", id: "msg_0123" })
})
