import Anthropic from "@anthropic-ai/sdk"
import OpenAI from "openai"
import type { Frame } from "../../src/core/event.ts"
import { type Json, parseJson } from "../../src/lib/json.ts"
import { encodeSse } from "../../src/lib/sse.ts"

/** What a vendor's own SDK would have been sent, instead of a network. */
const answering = (body: BodyInit, type: string) => async (): Promise<Response> =>
  new Response(body, { headers: { "content-type": type } })

const nowhere = { apiKey: "none", baseURL: "http://127.0.0.1:1", maxRetries: 0 } as const
const model = "model-under-test"
const said = [{ role: "user" as const, content: "x" }]

/** The whole answer as the vendor's own SDK puts it together from a stream. */
export async function accumulated(wire: string, frames: readonly Frame[]): Promise<Json> {
  const bytes = frames.map(
    (frame) => frame.raw ?? encodeSse({ data: frame.data, ...(frame.event === undefined ? {} : { event: frame.event }) }),
  )
  const fetch = answering(Buffer.concat(bytes), "text/event-stream")
  return plain(await finished(wire, fetch))
}

function finished(wire: string, fetch: () => Promise<Response>): Promise<unknown> {
  switch (wire) {
    case "anthropic-messages":
      return new Anthropic({ ...nowhere, fetch }).messages.stream({ model, max_tokens: 1024, messages: said }).finalMessage()
    case "openai-responses":
      return new OpenAI({ ...nowhere, fetch }).responses.stream({ model, input: "x" }).finalResponse()
    case "openai-chat":
      return new OpenAI({ ...nowhere, fetch }).chat.completions.stream({ model, messages: said }).finalChatCompletion()
    default:
      throw new Error(`no SDK known for ${wire}`)
  }
}

/** The answer as the SDK hands it to its caller, fields it does not know included. */
export async function received(wire: string, body: string): Promise<Json> {
  const fetch = answering(body, "application/json")
  switch (wire) {
    case "anthropic-messages":
      return plain(await new Anthropic({ ...nowhere, fetch }).messages.create({ model, max_tokens: 1024, messages: said }))
    case "openai-responses":
      return plain(await new OpenAI({ ...nowhere, fetch }).responses.create({ model, input: "x" }))
    case "openai-chat":
      return plain(await new OpenAI({ ...nowhere, fetch }).chat.completions.create({ model, messages: said }))
    default:
      throw new Error(`no SDK known for ${wire}`)
  }
}

/** Without the getters and symbols that SDKs hang on their values. */
const plain = (value: unknown): Json => parseJson(JSON.stringify(value))
