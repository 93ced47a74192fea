import type { Answer } from "../support/upstream/exchange.ts"
import { callerSecret, type Spoken } from "./directions.ts"

export const paths: Readonly<Record<Spoken, string>> = {
  chat: "/v1/chat/completions",
  responses: "/v1/responses",
  messages: "/v1/messages",
}

/** The least that each format takes. */
export const smallest: Readonly<Record<Spoken, (model: string, more?: object) => object>> = {
  chat: (model, more) => ({ model, messages: [{ role: "user", content: "hello" }], ...more }),
  responses: (model, more) => ({ model, input: "hello", ...more }),
  messages: (model, more) => ({ model, max_tokens: 64, messages: [{ role: "user", content: "hello" }], ...more }),
}

export interface PostOptions {
  readonly headers?: Readonly<Record<string, string>>
  readonly query?: string
}

/** A request as bytes, with the credential where that format's SDK puts it. */
export function post(url: string, spoken: Spoken, body: object | string, options: PostOptions = {}): Promise<Response> {
  const credential: Record<string, string> =
    spoken === "messages" ? { "x-api-key": callerSecret } : { authorization: `Bearer ${callerSecret}` }
  return fetch(url + paths[spoken] + (options.query ?? ""), {
    method: "POST",
    headers: { "content-type": "application/json", ...credential, ...options.headers },
    body: typeof body === "string" ? body : JSON.stringify(body),
  })
}

/** A body as it was recorded, cut into writes of these sizes over and over; whole when there are none. */
export function recorded(body: Uint8Array, contentType: string, sizes: readonly number[] = []): Answer {
  return async (writer) => {
    writer.head(200, { "content-type": contentType })
    let at = 0
    for (let turn = 0; at < body.length && !writer.gone.aborted; turn += 1) {
      const size = sizes.length === 0 ? body.length : (sizes[turn % sizes.length] ?? 1)
      await writer.write(body.subarray(at, at + size))
      at += size
    }
    await writer.end()
  }
}
