import { afterAll, beforeAll, describe, expect, test } from "bun:test"
import Anthropic from "@anthropic-ai/sdk"
import OpenAI from "openai"
import { type Failure, failing, failingAfter } from "../support/answers/turn.ts"
import { hang, resetAfter, stall } from "../support/upstream/faults.ts"
import { type Directions, type Spoken, spokenWires, startDirections, voices } from "./directions.ts"
import { anthropicAt, converse, openaiAt } from "./sdk-clients.ts"

let directions: Directions
beforeAll(async () => {
  directions = await startDirections(9)
})
afterAll(() => directions[Symbol.asyncDispose]())

type ErrorClass = new (...given: never[]) => Error

/** What each vendor's SDK throws for a failure. */
const thrown: readonly (readonly [Failure, status: number, openai: ErrorClass, anthropic: ErrorClass])[] = [
  ["bad request", 400, OpenAI.BadRequestError, Anthropic.BadRequestError],
  ["context overflow", 400, OpenAI.BadRequestError, Anthropic.BadRequestError],
  ["model not found", 404, OpenAI.NotFoundError, Anthropic.NotFoundError],
  ["too large", 413, OpenAI.APIError, Anthropic.APIError],
  ["rate limited", 429, OpenAI.RateLimitError, Anthropic.RateLimitError],
  ["server error", 500, OpenAI.InternalServerError, Anthropic.InternalServerError],
]

const failureOf = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => undefined,
    (error: unknown) => error,
  )

const ask = (client: Spoken, provider: string, stream: boolean): Promise<unknown> => {
  const conversation = converse[client](directions.gateway.url)
  conversation.user("hello")
  return conversation.ask(`${provider}/some-model`, { stream })
}

const spoilt = new Map<Spoken, number>()

/** A provider whose only key is fresh, for failures that cool it. */
function freshPool(upstream: Spoken): string {
  const count = spoilt.get(upstream) ?? 0
  spoilt.set(upstream, count + 1)
  return `${upstream}-${count}`
}

for (const client of spokenWires) {
  for (const upstream of spokenWires) {
    describe(`the ${client} SDK over a provider of ${upstream}`, () => {
      for (const [failure, status, openai, anthropic] of thrown) {
        test(`${failure}: the SDK's own class, and no retry of its own`, async () => {
          for (const stream of [false, true]) {
            const provider = directions.upstreams[upstream]
            provider.use(failing(voices[upstream], failure, { "retry-after": "7" }))
            const before = provider.requests.length
            const pool = failure === "rate limited" ? freshPool(upstream) : upstream
            const error = await failureOf(ask(client, pool, stream))
            expect(error).toBeInstanceOf(client === "messages" ? anthropic : openai)
            if (status < 500) expect(statusOf(error)).toBe(status)
            expect(provider.requests.length).toBe(before + 1)
          }
        })
      }

      test("a key that the vendor refuses is not the caller's 401", async () => {
        directions.upstreams[upstream].use(failing(voices[upstream], "unauthorized"))
        const error = await failureOf(ask(client, freshPool(upstream), false))
        expect(error).toBeInstanceOf(client === "messages" ? Anthropic.InternalServerError : OpenAI.InternalServerError)
        expect(statusOf(error)).toBe(502)
      })

      test("an error inside a stream, before and after its first words", async () => {
        const turn = { text: "one two three four" }
        const frames = voices[upstream].frames(turn)
        const provider = directions.upstreams[upstream]
        provider.use(failingAfter(voices[upstream], turn, 1, "overloaded"))
        expect(statusOf(await failureOf(ask(client, upstream, true)))).toBeGreaterThanOrEqual(500)
        provider.use(failingAfter(voices[upstream], turn, Math.ceil(frames.length / 2), "overloaded"))
        const late = await failureOf(ask(client, upstream, true))
        expect(late).toBeInstanceOf(client === "messages" ? Anthropic.APIError : OpenAI.APIError)
      })

      test("a stream that breaks off is an error, not an end", async () => {
        const frames = voices[upstream].frames({ text: "one two three four five six" })
        directions.upstreams[upstream].use(resetAfter(frames.slice(0, Math.ceil(frames.length / 2))))
        const error = await failureOf(ask(client, upstream, true))
        expect(error).toBeInstanceOf(client === "messages" ? Anthropic.APIError : OpenAI.APIError)
      })

      test("an abort reaches the vendor, before the first byte and in mid-stream", async () => {
        const provider = directions.upstreams[upstream]
        provider.use([hang(), stall(voices[upstream].frames({ text: "one two three" }).slice(0, -3))])
        for (const until of ["asked", "reading"] as const) {
          const next = provider.requests.length
          const leaving = new AbortController()
          const left = failureOf(read(client, upstream, leaving, until))
          const request = await provider.received(next)
          if (until === "asked") leaving.abort()
          expect(await request.ended).toBe("aborted")
          const error = await left
          if (until === "reading") expect(error).toMatchObject({ name: "AbortError" })
          else expect(error).toBeInstanceOf(client === "messages" ? Anthropic.APIUserAbortError : OpenAI.APIUserAbortError)
        }
      })
    })
  }
}

/** A streamed request by the SDK's bare iterator; `reading` leaves at the first event. */
async function read(client: Spoken, upstream: Spoken, leaving: AbortController, until: "asked" | "reading"): Promise<void> {
  const { signal } = leaving
  const model = `${upstream}/some-model`
  const { url } = directions.gateway
  const said = [{ role: "user" as const, content: "hello" }]
  const events: AsyncIterable<unknown> =
    client === "chat"
      ? await openaiAt(url).chat.completions.create({ model, messages: said, stream: true }, { signal })
      : client === "responses"
        ? await openaiAt(url).responses.create({ model, input: "hello", stream: true }, { signal })
        : await anthropicAt(url).messages.create({ model, max_tokens: 64, messages: said, stream: true }, { signal })
  for await (const _event of events) if (until === "reading") leaving.abort()
  signal.throwIfAborted()
}

const statusOf = (error: unknown): number => Number((error as { status?: unknown } | undefined)?.status)
