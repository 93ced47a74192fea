import { afterAll, beforeAll, describe, expect, test } from "bun:test"
import fc from "fast-check"
import type { Turn } from "../support/answers/turn.ts"
import { sse } from "../support/upstream/well-formed.ts"
import { type Directions, saying, spokenWires, startDirections, voices } from "./directions.ts"
import { converse } from "./sdk-clients.ts"

let directions: Directions
beforeAll(async () => {
  directions = await startDirections()
})
afterAll(() => directions[Symbol.asyncDispose]())

/** Text as it comes: other scripts, signs outside the basic plane, what JSON and SSE must escape. */
const text = fc.string({
  unit: fc.oneof(
    fc.constantFrom(" ", "\n", "\r\n", "\t", '"', "\\", "data: ", "\n\n", "é", "東", "👩‍👩‍👧", "\u2028", "\u0000", "<br>"),
    fc.string({ unit: "grapheme", minLength: 1, maxLength: 3 }),
  ),
  minLength: 1,
  maxLength: 12,
})

const input = fc.dictionary(
  fc.constantFrom("city", "day", "a b", "é"),
  fc.oneof(text, fc.integer(), fc.boolean(), fc.constant(null)),
)

const turn: fc.Arbitrary<Turn> = fc
  .record({
    text: fc.option(text, { nil: undefined }),
    inputs: fc.array(input, { maxLength: 3 }),
    thought: fc.option(text, { nil: undefined }),
  })
  .map(({ text: said, inputs, thought }) => ({
    ...(thought === undefined ? {} : { reasoning: { text: thought, seal: "c2VhbGVkIHRob3VnaHQ=" } }),
    ...(said === undefined && inputs.length > 0 ? {} : { text: said ?? "fine" }),
    ...(inputs.length > 0 && {
      calls: inputs.map((one, index) => ({ id: `call_${index}x`, name: "get_weather", input: JSON.stringify(one) })),
    }),
  }))

const cuts = fc.array(fc.nat(6_000), { maxLength: 30 }).map((places) => [...new Set(places)].sort((left, right) => left - right))

describe("a stream says what the whole answer says, wherever its bytes are cut", () => {
  for (const client of spokenWires) {
    for (const upstream of spokenWires) {
      test(`${client} SDK over ${upstream}`, async () => {
        const ask = async (stream: boolean) => {
          const conversation = converse[client](directions.gateway.url)
          conversation.user("hello")
          return conversation.ask(`${upstream}/m`, { stream, tools: true, reasoning: true })
        }
        await fc.assert(
          fc.asyncProperty(turn, cuts, async (answer, splitAt) => {
            const provider = directions.upstreams[upstream]
            provider.use(saying(upstream, answer))
            const whole = await ask(false)
            provider.use(sse(voices[upstream].frames(answer), { splitAt }))
            const streamed = await ask(true)
            expect({ ...streamed, id: "" }).toEqual({ ...whole, id: "" })
            expect(streamed.text).toBe(answer.text ?? "")
            expect(streamed.calls.map((call) => call.input)).toEqual(
              (answer.calls ?? []).map((call) => JSON.parse(call.input) as unknown),
            )
          }),
          { numRuns: 40 },
        )
      })
    }
  }
})
