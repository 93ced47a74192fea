import { expect, test } from "bun:test"
import { deriveId, shownId } from "../../src/core/id.ts"
import { reply } from "../support/answers/turn.ts"
import { json } from "../support/upstream/well-formed.ts"
import { fakeUpstream } from "../support/upstream.ts"
import { gatewayWith, messages, post, provider, responses } from "./gateway.ts"

const historyWith = (content: readonly object[], results: readonly object[]): object => ({
  messages: [
    { role: "user", content: "Tides?" },
    { role: "assistant", content },
    { role: "user", content: [...results, { type: "text", text: "Go on." }] },
  ],
})

/** A vendor of the caller's own format, which checks ids as the real one does. */
async function vendor() {
  const upstream = await fakeUpstream()
  upstream.on((request) => {
    const ids = [...request.text().matchAll(/"type":"tool_use","id":"([^"]*)"/g)].map(([, id]) => id ?? "")
    const served = [...request.text().matchAll(/"type":"server_tool_use","id":"([^"]*)"/g)].map(([, id]) => id ?? "")
    if (!served.every((id) => /^srvtoolu_[a-zA-Z0-9_]+$/.test(id))) {
      const message = "messages.1.content.0.server_tool_use.id: String should match pattern '^srvtoolu_[a-zA-Z0-9_]+$'"
      return json(400, { type: "error", error: { type: "invalid_request_error", message } })
    }
    if (ids.every((id) => /^[a-zA-Z0-9_-]+$/.test(id))) return reply(messages.voice, request.json(), { text: "fine" })
    const message = "messages.1.content.0.tool_use.id: String should match pattern '^[a-zA-Z0-9_-]+$'"
    return json(400, { type: "error", error: { type: "invalid_request_error", message } })
  })
  return upstream
}

test("an id that another vendor gave a call is replaced where this vendor refuses it, in the call and its result", async () => {
  await using upstream = await vendor()
  await using gateway = await gatewayWith({ providers: { own: provider(upstream.url, { base: "anthropic" }) } })
  const call = { type: "tool_use", id: "functions.tides:0", name: "tides", input: {} }
  const result = { type: "tool_result", tool_use_id: "functions.tides:0", content: "4.2 m" }
  const response = await post(gateway, messages, messages.body("own/m", historyWith([call], [result])))
  expect(response.status).toBe(200)
  const [first, second] = upstream.requests.map((request) => request.text())
  expect(first).toContain("functions.tides:0")
  expect(second).not.toContain("functions.tides:0")
  const [, id] = /"tool_use","id":"([^"]*)"/.exec(second ?? "") ?? []
  expect(second).toContain(`"tool_use_id":"${id}"`)
})

test("what the tool of another server of the format did is said in words where this vendor refuses its id", async () => {
  await using upstream = await vendor()
  await using gateway = await gatewayWith({ providers: { own: provider(upstream.url, { base: "anthropic" }) } })
  const own = { type: "server_tool_use", id: "srvtoolu_01A", name: "web_search", input: { query: "moon" } }
  const page = { type: "web_search_result", url: "https://example.com/", title: "Tides", encrypted_content: "E", page_age: null }
  const said = [
    { type: "server_tool_use", id: "call_50b82aba", name: "analyze_image", input: {} },
    { type: "analyze_image_tool_result", tool_use_id: "call_50b82aba", content: { stdout: "a harbour at low tide" } },
    own,
    { type: "web_search_tool_result", tool_use_id: "srvtoolu_01A", content: [page] },
    { type: "text", text: "It is low." },
  ]
  const response = await post(gateway, messages, messages.body("own/m", historyWith(said, [])))
  expect(response.status).toBe(200)
  expect(upstream.requests).toHaveLength(2)
  expect(upstream.requests[0]?.text()).toContain("call_50b82aba")
  const second = upstream.requests[1]?.text() ?? ""
  expect(second).not.toContain("call_50b82aba")
  expect(second).not.toContain("analyze_image_tool_result")
  expect(second).toContain("a harbour at low tide")
  expect(upstream.requests[1]?.json()).toMatchObject({
    messages: [{}, { content: [{ type: "text" }, own, said[3], said[4]] }, {}],
  })
  expect(response.headers.get("x-gantry-notices")).toContain("block-unsupported")
})

