import { describe, expect, test } from "bun:test"
import type { Wire } from "../../../src/core/wire.ts"
import { asArray, asObject, type Json, type JsonObject } from "../../../src/lib/json.ts"
import { anthropicMessages } from "../../../src/wires/anthropic-messages/index.ts"
import { openaiChat } from "../../../src/wires/openai-chat/index.ts"
import { openaiResponses } from "../../../src/wires/openai-responses/index.ts"
import { trial } from "../../conformance/exchange.ts"

const all = ["web-search", "code-execution", "mcp"]

/** What the target's vendor is sent for a request with these tools, and what the caller is told. */
function sent(client: Wire, target: Wire, tools: readonly Json[], more: JsonObject = {}, features = all) {
  const turns = client === openaiResponses ? { input: "Tides?" } : { messages: [{ role: "user", content: "Tides?" }] }
  const request = client.request.decode({ model: "m", max_tokens: 16, ...turns, tools, ...more }, () => {})
  const exchange = trial(client, target, { request, features })
  const body = asObject(target.request.encode(request, exchange)) ?? {}
  const told = exchange.list().map(({ code, path }) => `${code} ${path}`)
  return { body, tools: (asArray(body.tools) ?? []) as readonly JsonObject[], told }
}

const toAnthropic = (tools: readonly Json[], more?: JsonObject) => sent(openaiResponses, anthropicMessages, tools, more)
const toResponses = (tools: readonly Json[], more?: JsonObject) => sent(anthropicMessages, openaiResponses, tools, more)

const server = { type: "mcp", server_label: "harbour", server_url: "https://example.com/mcp", require_approval: "never" }

test.each(["web_search", "web_search_2025_08_26", "web_search_preview", "web_search_preview_2025_03_11"])(
  "%s is this vendor's search",
  (type) => {
    const { tools, told } = toAnthropic([{ type }])
    expect(tools).toEqual([{ type: "web_search_20250305", name: "web_search" }])
    expect(told).toContain("tool-adapted tools[*]")
    expect(told).not.toContain("tool-unsupported tools[*]")
  },
)

const unsound: readonly (readonly [string, JsonObject])[] = [
  ["a search that may not reach the web", { type: "web_search", external_web_access: false }],
  ["code in a container of the vendor's", { type: "code_interpreter", container: "cntr_1" }],
  ["code over files of the vendor's", { type: "code_interpreter", container: { type: "auto", file_ids: ["file_1"] } }],
  ["a server whose tools ask first, as they do unless told otherwise", { ...server, require_approval: null }],
  ["a server whose tools ask first", { ...server, require_approval: "always" }],
  ["a server of which some tools ask first", { ...server, require_approval: { never: { tool_names: ["a"] } } }],
  ["a server that is told more than a token", { ...server, headers: { "x-tenant": "blue" } }],
  ["a server of which only tools that read are allowed", { ...server, allowed_tools: { read_only: true } }],
  [
    "a server that is no address",
    { type: "mcp", server_label: "mail", connector_id: "connector_gmail", require_approval: "never" },
  ],
  ["a server without encryption", { ...server, server_url: "http://example.com/mcp" }],
  ["a search with a filter that nobody knows", { type: "web_search", filters: { languages: ["fr"] } }],
  [
    "a search of hosts of which some pages are forbidden",
    { type: "web_search", filters: { allowed_domains: ["example.com"], blocked_domains: ["old.example.com"] } },
  ],
  [
    "a search of hosts that are all forbidden",
    { type: "web_search", filters: { allowed_domains: ["docs.example.com"], blocked_domains: ["example.com"] } },
  ],
  ["a search in files", { type: "file_search", vector_store_ids: ["vs_1"] }],
]

test.each(unsound)("%s is left out, and that is told", (_, tool) => {
  const { body, told } = toAnthropic([tool])
  expect(body.tools).toBeUndefined()
  expect(body.mcp_servers).toBeUndefined()
  expect(told).toContain("tool-unsupported tools[*]")
})

test("an MCP server is declared and its tools are named", () => {
  const { body, tools } = toAnthropic([{ ...server, authorization: "t", allowed_tools: { tool_names: ["get_level"] } }])
  expect(body.mcp_servers).toEqual([{ type: "url", url: "https://example.com/mcp", name: "harbour", authorization_token: "t" }])
  expect(tools).toEqual([
    {
      type: "mcp_toolset",
      mcp_server_name: "harbour",
      default_config: { enabled: false },
      configs: { get_level: { enabled: true } },
    },
  ])
})

