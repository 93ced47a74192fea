import { describe, expect, test } from "bun:test"
import Anthropic from "@anthropic-ai/sdk"
import OpenAI from "openai"
import { agentUpstream } from "../support/agent-upstream.ts"
import { type Gateway, startGateway } from "../support/gateway.ts"

/** What a provider of each format is called in a configuration, and how its path ends. */
const formats = [
  { wire: "openai-chat", baseType: "openai", operation: "chat_completion", path: "/chat/completions" },
  { wire: "openai-responses", baseType: "openai", operation: "responses", path: "/responses" },
  { wire: "anthropic-messages", baseType: "anthropic", operation: "chat_completion", path: "/messages" },
] as const

const configFor = (url: string, { baseType, operation }: (typeof formats)[number]) => ({
  providers: {
    workshop: {
      keys: [{ name: "k", value: "sk-upstream", models: ["*"], weight: 1 }],
      network_config: { base_url: url },
      custom_provider_config: {
        base_provider_type: baseType,
        allowed_requests: { [operation]: true, [`${operation}_stream`]: true },
      },
    },
  },
})

/** Runs the tool in the agent's place. */
const printed = (command: unknown): string => String(command).replace(/^echo /, "")

/** The shape of a turn of Claude Code, parts that only its own vendor knows included. */
async function likeClaudeCode({ url }: Gateway): Promise<string> {
  const client = new Anthropic({ baseURL: `${url}/anthropic`, apiKey: "sk-caller", maxRetries: 0 })
  const betas = "claude-code-20250219,interleaved-thinking-2025-05-14,context-management-2025-06-27"
  const tool = {
    name: "Bash",
    description: "Runs a command",
    input_schema: { type: "object" as const, properties: { command: { type: "string" } }, required: ["command"] },
  }
  const late = { name: "WebFetch", input_schema: { type: "object" as const, properties: {} }, defer_loading: true }
  const messages: Anthropic.MessageParam[] = [
    { role: "user", content: [{ type: "text", text: "Run it", cache_control: { type: "ephemeral" } }] },
  ]
  for (let turn = 0; turn < 3; turn++) {
    const body = {
      model: "workshop/m",
      max_tokens: 40_000,
      system: [
        { type: "text" as const, text: "x-billing: cli" },
        { type: "text" as const, text: "You are an agent.", cache_control: { type: "ephemeral" as const } },
      ],
      thinking: { type: "enabled" as const, budget_tokens: 31_999 },
      context_management: { edits: [{ type: "clear_thinking_20251015", keep: "all" }] },
      metadata: { user_id: "session_1" },
      tools: [tool, late],
      messages,
    }
    const answer = await client.messages.stream(body, { headers: { "anthropic-beta": betas } }).finalMessage()
    const call = answer.content.find((block) => block.type === "tool_use")
    if (!call) return answer.content.flatMap((block) => (block.type === "text" ? block.text : [])).join("")
    const output = printed((call.input as { command?: unknown }).command)
    messages.push(
      { role: "assistant", content: answer.content },
      { role: "user", content: [{ type: "tool_result", tool_use_id: call.id, content: output }] },
    )
  }
  throw new Error("it never comes to an end")
}

/** The shape of a turn of Codex. */
async function likeCodex({ url }: Gateway): Promise<string> {
  const client = new OpenAI({ baseURL: `${url}/v1`, apiKey: "sk-caller", maxRetries: 0 })
  const parameters = { type: "object", properties: { cmd: { type: "string" } }, required: ["cmd"], additionalProperties: false }
  const input: OpenAI.Responses.ResponseInputItem[] = [
    { type: "message", role: "developer", content: [{ type: "input_text", text: "You are an agent." }] },
    { type: "message", role: "user", content: [{ type: "input_text", text: "Run it" }] },
  ]
  for (let turn = 0; turn < 3; turn++) {
    const answer = await client.responses
      .stream({
        model: "workshop/m",
        instructions: "Work in small steps.",
        input,
        tools: [{ type: "function", name: "exec_command", strict: false, parameters }],
        tool_choice: "auto",
        parallel_tool_calls: true,
        reasoning: { effort: "medium", summary: "auto" },
        store: false,
        include: ["reasoning.encrypted_content"],
        prompt_cache_key: "thread-1",
      })
      .finalResponse()
    const call = answer.output.find((item) => item.type === "function_call")
    if (!call) return answer.output_text
    const output = printed((JSON.parse(call.arguments) as { cmd?: unknown }).cmd)
    input.push(...(answer.output as OpenAI.Responses.ResponseInputItem[]))
    input.push({ type: "function_call_output", call_id: call.call_id, output })
  }
  throw new Error("it never comes to an end")
}

describe.each([
  ["Claude Code", likeClaudeCode],
  ["Codex", likeCodex],
] as const)("an agent like %s", (_name, work) => {
  test.each(formats)("runs a tool through a provider that speaks $wire", async (format) => {
    await using upstream = await agentUpstream({ reasoning: { text: "I have to run it.", seal: "c2VhbA==" } })
    await using gateway = await startGateway({ config: configFor(upstream.url, format) })
    expect(await work(gateway)).toBe("The tool said: hello-gantry")
    const paths = upstream.requests.map(({ path }) => path.split("?")[0] ?? "")
    expect(paths.map((path) => path.endsWith(format.path))).toEqual([true, true])
  })
})

test("an agent that looks whether anybody is there is told so", async () => {
  await using gateway = await startGateway({ config: { providers: { mock: {} } } })
  for (const path of ["/", "/anthropic", "/anthropic/"]) {
    expect((await fetch(gateway.url + path, { method: "HEAD" })).status).toBe(200)
  }
})

test("an agent that asks for a WebSocket first is sent to POST at once", async () => {
  await using gateway = await startGateway({ config: { providers: { mock: {} } } })
  const headers = { connection: "Upgrade", upgrade: "websocket", "sec-websocket-version": "13", "sec-websocket-key": "AAAA" }
  expect((await fetch(`${gateway.url}/v1/responses`, { headers })).status).toBe(426)
})
