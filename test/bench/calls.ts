import type { Gateway } from "../support/gateway.ts"
import { type LoadResult, load } from "./load.ts"
import { cpuSeconds, untilQuiet } from "./measure.ts"

const messages = [
  { role: "system", content: "You are a helpful assistant. ".repeat(12) },
  { role: "user", content: "Tell me about the quick brown fox. ".repeat(16) },
]

/** One kind of call: where it is posted and what. */
export interface CallKind {
  readonly path: string
  readonly body: string
  readonly headers?: Readonly<Record<string, string>>
  readonly mustEndWith?: string
}

const model = "mockup/m"

export const unaryCall: CallKind = { path: "/v1/chat/completions", body: JSON.stringify({ model, messages, temperature: 0.5 }) }

/** The same question in another wire than the upstream's, so that the gateway has to translate both ways. */
export const translatedCall: CallKind = {
  path: "/anthropic/v1/messages",
  body: JSON.stringify({ model, max_tokens: 256, system: messages[0]?.content, messages: messages.slice(1), temperature: 0.5 }),
  headers: { "x-api-key": "sk-caller", "anthropic-version": "2023-06-01" },
}

/** A stream of 60 chunks, one every `tick` milliseconds. */
export const streamedCall = (tick: number): CallKind => ({
  path: "/v1/chat/completions",
  body: JSON.stringify({ model: `${model}${tick}`, stream: true, messages }),
  mustEndWith: "data: [DONE]\n\n",
})

/** About one megabyte: a long conversation, as coding agents send it. */
export function bigCall(): CallKind {
  const turn = { role: "user", content: 'A line with "quotes", a tab\t and an umlaut ü.\n'.repeat(40) }
  const body = JSON.stringify({ model, temperature: 0.5, messages: Array.from({ length: 480 }, () => turn) })
  return { path: "/v1/chat/completions", body }
}

export interface Cost {
  /** CPU seconds of the server for one call. */
  readonly cpu: number
  readonly perSecond: number
  readonly load: LoadResult
}

/** Sends calls to a subject and tells what each cost the subject's process, work done afterwards included. A failed call fails the measurement. */
export async function costOf(subject: Gateway, kind: CallKind, connections: number, calls: number): Promise<Cost> {
  const before = cpuSeconds(subject.pid)
  const result = await load({ port: subject.port, ...kind, connections, calls })
  await untilQuiet(subject.pid)
  const cpu = (cpuSeconds(subject.pid) - before) / calls
  if (result.failures > 0) throw new Error(`${result.failures} of ${calls} calls failed\n${subject.output().slice(-2000)}`)
  return { cpu, perSecond: calls / result.seconds, load: result }
}