test("what another vendor's tool did never reaches the caller's own, though the caller gives back nothing but that", async () => {
  await using upstream = await vendor()
  await using gateway = await gatewayWith({ providers: { own: provider(upstream.url, { base: "anthropic" }) } })
  const id = shownId("srvtoolu_", "ws_1")
  const shown = [
    { type: "server_tool_use", id, name: "web_search", input: { query: "tides" } },
    { type: "text", text: "It is high." },
  ]
  const response = await post(gateway, messages, messages.body("own/m", historyWith(shown, [])))
  expect(response.status).toBe(200)
  expect(response.headers.get("x-gantry-lane")).toBe("translate")
  expect(response.headers.get("x-gantry-notices")).toContain("block-unsupported")
  expect(upstream.requests).toHaveLength(1)
  expect(upstream.requests[0]?.json()).toMatchObject({ messages: [{}, { content: [{ text: "It is high." }] }, {}] })
  expect(upstream.requests[0]?.text()).not.toContain(id)
})

test.each([
  ["the gateway", deriveId("message", "another answer")],
  ["another vendor", "item_3bc5a3fa8ccde25f"],
])("the id that %s gave a message is left out where the vendor refuses it", async (_, id) => {
  await using upstream = await checking()
  await using gateway = await gatewayWith({ providers: { openai: builtin(upstream.url) } })
  const said = { type: "message", role: "assistant", id, status: "completed", content: [{ type: "output_text", text: "High." }] }
  const input = [{ role: "user", content: "Tides?" }, said, { role: "user", content: "Go on." }]
  const response = await post(gateway, responses, responses.body("openai/gpt-5.4", { input }))
  expect(response.status).toBe(200)
  expect(upstream.requests).toHaveLength(2)
  expect(upstream.requests[1]?.text()).not.toContain(id)
  expect(upstream.requests[1]?.json()).toMatchObject({ input: [{}, { role: "assistant", content: [{ text: "High." }] }, {}] })
})

test("a reference to what a caller was shown of another vendor's tool is left out, and that is told", async () => {
  await using upstream = await checking()
  await using gateway = await gatewayWith({ providers: { openai: builtin(upstream.url) } })
  const input = [
    { role: "user", content: "Tides?" },
    { type: "item_reference", id: shownId("ws_", "srvtoolu_01A") },
  ]
  const response = await post(gateway, responses, responses.body("openai/gpt-5.4", { input }))
  expect(response.status).toBe(200)
  expect(upstream.requests).toHaveLength(1)
  expect(upstream.requests[0]?.json()).toMatchObject({ input: [{ role: "user" }] })
  expect(upstream.requests[0]?.text()).not.toContain("item_reference")
  expect(response.headers.get("x-gantry-notices")).toContain("pin-unsupported")
})

/** A vendor of Responses, which knows its own messages by their ids. */
async function checking() {
  const upstream = await fakeUpstream()
  upstream.on((request) => {
    const [, id] = /"id":"((?!msg_)[^"]*)"/.exec(request.text()) ?? []
    if (id === undefined) return reply(responses.voice, request.json(), { text: "fine" })
    const message = `Invalid 'input[1].id': '${id}'. Expected an ID that begins with 'msg'.`
    return json(400, { error: { message, type: "invalid_request_error", param: "input[1].id", code: "invalid_value" } })
  })
  return Object.assign(upstream, { [Symbol.asyncDispose]: () => upstream.stop() })
}

const builtin = (url: string) => ({
  keys: [{ name: "only", value: "sk-test-0123456789abcdef", models: ["*"], weight: 1 }],
  network_config: { base_url: url, max_retries: 0 },
})
