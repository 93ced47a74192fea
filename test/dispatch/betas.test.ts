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

async function vendor() {
  const upstream = await fakeUpstream()
  upstream.on((request) => reply(messages.voice, request.json(), { text: "fine" }))
  return upstream
}

const builtin = (url: string) => ({
  keys: [{ name: "only", value: "sk-test-0123456789abcdef", models: ["*"], weight: 1 }],
  network_config: { base_url: url, max_retries: 0 },
})
