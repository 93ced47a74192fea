import { writeFile } from "node:fs/promises"
import { join } from "node:path"
import { type Gateway, startGateway } from "../../src/app.ts"
import { anthropicMessages } from "../support/answers/anthropic-messages.ts"
import { openaiChat } from "../support/answers/openai-chat.ts"
import { openaiResponses } from "../support/answers/openai-responses.ts"
import type { Voice } from "../support/answers/turn.ts"
import { tempFolder } from "../support/temp.ts"

export interface TestGateway extends AsyncDisposable {
  readonly url: string
  readonly gateway: Gateway
  /** Writes the configuration anew; it takes effect by `gateway.reload()`. */
  write(config: object): Promise<void>
}

/** The gateway in this process, on a port of the kernel's choice, with a configuration of its own. */
export async function gatewayWith(config: object): Promise<TestGateway> {
  const folder = await tempFolder()
  const file = join(folder.path, "config.json")
  const write = (content: object) => writeFile(file, JSON.stringify(withoutLog(content)))
  await write(config)
  const gateway = await startGateway({ host: "127.0.0.1", port: 0, dir: folder.path, strict: true, env: {}, log: () => {} })
  return {
    url: gateway.url,
    gateway,
    write,
    async [Symbol.asyncDispose]() {
      await gateway.drain()
      await folder.remove()
    },
  }
}

/** No request log unless the test asks for one: its Workers take longer to start than most tests. */
const withoutLog = (config: { readonly client?: object }): object => ({
  ...config,
  client: { enable_logging: false, ...config.client },
})

export interface ProviderOptions {
  readonly base?: "openai" | "anthropic"
  readonly keys?: readonly object[]
  readonly network?: object
  readonly more?: object
}

/** A custom provider at a fake upstream: one key, no retry, short waits. */
export const provider = (url: string, { base = "openai", keys, network, more }: ProviderOptions = {}): object => ({
  keys: keys ?? [{ name: "only", value: "sk-test-0123456789abcdef", models: ["*"], weight: 1 }],
  network_config: { base_url: url, max_retries: 0, retry_backoff_initial: 1, retry_backoff_max: 2, ...network },
  custom_provider_config: { base_provider_type: base },
  ...more,
})

/** A wire as a client uses it: where to post, what to send, how its errors look. */
export interface ClientWire {
  readonly id: string
  readonly path: string
  readonly voice: Voice
  body(model: string, more?: object): object
  /** The error message of a body in this wire's error shape; undefined when the shape is not its. */
  errorMessage(body: unknown): string | undefined
}

type Loose = Record<string, unknown> & { readonly error?: Record<string, unknown> }

const openaiError = (body: unknown): string | undefined => {
  const error = (body as Loose | null)?.error
  return error && "type" in error && "code" in error && "param" in error ? String(error["message"]) : undefined
}

export const chat: ClientWire = {
  id: "openai-chat",
  path: "/v1/chat/completions",
  voice: openaiChat,
  body: (model, more) => ({ model, messages: [{ role: "user", content: "hello" }], ...more }),
  errorMessage: openaiError,
}

export const responses: ClientWire = {
  id: "openai-responses",
  path: "/v1/responses",
  voice: openaiResponses,
  body: (model, more) => ({ model, input: "hello", ...more }),
  errorMessage: openaiError,
}

export const messages: ClientWire = {
  id: "anthropic-messages",
  path: "/v1/messages",
  voice: anthropicMessages,
  body: (model, more) => ({ model, max_tokens: 64, messages: [{ role: "user", content: "hello" }], ...more }),
  errorMessage: (body) => {
    const shape = body as Loose | null
    return shape?.["type"] === "error" && typeof shape.error?.["type"] === "string" ? String(shape.error["message"]) : undefined
  },
}

export const clients: readonly ClientWire[] = [chat, responses, messages]

export const post = (
  gateway: TestGateway,
  client: ClientWire,
  body: object | string,
  init: RequestInit = {},
): Promise<Response> =>
  fetch(gateway.url + client.path, {
    method: "POST",
    body: typeof body === "string" ? body : JSON.stringify(body),
    ...init,
    headers: { "content-type": "application/json", ...(init.headers as Record<string, string> | undefined) },
  })
