import { describe, expect, test } from "bun:test"
import type { Wire } from "../../../src/core/wire.ts"
import { asArray, asObject, type Json, type JsonObject } from "../../../src/lib/json.ts"
import { anthropicMessages } from "../../../src/wires/anthropic-messages/index.ts"
import { openaiChat } from "../../../src/wires/openai-chat/index.ts"
import { openaiResponses } from "../../../src/wires/openai-responses/index.ts"
import { trial } from "../../conformance/exchange.ts"

const all = ["web-search", "code-execution", "mcp", "thinking-budget"]

/** What the target's vendor is told to choose, and what the caller is told. */
function sent(client: Wire, target: Wire, tools: readonly Json[], choice: Json, more: JsonObject = {}, features = all) {
  const turns = client === openaiResponses ? { input: "Tides?" } : { messages: [{ role: "user", content: "Tides?" }] }
  const body = { model: "m", ...(client === anthropicMessages ? { max_tokens: 4_096 } : {}), ...turns, tools, ...more }
  const request = client.request.decode({ ...body, tool_choice: choice }, () => {})
  const exchange = trial(client, target, { request, features })
  const encoded = asObject(target.request.encode(request, exchange)) ?? {}
  const told = exchange.list().map(({ code, path, effect }) => `${effect} ${code} ${path}`)
  return { body: encoded, choice: encoded.tool_choice, told }
}

const dropped = "dropped tool-choice-unsupported toolChoice"
const adapted = "adapted tool-choice-unsupported toolChoice"

const search = { type: "web_search_20250305", name: "web_search" }
const code = { type: "code_execution_20250825", name: "code_execution" }
const server = { type: "mcp", server_label: "harbour", server_url: "https://example.com/mcp", require_approval: "never" }
const mcp_servers = [{ type: "url", name: "harbour", url: "https://example.com/mcp" }]
const toolset = {
  type: "mcp_toolset",
  mcp_server_name: "harbour",
  default_config: { enabled: false },
  configs: { get_level: { enabled: true } },
}
const named = (name: string): Json => ({ type: "tool", name })

test.each(["web_search", "web_search_2025_08_26", "web_search_preview", "web_search_preview_2025_03_11"])(
  "a choice of %s is one of the search that is declared in its place",
  (type) => {
    const { choice, told } = sent(openaiResponses, anthropicMessages, [{ type }], { type })
    expect(choice).toEqual({ type: "tool", name: "web_search" })
    expect(told).toContain(adapted)
    expect(told).not.toContain(dropped)
  },
)

test("code that must be run must be run elsewhere too", () => {
  const interpreter = { type: "code_interpreter", container: { type: "auto" } }
  const there = sent(openaiResponses, anthropicMessages, [interpreter], { type: "code_interpreter" })
  expect(there.choice).toEqual({ type: "tool", name: "code_execution" })
  const back = sent(anthropicMessages, openaiResponses, [code], named("code_execution"))
  expect(back.choice).toEqual({ type: "code_interpreter" })
  expect(back.told).toContain(adapted)
})

test("a search that must be made must be made elsewhere too", () => {
  const { choice, told } = sent(anthropicMessages, openaiResponses, [search], named("web_search"))
  expect(choice).toEqual({ type: "web_search" })
  expect(told).toContain(adapted)
})

test("one tool of a server is chosen by the server's label and its name", () => {
  const { choice } = sent(anthropicMessages, openaiResponses, [toolset], named("get_level"), { mcp_servers })
  expect(choice).toEqual({ type: "mcp", server_label: "harbour", name: "get_level" })
})

test("a server cannot be chosen where only names can, and that is told", () => {
  for (const choice of [
    { type: "mcp", server_label: "harbour" },
    { type: "mcp", server_label: "harbour", name: "get_level" },
  ]) {
    const { body, told } = sent(openaiResponses, anthropicMessages, [server], choice)
    expect(body.tool_choice).toBeUndefined()
    expect(told).toContain(dropped)
    expect(told.filter((one) => one.includes("server_label"))).toEqual([])
  }
})

const unfit: readonly (readonly [string, Wire, Wire, readonly Json[], Json])[] = [
  ["left out", openaiResponses, anthropicMessages, [{ type: "web_search", external_web_access: false }], { type: "web_search" }],
  ["not there", openaiResponses, anthropicMessages, [server], { type: "web_search" }],
  ["of no other vendor's", openaiResponses, anthropicMessages, [{ type: "image_generation" }], { type: "image_generation" }],
  [
    "of no other vendor's, the other way",
    anthropicMessages,
    openaiResponses,
    [{ ...search, type: "web_fetch_20250910" }],
    named("web_search"),
  ],
  ["none that Chat knows", anthropicMessages, openaiChat, [search], named("web_search")],
  ["none that Chat knows, from Responses", openaiResponses, openaiChat, [{ type: "web_search" }], { type: "web_search" }],
]

test.each(unfit)("a tool that is %s is not chosen, and that is told", (_, client, target, tools, choice) => {
  const reply = sent(client, target, tools, choice)
  expect(reply.body.tool_choice).toBeUndefined()
  expect(reply.told).toContain(dropped)
})

