import { anthropicMessages } from "../support/answers/anthropic-messages.ts"
import { openaiChat } from "../support/answers/openai-chat.ts"
import { openaiResponses } from "../support/answers/openai-responses.ts"
import { reply, type Turn, type Voice } from "../support/answers/turn.ts"
import { closing } from "../support/closing.ts"
import { type Gateway, startGateway } from "../support/gateway.ts"
import type { Answer } from "../support/upstream/exchange.ts"
import { json } from "../support/upstream/well-formed.ts"
import { fakeUpstream, type Recorded, type Upstream } from "../support/upstream.ts"

/** The format that a provider of these tests speaks; also the provider's name. */
export type Spoken = "chat" | "responses" | "messages"

export const spokenWires: readonly Spoken[] = ["chat", "responses", "messages"]

export const voices: Readonly<Record<Spoken, Voice>> = {
  chat: openaiChat,
  responses: openaiResponses,
  messages: anthropicMessages,
}

/** One gateway in front of a provider for each format, and of a router that speaks all three and hosts models of many vendors. */
export interface Directions extends AsyncDisposable {
  readonly gateway: Gateway
  readonly upstreams: Readonly<Record<Spoken | "router", Upstream>>
}

const allowed: Readonly<Record<Spoken, object>> = {
  chat: { chat_completion: true, chat_completion_stream: true },
  responses: { responses: true, responses_stream: true },
  messages: { chat_completion: true, chat_completion_stream: true },
}

/** The credential that callers send; no upstream may see it. */
export const callerSecret = "sk-caller-secret-000111222"
export const storedSecret = (name: string): string => `sk-stored-${name}-333444555`

const network = { max_retries: 0, retry_backoff_initial: 1, retry_backoff_max: 2 }
const keysOf = (name: string) => [{ name, value: storedSecret(name), models: ["*"], weight: 1 }]

export const customProvider = (spoken: Spoken, name: string, url: string): object => ({
  keys: keysOf(name),
  network_config: { base_url: url, ...network },
  custom_provider_config: {
    base_provider_type: spoken === "messages" ? "anthropic" : "openai",
    allowed_requests: allowed[spoken],
  },
})

/** `pools`: as many further providers beside each of the three, `chat-0`, `chat-1` …, with a key of their own that may be spoilt. */
export async function startDirections(pools = 0): Promise<Directions> {
  const [chat, responses, messages, router] = (await Promise.all([1, 2, 3, 4].map(() => fakeUpstream()))) as [
    Upstream,
    Upstream,
    Upstream,
    Upstream,
  ]
  const upstreams = { chat, responses, messages, router }
  const providers = {
    ...Object.fromEntries(
      spokenWires.flatMap((spoken) =>
        [spoken, ...Array.from({ length: pools }, (_, index) => `${spoken}-${index}`)].map((name) => [
          name,
          customProvider(spoken, name, upstreams[spoken].url),
        ]),
      ),
    ),
    openrouter: { keys: keysOf("openrouter"), network_config: { base_url: router.url, ...network } },
  }
  const gateway = await startGateway({ config: { providers } })
  return closing(
    {
      gateway,
      upstreams,
    },
    gateway,
    ...Object.values(upstreams),
  )
}

/** Answers every request with the same turn, streamed if it asks for that. */
export const saying = (spoken: Spoken, turn: Turn): { on(request: Recorded): Answer } => ({
  on: (request) => reply(voices[spoken], request.json(), turn),
})

/** The router's answer in whichever format the request's path is. */
export const routerSaying = (turn: Turn): { on(request: Recorded): Answer } => ({
  on(request) {
    const spoken = spokenByPath(request.path)
    return spoken === undefined ? json(404, {}) : reply(voices[spoken], request.json(), turn)
  },
})

function spokenByPath(path: string): Spoken | undefined {
  const bare = path.split("?")[0] ?? ""
  if (bare.endsWith("/chat/completions")) return "chat"
  if (bare.endsWith("/responses")) return "responses"
  return bare.endsWith("/messages") ? "messages" : undefined
}