test("a function of the caller's keeps its name, and the vendor's tool of that name is left out", () => {
  const { tools, told } = toAnthropic([
    { type: "function", name: "web_search", parameters: { type: "object" } },
    { type: "web_search" },
  ])
  expect(tools.map(({ type, name }) => [type, name] as unknown)).toEqual([[undefined, "web_search"]])
  expect(told).toContain("tool-unsupported tools[*]")
})

test("a server of the format that is not the vendor's gets none of them", () => {
  expect(sent(openaiResponses, anthropicMessages, [{ type: "web_search" }, server], {}, []).body.tools).toBeUndefined()
  const search = { type: "web_search_20250305", name: "web_search" }
  expect(sent(anthropicMessages, openaiResponses, [search], {}, []).tools).toEqual([])
})

test("Chat has none of them", () => {
  const search = { type: "web_search_20250305", name: "web_search" }
  for (const [client, tool] of [[openaiResponses, { type: "web_search" }] as const, [anthropicMessages, search] as const]) {
    const { body, told } = sent(client, openaiChat, [tool])
    expect(asArray(body.tools) ?? []).toEqual([])
    expect(told).toContain("tool-unsupported tools[*]")
  }
})

test("the way back: searches, code and servers, with what both vendors say of them", () => {
  const { body, tools, told } = toResponses(
    [
      { type: "web_search_20260209", name: "web_search", blocked_domains: ["example.net"], max_uses: 2 },
      { type: "code_execution_20250825", name: "code_execution" },
      { type: "mcp_toolset", mcp_server_name: "harbour" },
    ],
    { mcp_servers: [{ type: "url", name: "harbour", url: "https://example.com/mcp" }] },
  )
  const filters = { blocked_domains: ["example.net"] }
  expect(tools).toEqual([{ type: "web_search", filters }, { type: "code_interpreter", container: { type: "auto" } }, server])
  expect(body.include).toEqual(["web_search_call.action.sources"])
  expect(told).toContain("field-unsupported tools[*].max_uses")
  expect(told).not.toContain("field-unsupported tools[*].blocked_domains")
})

test("a toolset that forbids some tools would allow them elsewhere, so it is left out", () => {
  const { tools, told } = toResponses(
    [{ type: "mcp_toolset", mcp_server_name: "harbour", configs: { remove: { enabled: false } } }],
    { mcp_servers: [{ type: "url", name: "harbour", url: "https://example.com/mcp" }] },
  )
  expect(tools).toEqual([])
  expect(told).toEqual(expect.arrayContaining(["tool-unsupported tools[*]", "field-unsupported mcp_servers"]))
})

test("a tool of a server that nothing is said to enable is as by default", () => {
  const servers = { mcp_servers: [{ type: "url", name: "harbour", url: "https://example.com/mcp" }] }
  const configs = { get_level: { enabled: true }, remove: { defer_loading: true } }
  const toolset = { type: "mcp_toolset", mcp_server_name: "harbour", configs }
  const some = toResponses([{ ...toolset, default_config: { enabled: false } }], servers)
  expect(some.tools).toEqual([{ ...server, allowed_tools: ["get_level"] }])
  expect(some.told).toContain("field-unsupported tools[*].configs[*].defer_loading")
  expect(toResponses([toolset], servers).tools).toEqual([server])
})

test("hosts that are never searched are not searched elsewhere either", () => {
  const blocked = ["example.net", "example.org"]
  const there = toResponses([{ type: "web_search_20250305", name: "web_search", blocked_domains: blocked }])
  expect(there.tools).toEqual([{ type: "web_search", filters: { blocked_domains: blocked } }])
  const back = toAnthropic([{ type: "web_search", filters: { blocked_domains: blocked } }])
  expect(back.tools).toEqual([{ type: "web_search_20250305", name: "web_search", blocked_domains: blocked }])
})

