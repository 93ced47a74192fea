import { afterEach, describe, expect, test } from "bun:test"
import Anthropic from "@anthropic-ai/sdk"
import OpenAI from "openai"
import { agentUpstream } from "../agent-upstream.ts"
import { fakeUpstream, type Upstream } from "../upstream.ts"
import { anthropicMessages } from "./anthropic-messages.ts"
import { framesWithoutUsage, openaiChat } from "./openai-chat.ts"
import { openaiResponses } from "./openai-responses.ts"
import { failing, failingAfter, failures, reply, type Turn, type Voice } from "./turn.ts"

const open: Upstream[] = []
const start = async (starting: Promise<Upstream>): Promise<Upstream> => {
  const upstream = await starting
  open.push(upstream)
  return upstream
}
afterEach(async () => {
  for (const upstream of open.splice(0)) await upstream.stop()
})

const speaking = (voice: Voice, turn: Turn) =>
  start(fakeUpstream({ script: { on: (request) => reply(voice, request.json(), turn) } }))
const openai = (upstream: Upstream) => new OpenAI({ baseURL: `${upstream.url}/v1`, apiKey: "sk-test", maxRetries: 0 })
const anthropic = (upstream: Upstream) => new Anthropic({ baseURL: upstream.url, apiKey: "sk-test", maxRetries: 0 })

const turn: Turn = {
  reasoning: { text: "The user wants two things.", seal: "c2VhbA==" },
  text: "Looking, 👋 one moment.",
  calls: [
    { name: "weather", input: '{"city":"Zürich","days":3}' },
    { name: "now", input: "{}" },
  ],
  usage: { input: 40, output: 30, cacheRead: 10, reasoning: 6 },
}

describe("the official SDKs read", () => {
  const messages = [{ role: "user" as const, content: "hi" }]

  test("chat: the stream adds up to the unary body", async () => {
    const client = openai(await speaking(openaiChat, turn))
    const unary = await client.chat.completions.create({ model: "m", messages })
    const streamed = await client.chat.completions
      .stream({ model: "m", messages, stream_options: { include_usage: true } })
      .finalChatCompletion()
    expect(streamed.choices[0]?.message.content).toBe("Looking, 👋 one moment.")
    expect(streamed.choices[0]?.finish_reason).toBe("tool_calls")
    expect(streamed.choices[0]?.message.tool_calls).toMatchObject(unary.choices[0]?.message.tool_calls ?? [])
    expect(streamed.usage).toEqual(unary.usage)
  })

  test("responses: the stream's items are those of the unary body", async () => {
    const client = openai(await speaking(openaiResponses, turn))
    const unary = await client.responses.create({ model: "m", input: "hi" })
    const stream = client.responses.stream({ model: "m", input: "hi" })
    let text = ""
    for await (const event of stream) if (event.type === "response.output_text.delta") text += event.delta
    const final = await stream.finalResponse()
    expect(text).toBe(unary.output_text)
    expect(final.output).toMatchObject(unary.output)
    expect(final.usage).toEqual(unary.usage)
  })

  test("messages: the stream adds up to the unary body", async () => {
    const client = anthropic(await speaking(anthropicMessages, turn))
    const unary = await client.messages.create({ model: "m", max_tokens: 9, messages })
    const streamed = await client.messages.stream({ model: "m", max_tokens: 9, messages }).finalMessage()
    expect(streamed.content).toMatchObject(unary.content)
    expect(streamed.stop_reason).toBe("tool_use")
    expect(streamed.usage.cache_read_input_tokens).toBe(10)
    expect(streamed.content[0]).toMatchObject({ type: "thinking", signature: "c2VhbA==" })
  })

  test.each(failures)("%s in each vendor's shape", async (failure) => {
    const chat = openai(await start(fakeUpstream({ script: failing(openaiChat, failure) })))
    const claude = anthropic(await start(fakeUpstream({ script: failing(anthropicMessages, failure) })))
    const fromChat = await chat.chat.completions.create({ model: "m", messages }).catch((error: unknown) => error)
    const fromClaude = await claude.messages.create({ model: "m", max_tokens: 9, messages }).catch((error: unknown) => error)
    expect(fromChat).toBeInstanceOf(OpenAI.APIError)
    expect(fromClaude).toBeInstanceOf(Anthropic.APIError)
    expect(fromChat).toMatchObject({ status: openaiChat.error(failure).status, type: expect.any(String) })
    expect(fromClaude).toMatchObject({ status: anthropicMessages.error(failure).status, error: { type: "error" } })
  })

  test("an error inside a stream, after its first frames", async () => {
    const chat = openai(await start(fakeUpstream({ script: failingAfter(openaiChat, turn, 2, "server error") })))
    const claude = anthropic(await start(fakeUpstream({ script: failingAfter(anthropicMessages, turn, 2, "overloaded") })))
    const drain = async (stream: Promise<AsyncIterable<unknown>>) => {
      for await (const _ of await stream);
    }
    await expect(drain(chat.chat.completions.create({ model: "m", messages, stream: true }))).rejects.toThrow()
    await expect(drain(claude.messages.create({ model: "m", max_tokens: 9, messages, stream: true }))).rejects.toThrow(
      "Overloaded",
    )
  })
})

