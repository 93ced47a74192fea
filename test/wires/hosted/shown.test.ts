import { describe, expect, test } from "bun:test"
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { asArray, asObject, asString, type Json, type JsonObject, parseJson } from "../../../src/lib/json.ts"
import { anthropicMessages } from "../../../src/wires/anthropic-messages/index.ts"
import { openaiChat } from "../../../src/wires/openai-chat/index.ts"
import { openaiResponses } from "../../../src/wires/openai-responses/index.ts"
import { trial } from "../../conformance/exchange.ts"
import { accumulated } from "../../conformance/sdk.ts"
import { decodeFrames, encodeSteps, framesOf } from "../../conformance/streams.ts"

const folder = join(import.meta.dir, "../../fixtures/anthropic-messages")
const answer = parseJson(readFileSync(join(folder, "responses/hosted-tools.json"), "utf8"))
const stream = readFileSync(join(folder, "streams/hosted-tools.sse"))

const objects = (json: Json | undefined): readonly JsonObject[] => (asArray(json) ?? []).map((one) => asObject(one) ?? {})
const vendors = objects(asObject(answer)?.content)

/** What a Responses caller is shown of the answer. */
function whole(): readonly JsonObject[] {
  const exchange = trial(openaiResponses, anthropicMessages)
  const hub = anthropicMessages.response.decode(answer, exchange)
  return objects(asObject(openaiResponses.response.encode(hub, exchange))?.output)
}

function sent() {
  const exchange = trial(openaiResponses, anthropicMessages)
  return encodeSteps(openaiResponses, exchange, decodeFrames(anthropicMessages, exchange, framesOf([stream]), "cut"))
}

const frames = (): readonly JsonObject[] => sent().map(({ data }) => asObject(parseJson(data)) ?? {})

const streamed = (): readonly JsonObject[] =>
  objects(asObject(frames().find(({ type }) => type === "response.completed")?.response)?.output)

/** The history that such a caller sends with its next request, for a target. */
function echoed(output: readonly JsonObject[], target: typeof anthropicMessages) {
  const input = [{ role: "user", content: "Tides?" }, ...output, { role: "user", content: "Thanks." }]
  const request = openaiResponses.request.decode({ model: "m", input }, () => {})
  const exchange = trial(openaiResponses, target, { request })
  const body = asObject(target.request.encode(request, exchange)) ?? {}
  return { body, text: JSON.stringify(body), told: exchange.list().map(({ code, path }) => `${code} ${path}`) }
}

const sealed = ({ type }: JsonObject): boolean => type !== "reasoning"
const pick = (items: readonly JsonObject[], type: string): readonly JsonObject[] => items.filter((item) => item.type === type)

