import { type ClientWire, clients, gatewayWith, provider, type TestGateway } from "../dispatch/gateway.ts"
import { anthropicMessages } from "../support/answers/anthropic-messages.ts"
import { openaiChat } from "../support/answers/openai-chat.ts"
import { openaiResponses } from "../support/answers/openai-responses.ts"
import { reply, type Voice } from "../support/answers/turn.ts"
import { closing } from "../support/closing.ts"
import { fakeUpstream, type Upstream } from "../support/upstream.ts"

/** A gateway in this process before one provider for each format, named by it, which answers everything it can read with the same words. */
export interface Lanes extends AsyncDisposable {
  readonly gateway: TestGateway
  readonly url: string
  readonly upstreams: ReadonlyMap<string, Upstream>
}

const routes: Readonly<
  Record<string, { readonly base: "openai" | "anthropic"; readonly allowed: object; readonly voice: Voice }>
> = {
  "openai-chat": { base: "openai", allowed: { chat_completion: true, chat_completion_stream: true }, voice: openaiChat },
  "openai-responses": { base: "openai", allowed: { responses: true, responses_stream: true }, voice: openaiResponses },
  "anthropic-messages": {
    base: "anthropic",
    allowed: { chat_completion: true, chat_completion_stream: true },
    voice: anthropicMessages,
  },
}

export async function openLanes(client: object = {}): Promise<Lanes> {
  const upstreams = new Map<string, Upstream>()
  const providers: Record<string, object> = {}
  for (const [id, { base, allowed, voice }] of Object.entries(routes)) {
    const upstream = await fakeUpstream({
      script: { on: (request) => reply(voice, readable(request.text()), { text: "fine" }) },
    })
    upstreams.set(id, upstream)
    const custom = { custom_provider_config: { base_provider_type: base, allowed_requests: allowed } }
    providers[id] = provider(upstream.url, { base, more: custom })
  }
  const gateway = await gatewayWith({ providers, client })
  return closing(
    {
      gateway,
      url: gateway.url,
      upstreams,
    },
    gateway,
    ...upstreams.values(),
  )
}

/** A relay sends on what it was given, however odd: the fake then only looks whether a stream was asked for. */
function readable(text: string): Record<string, unknown> {
  return { stream: /"stream"\s*:\s*true/.test(text) }
}

export const directions: readonly (readonly [client: ClientWire, upstream: string])[] = clients.flatMap((client) =>
  Object.keys(routes).map((upstream) => [client, upstream] as const),
)

export interface Refused {
  readonly status: number
  readonly message: string
  readonly param: string | undefined
}

/** Reads an answer as an error in this wire's shape; throws when it is none. */
export async function refusedBy(client: ClientWire, response: Response): Promise<Refused> {
  const text = await response.text()
  const body = JSON.parse(text) as { error?: { param?: unknown } }
  const message = client.errorMessage(body)
  if (message === undefined) throw new Error(`not an error of ${client.id}: ${response.status} ${text.slice(0, 500)}`)
  const param = body.error?.param
  return { status: response.status, message, param: typeof param === "string" ? param : undefined }
}