test("of hosts to search and hosts not to, the first less the second say it all to a vendor that takes one list", () => {
  const filters = {
    allowed_domains: ["example.com", "ads.example.org", "Example.net"],
    blocked_domains: ["example.org", "other.com"],
  }
  const { tools } = toAnthropic([{ type: "web_search", filters }])
  expect(tools).toEqual([{ type: "web_search_20250305", name: "web_search", allowed_domains: ["example.com", "Example.net"] }])
})

describe("to a vendor that knows hosts alone", () => {
  const search = { type: "web_search_20250305", name: "web_search" }

  test("pages that may be searched are left out beside hosts that may", () => {
    const { tools, told } = toResponses([{ ...search, allowed_domains: ["example.com/a", "example.net/", "example.org"] }])
    expect(tools).toEqual([{ type: "web_search", filters: { allowed_domains: ["example.net", "example.org"] } }])
    expect(told).toContain("field-adapted tools[*].use.domains")
  })

  test("a search of pages alone is left out", () => {
    const { tools, told } = toResponses([{ ...search, allowed_domains: ["example.com/a"] }])
    expect(tools).toEqual([])
    expect(told).toContain("tool-unsupported tools[*]")
    expect(told).not.toContain("field-adapted tools[*].use.domains")
  })

  test("pages that are never searched take their host with them", () => {
    const { tools, told } = toResponses([{ ...search, blocked_domains: ["https://example.com/a", "example.com/b"] }])
    expect(tools).toEqual([{ type: "web_search", filters: { blocked_domains: ["example.com"] } }])
    expect(told).toContain("field-adapted tools[*].use.blocked")
  })
})

test("of a server whose tools are listed, those that are not forbidden may be called", () => {
  const servers = { mcp_servers: [{ type: "url", name: "harbour", url: "https://example.com/mcp" }] }
  const listed = ["get_level", "remove"].map((name) => ({ name, input_schema: { type: "object" } }))
  const toolset = { type: "mcp_toolset", mcp_server_name: "harbour", tools: listed }
  const allowed = (more: JsonObject) => toResponses([{ ...toolset, ...more }], servers).tools
  expect(allowed({})).toEqual([{ ...server, allowed_tools: ["get_level", "remove"] }])
  expect(allowed({ configs: { remove: { enabled: false } } })).toEqual([{ ...server, allowed_tools: ["get_level"] }])
  expect(allowed({ default_config: { enabled: false } })).toEqual([])
})

test("that a server's token reaches another vendor is told, and the token is not", () => {
  const there = toAnthropic([{ ...server, authorization: "t-secret" }])
  expect(there.told).toContain("secret-shared tools[*].use.token")
  expect(JSON.stringify(there.told)).not.toContain("t-secret")
  const toolset = { type: "mcp_toolset", mcp_server_name: "harbour" }
  const declared = { type: "url", name: "harbour", url: "https://example.com/mcp", authorization_token: "t-secret" }
  const back = toResponses([toolset], { mcp_servers: [declared] })
  expect(back.tools).toEqual([{ ...server, authorization: "t-secret" }])
  expect(back.told).toContain("secret-shared tools[*].use.token")
  expect(toAnthropic([server]).told).not.toContain("secret-shared tools[*].use.token")
  const same = sent(openaiResponses, openaiResponses, [{ ...server, authorization: "t-secret" }])
  expect(same.told).toEqual([])
})

test("a token whose server is left out reaches nobody", () => {
  const { told, body } = toAnthropic([{ ...server, authorization: "t-secret", require_approval: "always" }])
  expect(JSON.stringify(body)).not.toContain("t-secret")
  expect(told).not.toContain("secret-shared tools[*].use.token")
})

test("a request that loses its toolset loses its server, and no other", () => {
  const servers = [
    { type: "url", name: "harbour", url: "https://example.com/mcp" },
    { type: "url", name: "depots", url: "https://example.com/depots" },
  ]
  const tools = servers.map(({ name }) => ({ type: "mcp_toolset", mcp_server_name: name }))
  const body = { model: "m", max_tokens: 16, messages: [{ role: "user", content: "Tides?" }], mcp_servers: servers, tools }
  const request = anthropicMessages.request.decode(body, () => {})
  const fewer = { ...request, tools: (request.tools ?? []).slice(1) }
  const encoded = asObject(
    anthropicMessages.request.encode(fewer, trial(anthropicMessages, anthropicMessages, { request: fewer })),
  )
  expect(encoded?.mcp_servers).toEqual(servers.slice(1))
})
