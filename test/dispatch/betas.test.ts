import { expect, test } from "bun:test"
import { reply } from "../support/answers/turn.ts"
import { fakeUpstream } from "../support/upstream.ts"
import { gatewayWith, messages, post, responses } from "./gateway.ts"

const server = { type: "mcp", server_label: "harbour", server_url: "https://example.com/mcp", require_approval: "never" }

test("a translated request asks for the betas that it needs, and no other", async () => {
  await using upstream = await vendor()
  await using gateway = await gatewayWith({ providers: { anthropic: builtin(upstream.url) } })
  for (const tools of [[server], [{ type: "web_search" }]])
    expect((await post(gateway, responses, responses.body("anthropic/claude-opus-4-8", { tools }))).status).toBe(200)
  const [withServer, without] = upstream.requests
  expect(withServer?.headers.get("anthropic-beta")).toContain("mcp-client-")
  expect(withServer?.json()).toMatchObject({ mcp_servers: [{ name: "harbour" }], tools: [{ type: "mcp_toolset" }] })
  expect(without?.headers.get("anthropic-beta")).not.toContain("mcp-client-")
  expect(without?.json()).toMatchObject({ tools: [{ type: "web_search_20250305" }] })
})

test("a server that only speaks the vendor's format is asked for no tool of the vendor's", async () => {
  await using upstream = await vendor()
  const custom = { ...builtin(upstream.url), custom_provider_config: { base_provider_type: "anthropic" } }
  await using gateway = await gatewayWith({ providers: { own: custom } })
  await post(gateway, responses, responses.body("own/m", { tools: [server, { type: "web_search" }] }))
  expect(upstream.requests[0]?.headers.get("anthropic-beta")).toBeNull()
  expect(upstream.requests[0]?.json()).not.toHaveProperty("tools")
})

const flagsOf = (header: string | null | undefined) => header?.split(",") ?? []

test("flags of the caller and of the file go side by side, once each", async () => {
  await using upstream = await vendor()
  const extra = { "Anthropic-Beta": "from-the-file-2025-01-01, both-2025-01-01" }
  await using gateway = await gatewayWith({ providers: { anthropic: builtin(upstream.url, { extra_headers: extra }) } })
  const headers = { "anthropic-beta": "from-the-caller-2025-01-01,both-2025-01-01" }
  await post(gateway, messages, messages.body("anthropic/claude-opus-4-8"), { headers })
  await post(gateway, messages, messages.body("anthropic/claude-opus-4-8"))
  const [both, own] = upstream.requests.map((request) =>
    flagsOf(request.headers.get("anthropic-beta")).map((flag) => flag.trim()),
  )
  expect(both?.toSorted()).toEqual(["both-2025-01-01", "from-the-caller-2025-01-01", "from-the-file-2025-01-01"])
  expect(own?.toSorted()).toEqual(["both-2025-01-01", "from-the-file-2025-01-01"])
})

test("what the provider is said not to take is left out by its beginning, and nothing is put in", async () => {
  await using upstream = await vendor()
  const overrides = { "context-": false, "context-1m-": true, "fast-mode-": true, "redact-thinking-2026-01-01": false }
  await using gateway = await gatewayWith({
    providers: { anthropic: builtin(upstream.url, { beta_header_overrides: overrides }) },
  })
  const sent = ["context-1m-2025-08-07", "context-management-2025-06-27", "redact-thinking-2026-01-01", "unknown-2030-01-01"]
  await post(gateway, messages, messages.body("anthropic/claude-opus-4-8"), { headers: { "anthropic-beta": sent.join(", ") } })
  expect(flagsOf(upstream.requests[0]?.headers.get("anthropic-beta"))).toEqual(["context-1m-2025-08-07", "unknown-2030-01-01"])
  await post(gateway, messages, messages.body("anthropic/claude-opus-4-8"))
  expect(upstream.requests[1]?.headers.get("anthropic-beta")).toBeNull()
})

async function vendor() {
  const upstream = await fakeUpstream()
  upstream.on((request) => reply(messages.voice, request.json(), { text: "fine" }))
  return upstream
}

const builtin = (url: string, network: object = {}) => ({
  keys: [{ name: "only", value: "sk-test-0123456789abcdef", models: ["*"], weight: 1 }],
  network_config: { base_url: url, max_retries: 0, ...network },
})
