import { type Failure, failing, reply } from "../support/answers/turn.ts"
import { closing } from "../support/closing.ts"
import type { Answer } from "../support/upstream/exchange.ts"
import { fakeUpstream, type Recorded, type Upstream } from "../support/upstream.ts"
import { type ClientWire, chat, gatewayWith, provider, type TestGateway } from "./gateway.ts"

/** One provider named `pool` with several keys. */
interface Asked {
  readonly upstream: Upstream
  readonly gateway: TestGateway
  /** Names of the keys that were used, in order. */
  used(): readonly string[]
  ask(body?: object, headers?: Record<string, string>): Promise<Response>
  /** As many calls, some at a time: this process and the gateway in it share 256 fetches. */
  askOften(count: number, headers?: Record<string, string>): Promise<void>
  /** Asks and returns the key that was used last. */
  keyFor(body?: object, headers?: Record<string, string>): Promise<string | undefined>
}

export type Pool = Asked & AsyncDisposable

export interface PoolOptions {
  /** Fields of the keys by name; each key may serve every model unless it says otherwise. */
  readonly keys: Readonly<Record<string, object>>
  /** What the vendor answers a key with; `undefined` is a good answer. */
  readonly answers?: (key: string, request: Recorded) => Answer | Failure | undefined
  readonly network?: object
  /** Fields of the provider beside keys and network. */
  readonly more?: object
  /** Sections of the file beside the providers. */
  readonly rest?: object
  readonly wire?: ClientWire
}

const secretPrefix = "sk-test-0123456789-"

export async function poolOf(options: PoolOptions): Promise<Pool> {
  const { wire = chat } = options
  const upstream = await fakeUpstream()
  upstream.on((request) => {
    const said = options.answers?.(keyOf(request), request)
    if (typeof said === "function") return said
    return said === undefined ? reply(wire.voice, request.json(), { text: "fine" }) : failing(wire.voice, said)
  })
  const gateway = await gatewayWith({ providers: { pool: poolProvider(upstream.url, options) }, ...options.rest })
  const ask = (body: object = {}, headers: Record<string, string> = {}): Promise<Response> =>
    fetch(gateway.url + wire.path, {
      method: "POST",
      headers: { "content-type": "application/json", ...headers },
      body: JSON.stringify(wire.body("pool/m", body)),
    })
  const used = () => upstream.requests.map(keyOf)
  return closing<Asked>(
    {
      upstream,
      gateway,
      used,
      ask,
      async askOften(count, headers) {
        for (let left = count; left > 0; left -= 40)
          await Promise.all(
            Array.from({ length: Math.min(left, 40) }, () => ask({}, headers).then((response) => response.text())),
          )
      },
      async keyFor(body, headers) {
        const response = await ask(body, headers)
        const text = await response.text()
        if (response.status !== 200) throw new Error(`${response.status} ${text}`)
        return used().at(-1)
      },
    },
    gateway,
    upstream,
  )
}

export const poolProvider = (url: string, { keys, network, more }: PoolOptions): object =>
  provider(url, {
    keys: Object.entries(keys).map(([name, fields]) => ({
      name,
      value: secretPrefix + name,
      models: ["*"],
      weight: 1,
      ...fields,
    })),
    ...(network && { network }),
    ...(more && { more }),
  })

const keyOf = (request: Recorded): string =>
  (request.headers.get("authorization") ?? request.headers.get("x-api-key") ?? "")
    .replace(/^Bearer /, "")
    .replace(secretPrefix, "")

/** An error answer with a Retry-After in seconds. */
export const refusing = (failure: Failure, retryAfter: number | string, wire: ClientWire = chat): Answer =>
  failing(wire.voice, failure, { "retry-after": String(retryAfter) })
