import Anthropic from "@anthropic-ai/sdk"
import OpenAI from "openai"
import { type Gateway, startGateway } from "../support/gateway.ts"
import { claudeCode } from "./agents.ts"
import { CannotRun, type Case, check } from "./case.ts"
import { output } from "./program.ts"

/** A llama.cpp server with any model; its words do not matter. */
const server = process.env.GANTRY_LLAMA_URL ?? "http://127.0.0.1:9971"
const question = "Say a few words."
const maxTokens = 32

interface LocalModel {
  readonly gateway: Gateway
  /** As `provider/model`. */
  readonly model: string
}

type Use = (local: LocalModel) => Promise<void>

const uses: Readonly<Record<string, Use>> = {
  "curl, one answer": async ({ gateway, model }) => {
    const answer = JSON.parse(await curl(gateway, body(model, false))) as {
      choices: { message: { content: string } }[]
      usage: object
    }
    check(typeof answer.choices[0]?.message.content === "string", `it answered ${JSON.stringify(answer)}`)
    check(answer.usage !== undefined, "there is no usage")
  },
  "curl, streamed": async ({ gateway, model }) => {
    const answer = await curl(gateway, body(model, true))
    check(
      answer.includes('"chat.completion.chunk"') && answer.trimEnd().endsWith("data: [DONE]"),
      `it answered ${answer.slice(-500)}`,
    )
  },
  "OpenAI SDK, Chat": async ({ gateway, model }) => {
    const request = { model, max_tokens: maxTokens, messages: [{ role: "user" as const, content: question }] }
    const whole = await openai(gateway).chat.completions.create(request)
    check((whole.usage?.completion_tokens ?? 0) > 0, `there is no usage: ${JSON.stringify(whole)}`)
    const stream = openai(gateway).chat.completions.stream({ ...request, stream_options: { include_usage: true } })
    const final = await stream.finalChatCompletion()
    check((final.choices[0]?.message.content ?? "") !== "", "the stream has no text")
    check((final.usage?.completion_tokens ?? 0) > 0, "the stream has no usage")
  },
  "OpenAI SDK, Responses": async ({ gateway, model }) => {
    const request = { model, max_output_tokens: maxTokens, input: question }
    const whole = await openai(gateway).responses.create(request)
    check(whole.output_text !== "", `there is no text: ${JSON.stringify(whole)}`)
    const final = await openai(gateway).responses.stream(request).finalResponse()
    check(final.output_text !== "", `the stream has no text: ${JSON.stringify(final)}`)
  },
  "Anthropic SDK, Messages": async ({ gateway, model }) => {
    const client = new Anthropic({ baseURL: `${gateway.url}/anthropic`, apiKey: "sk-outside", maxRetries: 0 })
    const request = { model, max_tokens: maxTokens, messages: [{ role: "user" as const, content: question }] }
    const whole = await client.messages.create(request)
    check(whole.content[0]?.type === "text" && whole.usage.output_tokens > 0, `it answered ${JSON.stringify(whole)}`)
    const final = await client.messages.stream(request).finalMessage()
    check(final.content[0]?.type === "text" && final.usage.output_tokens > 0, `the stream gave ${JSON.stringify(final)}`)
  },
  "Claude Code, one turn": async ({ gateway, model }) => {
    // its usual instructions are longer than a small model's context
    const agent = claudeCode({ words: ["--tools", "", "--system-prompt", "Answer in a few words."], cutAt: maxTokens })
    const said = await agent.run({ url: gateway.url, model, prompt: question })
    check(said.trim() !== "", "it said nothing")
  },
}

export const localModelCases: readonly Case[] = Object.entries(uses).map(([name, use]) => ({
  name: `llama-server: ${name}`,
  run: () => withLocalModel(use),
}))

async function withLocalModel(use: Use): Promise<void> {
  const model = await firstModel()
  await using gateway = await startGateway({
    config: {
      providers: {
        local: {
          network_config: { base_url: server },
          custom_provider_config: {
            base_provider_type: "openai",
            is_key_less: true,
            // its streams of Responses lack `output_index`, which the SDK cannot do without
            allowed_requests: { chat_completion: true, chat_completion_stream: true },
          },
        },
      },
    },
  })
  await use({ gateway, model: `local/${model}` })
}

async function firstModel(): Promise<string> {
  try {
    const health = await fetch(`${server}/health`, { signal: AbortSignal.timeout(2_000) })
    if (!health.ok) throw new Error(`status ${health.status}`)
    const list = (await (await fetch(`${server}/v1/models`)).json()) as { data: { id: string }[] }
    return list.data[0]?.id ?? "default"
  } catch {
    throw new CannotRun(`no llama-server answers at ${server} (GANTRY_LLAMA_URL names another)`)
  }
}

const openai = (gateway: Gateway) => new OpenAI({ baseURL: `${gateway.url}/v1`, apiKey: "sk-outside", maxRetries: 0 })

const body = (model: string, stream: boolean): string =>
  JSON.stringify({ model, stream, max_tokens: maxTokens, messages: [{ role: "user", content: question }] })

async function curl(gateway: Gateway, data: string): Promise<string> {
  if (Bun.which("curl") === null) throw new CannotRun("there is no curl")
  const url = `${gateway.url}/v1/chat/completions`
  return output({
    command: ["curl", "-sS", "--fail-with-body", url, "-H", "content-type: application/json", "-d", data],
    env: {},
  })
}
