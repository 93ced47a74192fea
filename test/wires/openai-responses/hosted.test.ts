import { expect, test } from "bun:test"
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { asArray, asObject, asString, type Json, type JsonObject, parseJson } from "../../../src/lib/json.ts"
import { anthropicMessages } from "../../../src/wires/anthropic-messages/index.ts"
import { openaiChat } from "../../../src/wires/openai-chat/index.ts"
import { openaiResponses } from "../../../src/wires/openai-responses/index.ts"
import { trial } from "../../conformance/exchange.ts"

const fixture = join(import.meta.dir, "../../fixtures/openai-responses/responses/hosted-tools.json")
const answer = parseJson(readFileSync(fixture, "utf8"))

const objects = (json: Json | undefined): readonly JsonObject[] => (asArray(json) ?? []).map((one) => asObject(one) ?? {})
const vendors = objects(asObject(answer)?.output)

/** What a Messages caller is shown of the answer. */
function shown(): readonly JsonObject[] {
  const exchange = trial(anthropicMessages, openaiResponses)
  const hub = openaiResponses.response.decode(answer, exchange)
  return objects(asObject(anthropicMessages.response.encode(hub, exchange))?.content)
}

/** The history that such a caller sends with its next request, for a target. */
function echoed(content: readonly JsonObject[], target: typeof openaiResponses) {
  const body = {
    model: "m",
    max_tokens: 16,
    messages: [
      { role: "user", content: "Tides?" },
      { role: "assistant", content },
      { role: "user", content: "Thanks." },
    ],
  }
  const request = anthropicMessages.request.decode(body, () => {})
  const exchange = trial(anthropicMessages, target, { request })
  return { body: asObject(target.request.encode(request, exchange)) ?? {}, notices: exchange.list() }
}

const typed = (list: readonly JsonObject[], type: string) => list.filter((one) => one.type === type)

test("a Messages caller sees what the vendor searched, found and ran, each in a form that its vendor has", () => {
  const content = shown()
  const calls = typed(content, "server_tool_use")
  expect(calls.map(({ name, input }) => [name, input] as unknown)).toEqual([
    ["web_search", { type: "search", query: "tides today", queries: ["tides today"] }],
    ["web_search", { type: "open_page", url: "https://example.com/tides" }],
    ["web_search", { type: "search", query: "moon" }],
    ["code_execution", { code: "print(4.2 - 2.1)\nplot()" }],
  ])
  expect(new Set(calls.map(({ id }) => id as unknown)).size).toBe(4)
  for (const { id } of calls) expect(id).toMatch(/^srvtoolu_[a-zA-Z0-9_]+$/)
  const [found, failed] = typed(content, "web_search_tool_result")
  expect([found?.tool_use_id, failed?.tool_use_id]).toEqual([calls[0]?.id, calls[2]?.id])
  expect(objects(found?.content).map(({ url }) => url as unknown)).toEqual(["https://example.com/tides"])
  expect(asObject(failed?.content)?.type).toBe("web_search_tool_result_error")
  expect(typed(content, "mcp_tool_use").map(({ name, server_name, input }) => [name, server_name, input] as unknown)).toEqual([
    ["get_level", "harbour", { port: "Brest" }],
    ["get_level", "harbour", { port: "Atlantis" }],
  ])
  expect(typed(content, "mcp_tool_result").map(({ is_error, content: said }) => [is_error, said] as unknown)).toEqual([
    [false, [{ type: "text", text: "4.2 m at noon" }]],
    [true, [{ type: "text", text: "no such port" }]],
  ])
  expect(content.at(-1)).toEqual({ type: "text", text: "It is 42." })
})

test("the vendor gets its items back with all that it keeps in them", () => {
  const items = objects(echoed(shown(), openaiResponses).body.input)
  const of = (id: string) => items.find((item) => item.id === id)
  expect(asString(of("mcp_1")?.arguments) === undefined ? undefined : parseJson(asString(of("mcp_1")?.arguments) ?? "")).toEqual({
    port: "Brest",
  })
  expect(of("mcp_2")).toEqual(vendors[5] as never)
  expect(of("ci_1")).toMatchObject({ container_id: "cntr_1", code: "print(4.2 - 2.1)\nplot()" })
  expect(of("ws_1")).toMatchObject({ status: "completed", action: { query: "tides today" } })
  expect(of("ws_2")).toEqual(vendors[1] as never)
})

test("no other vendor gets them", () => {
  const { body, notices } = echoed(shown(), anthropicMessages)
  const sent = objects(body.messages).flatMap(({ content }) => objects(content).map(({ type }) => type as unknown))
  expect(new Set(sent)).toEqual(new Set(["text"]))
  expect(JSON.stringify(body)).not.toContain("ws_1")
  expect(notices.map(({ code }) => code)).toContain("seal-foreign")
})

test.each([
  ["who gives the seals back", () => true],
  ["who does not", ({ type }: JsonObject) => type !== "redacted_thinking"],
])("the vendor of the format gets nothing that it would refuse from a caller %s, whatever its lane", (_, keeps) => {
  const content = shown().filter(keeps)
  const history = new TextEncoder().encode(JSON.stringify({ model: "m", messages: [{ role: "assistant", content }] }))
  expect(anthropicMessages.head.read(history).enveloped).toBe(true)
  const { body } = echoed(content, anthropicMessages)
  expect(JSON.stringify(body)).not.toContain("gantryseal1")
  const sent = objects(body.messages).flatMap((message) => objects(message.content).map(({ type }) => type as unknown))
  expect(new Set(sent)).toEqual(new Set(["text"]))
})

test("a caller who gives back no seals is told that the calls are gone, and their vendor gets their words", () => {
  const { body, notices } = echoed(
    shown().filter(({ type }) => type !== "redacted_thinking"),
    openaiResponses,
  )
  expect(JSON.stringify(body)).not.toContain("gantryseal1")
  expect(new Set(objects(body.input).map(({ type }) => type as unknown))).toEqual(new Set(["message"]))
  expect(JSON.stringify(body)).toContain("4.2 m at noon")
  expect(notices).toContainEqual(expect.objectContaining({ code: "block-unsupported", path: "messages[*].blocks[*]" }))
})

test("a Chat caller gets the words alone, and is told", () => {
  const exchange = trial(openaiChat, openaiResponses)
  const body = openaiChat.response.encode(openaiResponses.response.decode(answer, exchange), exchange)
  const message = asObject(objects(asObject(body)?.choices)[0]?.message)
  expect(message?.content).toBe("It is 42.")
  expect(message?.tool_calls ?? message?.reasoning_details).toBeUndefined()
  expect(exchange.list()).toContainEqual(expect.objectContaining({ code: "block-unsupported" }))
})