test("a stream without usage has neither the field nor the extra chunk", () => {
  const frames = framesWithoutUsage(turn)
  expect(frames.length).toBe(openaiChat.frames(turn).length - 1)
  expect(JSON.stringify(frames)).not.toContain("usage")
})

describe("the agent upstream leads a tool round trip", () => {
  const schema = { type: "object" as const, properties: { command: { type: "string" } }, required: ["command"] }
  const user = { role: "user" as const, content: "say hello" }

  test("in messages", async () => {
    const client = anthropic(await start(agentUpstream()))
    const tools = [{ name: "Bash", input_schema: schema }]
    const first = await client.messages.stream({ model: "m", max_tokens: 9, messages: [user], tools }).finalMessage()
    const call = first.content.find((block) => block.type === "tool_use")
    expect(call).toMatchObject({ name: "Bash", input: { command: "echo hello-gantry" } })
    const result = { type: "tool_result" as const, tool_use_id: call?.id ?? "", content: "hello-gantry\n" }
    const second = await client.messages.create({
      model: "m",
      max_tokens: 9,
      tools,
      messages: [user, { role: "assistant", content: first.content }, { role: "user", content: [result] }],
    })
    expect(second.content).toMatchObject([{ type: "text", text: "The tool said: hello-gantry" }])
  })

  test("in chat", async () => {
    const client = openai(await start(agentUpstream()))
    const tools = [{ type: "function" as const, function: { name: "bash", parameters: schema } }]
    const first = await client.chat.completions.create({ model: "m", messages: [user], tools })
    const said = first.choices[0]?.message
    const call = said?.tool_calls?.[0]
    expect(call).toMatchObject({ function: { name: "bash", arguments: '{"command":"echo hello-gantry"}' } })
    const result = { role: "tool" as const, tool_call_id: call?.id ?? "", content: "hello-gantry" }
    const second = await client.chat.completions.create({ model: "m", tools, messages: [user, ...(said ? [said] : []), result] })
    expect(second.choices[0]?.message.content).toBe("The tool said: hello-gantry")
  })

  test("in responses, with a command given as a list", async () => {
    const client = openai(await start(agentUpstream()))
    const list = {
      type: "object",
      properties: { command: { type: "array" }, why: { type: "string" } },
      required: ["command", "why"],
    }
    const tools = [{ type: "function" as const, name: "shell", parameters: list, strict: false }]
    const first = await client.responses.create({ model: "m", input: [user], tools })
    const call = first.output.find((item) => item.type === "function_call")
    expect(JSON.parse(call?.arguments ?? "")).toEqual({ command: ["echo", "hello-gantry"], why: expect.any(String) })
    const result = { type: "function_call_output" as const, call_id: call?.call_id ?? "", output: "hello-gantry" }
    const second = await client.responses.create({ model: "m", tools, input: [user, ...(call ? [call] : []), result] })
    expect(second.output_text).toBe("The tool said: hello-gantry")
  })

  test("and answers side calls briefly", async () => {
    const upstream = await start(agentUpstream())
    const client = anthropic(upstream)
    const count = await client.messages.countTokens({ model: "m", messages: [user] })
    const title = await client.messages.create({ model: "m", max_tokens: 1, messages: [user] })
    expect(count.input_tokens).toBeGreaterThan(0)
    expect(title.content).toMatchObject([{ type: "text", text: "Greeting" }])
    expect((await fetch(upstream.url, { method: "HEAD" })).status).toBe(200)
  })
})
