import { afterAll, beforeAll, describe, expect, test } from "bun:test"
import { failing, failingAfter, type Turn } from "../support/answers/turn.ts"
import type { Answer } from "../support/upstream/exchange.ts"
import { type Directions, type Spoken, saying, spokenWires, startDirections, voices } from "./directions.ts"
import { anthropicAt, openaiAt } from "./sdk-clients.ts"

let directions: Directions
beforeAll(async () => {
  directions = await startDirections()
})
afterAll(() => directions[Symbol.asyncDispose]())

const turn: Turn = {
  text: "From the second.",
  calls: [{ id: "call_1", name: "look", input: '{"city":"Zürich","n":12345678901234567890}' }],
}

/** A call with fallbacks, by the SDK's own way to send what it does not know; the raw text of the answer. */
async function ask(client: Spoken, model: string, fallbacks: readonly string[], stream: boolean): Promise<string> {
  const { url } = directions.gateway
  const said = [{ role: "user" as const, content: "hello" }]
  const options = { headers: { "x-gantry-fallbacks": fallbacks.join(",") } }
  const response = await (client === "chat"
    ? openaiAt(url).chat.completions.create({ model, messages: said, stream }, options)
    : client === "responses"
      ? openaiAt(url).responses.create({ model, input: "hello", stream }, options)
      : anthropicAt(url).messages.create({ model, max_tokens: 64, messages: said, stream }, options)
  ).asResponse()
  expect(response.headers.get("x-gantry-attempts")).toBe("2")
  expect(response.headers.get("x-gantry-provider")).toBe(fallbacks[0]?.split("/")[0] ?? "")
  return response.text()
}

const words = (text: string): string => text.replaceAll(/[^A-Za-z]+/g, " ")

describe("a call goes on in another format than it began in", () => {
  for (const client of spokenWires) {
    for (const first of spokenWires) {
      for (const second of spokenWires.filter((spoken) => spoken !== first)) {
        test(`${client} SDK, ${first}, then ${second}`, async () => {
          const { upstreams } = directions
          const early: Answer = failingAfter(voices[first], turn, 1, "overloaded")
          for (const [stream, failure] of [
            [false, failing(voices[first], "server error")],
            [true, failing(voices[first], "unavailable")],
            [true, early],
          ] as const) {
            upstreams[first].use(failure)
            upstreams[second].use(saying(second, turn))
            const text = await ask(client, `${first}/one`, [`${second}/two`], stream)
            expect(words(text)).toContain("second")
            expect(text).toContain("call_1")
            expect(text).not.toMatch(/overloaded|slow_down|Sorry about that/)
            const sent = upstreams[second].requests.at(-1)?.json()
            expect(sent).toMatchObject({ model: "two" })
            expect(sent).not.toHaveProperty("fallbacks")
          }
        })
      }
    }
  }
})
