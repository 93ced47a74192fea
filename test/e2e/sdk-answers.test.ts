import { afterAll, beforeAll, describe, expect, test } from "bun:test"
import type { Turn } from "../support/answers/turn.ts"
import { type Directions, type Spoken, saying, spokenWires, startDirections } from "./directions.ts"
import { converse, type Told } from "./sdk-clients.ts"

let directions: Directions
beforeAll(async () => {
  directions = await startDirections()
})
afterAll(() => directions[Symbol.asyncDispose]())

/** One question, one answer, told whole and as a stream. */
async function askBoth(client: Spoken, upstream: Spoken, turn: Turn): Promise<readonly Told[]> {
  directions.upstreams[upstream].use(saying(upstream, turn))
  const told: Told[] = []
  for (const stream of [false, true]) {
    const conversation = converse[client](directions.gateway.url)
    conversation.user("What is the weather in Zürich 🌧️?")
    told.push(await conversation.ask(`${upstream}/some-model`, { stream, tools: true, reasoning: turn.reasoning !== undefined }))
  }
  return told
}

const city = { city: "Zürich", day: 20_261_122 }
const call = (id: string, input: object) => ({ id, name: "get_weather", input: JSON.stringify(input) })
const usage = { input: 1_200, output: 77, cacheRead: 1_000 }

for (const client of spokenWires) {
  for (const upstream of spokenWires) {
    describe(`the ${client} SDK over a provider of ${upstream}`, () => {
      test("text, usage and the end", async () => {
        for (const told of await askBoth(client, upstream, { text: "Grüezi, 東京 and 👋🏽.", usage })) {
          expect(told).toMatchObject({ text: "Grüezi, 東京 and 👋🏽.", calls: [], stop: "end", usage })
          expect(told.id).toBeString()
        }
      })

      test("one call after a text", async () => {
        for (const told of await askBoth(client, upstream, { text: "Looking.", calls: [call("call_w1", city)] })) {
          expect(told.text).toBe("Looking.")
          expect(told.calls).toEqual([{ id: "call_w1", name: "get_weather", input: city }])
          expect(told.stop).toBe("tool")
        }
      })

      test("parallel calls keep their ids, order and arguments", async () => {
        const calls = ["Bern", "Basel", "Genf"].map((name, index) => call(`call_p${index}`, { city: name }))
        for (const told of await askBoth(client, upstream, { calls })) {
          expect(told.calls.map(({ id, input }) => ({ id, input }))).toEqual(
            calls.map(({ id, input }) => ({ id, input: JSON.parse(input) as unknown })),
          )
          expect(told.stop).toBe("tool")
        }
      })

      test("a call without arguments", async () => {
        const input = upstream === "messages" ? "{}" : ""
        for (const told of await askBoth(client, upstream, { calls: [{ id: "call_e", name: "get_time", input }] })) {
          expect(told.calls).toEqual([{ id: "call_e", name: "get_time", input: {} }])
          expect(told.stop).toBe("tool")
        }
      })

      test("thinking is shown as thinking and nowhere else", async () => {
        const reasoning = { text: "Weigh the clouds first.", ...(upstream === "chat" ? {} : { seal: "c2VhbGVk+/8=" }) }
        for (const told of await askBoth(client, upstream, { reasoning, text: "It rains." })) {
          expect(told.reasoning).toBe("Weigh the clouds first.")
          expect(told.text).toBe("It rains.")
        }
      })

      for (const stop of ["length", "filter"] as const) {
        test(`the stop ${stop}`, async () => {
          for (const told of await askBoth(client, upstream, { text: "It rai", stop })) {
            expect(told.text).toBe("It rai")
            expect(told.stop).toBe(stop)
          }
        })
      }
    })
  }
}