test("a server of the format that is not the vendor's is told to choose none of them", () => {
  const there = sent(openaiResponses, anthropicMessages, [{ type: "web_search" }], { type: "web_search" }, {}, [])
  expect([there.choice, there.told.includes(dropped)]).toEqual([undefined, true])
  const back = sent(anthropicMessages, openaiResponses, [search], named("web_search"), {}, [])
  expect([back.choice, back.told.includes(dropped)]).toEqual([undefined, true])
})

test("a function of the caller's that bears the name is what is chosen", () => {
  const own = { name: "web_search", input_schema: { type: "object" } }
  expect(sent(anthropicMessages, openaiResponses, [own], named("web_search")).choice).toEqual({
    type: "function",
    name: "web_search",
  })
  const tools = [{ type: "function", name: "web_search", parameters: { type: "object" } }, { type: "web_search" }]
  expect(sent(openaiResponses, anthropicMessages, tools, { type: "web_search" }).told).toContain(dropped)
})

test("the vendor that is forced to search does not think first", () => {
  const reasoning = { reasoning: { effort: "high" } }
  const tools = [{ type: "web_search" }, server]
  expect(sent(openaiResponses, anthropicMessages, tools, { type: "web_search" }, reasoning).body.thinking).toBeUndefined()
  const free = sent(openaiResponses, anthropicMessages, tools, { type: "mcp", server_label: "harbour" }, reasoning)
  expect(asObject(free.body.thinking)?.type).toBe("enabled")
})

test("a choice goes to its own vendor as it came", () => {
  const choice = { type: "mcp", server_label: "harbour", name: "get_level" }
  expect(sent(openaiResponses, openaiResponses, [server], choice).choice).toEqual(choice)
})

describe("a choice of several tools", () => {
  const level = { type: "function", name: "get_level", parameters: { type: "object" } }
  const depots = { ...server, server_label: "depots", server_url: "https://example.com/depots" }
  const tools = [level, { type: "web_search" }, { type: "code_interpreter", container: { type: "auto" } }, server, depots]
  const allowed = (mode: string, list: readonly Json[]): Json => ({ type: "allowed_tools", mode, tools: list })
  const declared = (body: JsonObject): readonly Json[] =>
    (asArray(body.tools) ?? []).map((tool) => asObject(tool)?.name ?? asObject(tool)?.mcp_server_name ?? null)

  test("leaves elsewhere none that it does not name, of those that the vendor runs too", () => {
    const one = sent(openaiResponses, anthropicMessages, tools, allowed("auto", [{ type: "function", name: "get_level" }]))
    expect(declared(one.body)).toEqual(["get_level"])
    expect(one.told).toContain("dropped tool-unsupported tools[*]")
    const list = [{ type: "web_search_preview" }, { type: "mcp", server_label: "depots" }, { type: "image_generation" }]
    const some = sent(openaiResponses, anthropicMessages, tools, allowed("required", list))
    expect(declared(some.body)).toEqual(["web_search", "depots"])
    expect(some.choice).toEqual({ type: "any" })
    expect(some.body.mcp_servers).toEqual([{ type: "url", url: "https://example.com/depots", name: "depots" }])
  })

  test("leaves of a server what it names of it", () => {
    const member = (name: string): Json => ({ type: "mcp", server_label: "harbour", name })
    const { body } = sent(
      openaiResponses,
      anthropicMessages,
      [server],
      allowed("auto", [member("get_level"), member("get_tide")]),
    )
    expect(body.tools).toEqual([{ ...toolset, configs: { get_level: { enabled: true }, get_tide: { enabled: true } } }])
    const narrow = { ...server, allowed_tools: ["get_level"] }
    const both = sent(openaiResponses, anthropicMessages, [narrow], allowed("auto", [member("get_level"), member("remove")]))
    expect(both.body.tools).toEqual([toolset])
  })

  test("leaves Chat no tool where it names only what a vendor runs", () => {
    const { choice, told } = sent(openaiResponses, openaiChat, tools, allowed("auto", [{ type: "web_search" }]))
    expect(choice).toBe("none")
    expect(told).toContain(dropped)
    expect(
      sent(openaiResponses, openaiChat, [{ type: "web_search" }], allowed("auto", [{ type: "web_search" }])).choice,
    ).toBeUndefined()
  })

  test("is no choice where none of them is left", () => {
    const { body, told } = sent(openaiResponses, anthropicMessages, tools, allowed("auto", [{ type: "image_generation" }]))
    expect([body.tools, body.tool_choice]).toEqual([undefined, undefined])
    expect(told).toContain(dropped)
  })

  test("goes to its own vendor as it came, and with what was edited beside it", () => {
    const choice = allowed("auto", [
      { type: "mcp", server_label: "harbour" },
      { type: "function", name: "get_level" },
    ])
    expect(sent(openaiResponses, openaiResponses, tools, choice).choice).toEqual(choice)
    const request = openaiResponses.request.decode({ model: "m", input: "Tides?", tools, tool_choice: choice }, () => {})
    const edited = { ...request, toolChoice: { ...request.toolChoice, mode: "required" } } as typeof request
    const body = openaiResponses.request.encode(edited, trial(openaiResponses, openaiResponses, { request: edited }))
    const list = [
      { type: "function", name: "get_level" },
      { type: "mcp", server_label: "harbour" },
    ]
    expect(asObject(body)?.tool_choice).toEqual({ type: "allowed_tools", mode: "required", tools: list })
  })
})
