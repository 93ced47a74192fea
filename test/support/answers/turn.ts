import type { Answer, HeaderPairs } from "../upstream/exchange.ts"
import { type Frame, json, type SseOptions, sse } from "../upstream/well-formed.ts"

/** What a model says in one turn, in no vendor's words. */
export interface Turn {
  readonly id?: string
  readonly model?: string
  readonly reasoning?: Reasoning
  readonly text?: string
  /** More than one call is a parallel call. */
  readonly calls?: readonly Call[]
  /** Absent: `tool` when there are calls, else `end`. */
  readonly stop?: "end" | "tool" | "length" | "filter"
  readonly usage?: Tokens
}

export interface Reasoning {
  readonly text: string
  /** Opaque state: a signature, or encrypted content where the wire has it. */
  readonly seal?: string
}

export interface Call {
  readonly id?: string
  readonly name: string
  readonly namespace?: string
  /** JSON source text. */
  readonly input: string
}

/** `input` and `output` are totals; the others are parts of them. */
export interface Tokens {
  readonly input: number
  readonly output: number
  readonly cacheRead?: number
  readonly cacheWrite?: number
  readonly reasoning?: number
}

/** A request as the scripted agent upstream sees it. */
export interface Asked {
  readonly model: string
  readonly stream: boolean
  readonly tools: readonly OfferedTool[]
  /** Texts of the tool results that stand after the last assistant turn. */
  readonly results: readonly string[]
}

export interface OfferedTool {
  readonly name: string
  readonly namespace?: string
  readonly schema: Record<string, unknown>
}

export interface ErrorAnswer {
  readonly status: number
  readonly body: object
  readonly headers: HeaderPairs
}

/** The failures that gateways must tell apart. Every vendor has its own words for each. */
export type Failure =
  | "bad request"
  | "unauthorized"
  | "payment required"
  | "forbidden"
  | "model not found"
  | "conflict"
  | "too large"
  | "unprocessable"
  | "context overflow"
  | "content policy"
  | "rate limited"
  | "quota exhausted"
  | "timeout"
  | "server error"
  | "bad gateway"
  | "unavailable"
  | "overloaded"

export const failures: readonly Failure[] = [
  "bad request",
  "unauthorized",
  "payment required",
  "forbidden",
  "model not found",
  "conflict",
  "too large",
  "unprocessable",
  "context overflow",
  "content policy",
  "rate limited",
  "quota exhausted",
  "timeout",
  "server error",
  "bad gateway",
  "unavailable",
  "overloaded",
]

/** One vendor's way of saying things. */
export interface Voice {
  /** The unary body of a turn. */
  body(turn: Turn): object
  /** The stream of a turn, in the vendor's order of events, the closing one included. */
  frames(turn: Turn): readonly Frame[]
  error(failure: Failure): ErrorAnswer
  /** The frame by which an error is told inside a 200 stream. */
  errorFrame(failure: Failure): Frame
  read(body: Record<string, unknown>): Asked
  readonly headers: HeaderPairs
}

export const unary = (voice: Voice, turn: Turn): Answer => json(200, voice.body(turn), voice.headers)

export const streamed = (voice: Voice, turn: Turn, options: SseOptions = {}): Answer =>
  sse(voice.frames(turn), { ...options, headers: { ...voice.headers, ...options.headers } })

/** The turn as the request asked for it: one body, or a stream. */
export const reply = (voice: Voice, body: Record<string, unknown>, turn: Turn): Answer =>
  voice.read(body).stream ? streamed(voice, turn) : unary(voice, turn)

export function failing(voice: Voice, failure: Failure, headers: HeaderPairs = {}): Answer {
  const answer = voice.error(failure)
  return json(answer.status, answer.body, { ...answer.headers, ...headers })
}

/** A 200 stream that breaks off into an error after its first `count` frames. */
export const failingAfter = (voice: Voice, turn: Turn, count: number, failure: Failure): Answer =>
  sse([...voice.frames(turn).slice(0, count), voice.errorFrame(failure)], { headers: voice.headers })

export const stopOf = (turn: Turn): NonNullable<Turn["stop"]> => turn.stop ?? (turn.calls?.length ? "tool" : "end")

export const tokensOf = (turn: Turn): Required<Tokens> => ({
  input: 21,
  output: 9,
  cacheRead: 0,
  cacheWrite: 0,
  reasoning: turn.reasoning ? 4 : 0,
  ...turn.usage,
})

/** Text as a model streams it: cut before each space, so that pieces join to the whole. */
export const words = (text: string): readonly string[] => text.match(/\s*\S+|\s+$/g) ?? (text === "" ? [] : [text])

/** Source text cut into pieces of eight characters, none inside a surrogate pair. */
export function fragments(text: string): readonly string[] {
  const points = [...text]
  const pieces: string[] = []
  for (let from = 0; from < points.length; from += 8) pieces.push(points.slice(from, from + 8).join(""))
  return pieces
}

export const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value)

export const records = (value: unknown): readonly Record<string, unknown>[] =>
  Array.isArray(value) ? value.filter(isRecord) : []

/** The text in a string, or in a list of parts that have a `text`. */
export const textIn = (value: unknown): string =>
  typeof value === "string"
    ? value
    : records(value)
        .map((part) => String(part.text ?? ""))
        .join("")