describe.each([
  ["whole", whole],
  ["streamed", streamed],
])("an answer that came %s", (_, shown) => {
  test("shows what was searched, opened, run and called, each in a form that the caller's vendor has", () => {
    const searches = pick(shown(), "web_search_call")
    const page = { type: "url", url: "https://example.com/tides" }
    const moon = { type: "url", url: "https://example.com/moon" }
    expect(searches.map(({ status, action }) => [status, action] as unknown)).toEqual([
      ["completed", { type: "search", query: "tides today", queries: ["tides today"], sources: [page, moon] }],
      ["failed", { type: "search", query: "moon", queries: ["moon"] }],
      ["completed", { type: "open_page", url: "https://example.com/tides" }],
    ])
    const [ran] = pick(shown(), "code_interpreter_call")
    expect(ran).toMatchObject({ status: "completed", code: "echo 4.2", outputs: [{ type: "logs", logs: "4.2\n" }] })
    expect(pick(shown(), "mcp_call")).toMatchObject([
      { name: "get_level", server_label: "harbour", arguments: '{"port":"Brest"}', output: "4.2 m at noon", error: null },
      { status: "failed", arguments: '{"port":"Atlantis"}', output: null, error: "no such port" },
    ])
    expect(shown().at(-1)).toMatchObject({ type: "message", content: [{ text: "It is 4.2 m." }] })
  })

  test("goes home as it was, encrypted contents and all", () => {
    const { body, text } = echoed(shown(), anthropicMessages)
    const content = objects(objects(body.messages)[1]?.content)
    for (const block of vendors) expect(content).toContainEqual(block as never)
    expect(content).toHaveLength(vendors.length)
    expect(content.map(({ id }) => asString(id)).filter((id) => id !== undefined)).toEqual([
      "srvtoolu_01A",
      "srvtoolu_01B",
      "srvtoolu_01C",
      "srvtoolu_01D",
      "srvtoolu_01E",
      "mcptoolu_01F",
      "mcptoolu_01G",
      "srvtoolu_01H",
    ])
    expect(text).not.toContain("gantryseal1")
  })

  test.each([
    ["who gives the seals back", () => true],
    ["who does not", sealed],
  ])("reaches no other vendor with its ids or seals, from a caller %s", (_who, keeps) => {
    const output = shown().filter(keeps)
    const history = new TextEncoder().encode(JSON.stringify({ model: "m", input: output }))
    expect(openaiResponses.head.read(history).enveloped).toBe(true)
    for (const target of [openaiResponses, openaiChat]) {
      const { text, told } = echoed(output, target)
      expect(text).not.toContain("gantryseal1")
      expect(text).not.toContain("toolu_")
      expect(text).not.toContain("EqgfCioIARgB")
      expect(told).toContain("block-unsupported messages[*].blocks[*]")
    }
    const { body, text } = echoed(output, openaiResponses)
    expect(text).toContain("4.2 m at noon")
    expect(text).toContain("https://example.com/moon")
    const parts = objects(body.input).flatMap(({ content }) => objects(content).map(({ type }) => type as unknown))
    expect(new Set(parts)).toEqual(new Set(["output_text"]))
    for (const message of objects(echoed(output, openaiChat).body.messages)) expect(message.content).not.toBeNull()
  })

  test("sends its own vendor no half of what it ran, from a caller who does not give the seals back", () => {
    const { body, text, told } = echoed(shown().filter(sealed), anthropicMessages)
    const types = objects(body.messages).flatMap(({ content }) => objects(content).map(({ type }) => type as unknown))
    expect(new Set(types)).toEqual(new Set(["text"]))
    expect(text).not.toContain("gantryseal1")
    expect(told).toContain("block-unsupported messages[*].blocks[*]")
  })

  test("a call that the caller has changed does not go home as if they had not", () => {
    const changed = shown().map((item) => (item.type === "mcp_call" ? { ...item, arguments: '{"port":"Lyon"}' } : item))
    const { text, told } = echoed(changed, anthropicMessages)
    expect(text).not.toContain("mcptoolu_")
    expect(text).not.toContain("Brest")
    expect(told).toContain("block-unsupported messages[*].blocks[*]")
  })
})

test("what the official SDK puts together from the stream goes home as it was", async () => {
  const final = await accumulated("openai-responses", sent())
  const { body } = echoed(objects(asObject(final)?.output), anthropicMessages)
  const content = objects(objects(body.messages)[1]?.content)
  for (const block of vendors) expect(content).toContainEqual(block as never)
})

test("a Messages caller's own history reaches other vendors in words, without what only its vendor opens", () => {
  const messages = [
    { role: "user", content: "Tides?" },
    { role: "assistant", content: vendors },
  ]
  const request = anthropicMessages.request.decode({ model: "m", max_tokens: 16, messages }, () => {})
  const text = JSON.stringify(openaiResponses.request.encode(request, trial(anthropicMessages, openaiResponses, { request })))
  expect(text).toContain("https://example.com/moon")
  expect(text).toContain("4.2 m at noon")
  expect(text).not.toContain("EqgfCioIARg")
  expect(text).not.toContain("toolu_")
})

test("frames come in the order of their items, each told as it begins and as it ends", () => {
  const all = frames().filter(({ output_index }) => output_index !== undefined)
  const added = all.filter(({ type }) => type === "response.output_item.added").map(({ output_index }) => output_index as unknown)
  expect(added).toEqual(added.map((_, index) => index))
  const first = all.filter(({ output_index }) => output_index === 0)
  expect(first.map(({ type, item }) => [type, asObject(item)?.status ?? null] as unknown)).toEqual([
    ["response.output_item.added", "in_progress"],
    ["response.web_search_call.in_progress", null],
    ["response.web_search_call.completed", null],
    ["response.output_item.done", "completed"],
  ])
})
