import { afterAll, beforeAll, describe, expect, test } from "bun:test"
import { reply, type Turn } from "../support/answers/turn.ts"
import { json } from "../support/upstream/well-formed.ts"
import type { Recorded } from "../support/upstream.ts"
import { type Directions, routerSaying, type Spoken, saying, spokenWires, startDirections, voices } from "./directions.ts"
import { interleaved, type Sealing } from "./interleave.ts"
import { type Conversation, converse } from "./sdk-clients.ts"

let directions: Directions
beforeAll(async () => {
  directions = await startDirections()
})
afterAll(() => directions[Symbol.asyncDispose]())

/** Opaque text with every character that base64 has, as vendors send it. */
const sealText = (turn: number, part: string): string =>
  Buffer.from(`\xfb\xff\xfe sealed by its issuer, turn ${turn}, ${part}`, "latin1").toString("base64")

const stretchesOf = (turn: number): readonly Turn[] => [
  {
    id: `made_${turn}_of_this_conversation`,
    reasoning: { text: `First thought of turn ${turn}.`, seal: sealText(turn, "one") },
    calls: [{ id: `toolu_a_${turn}`, name: "get_weather", input: `{"city":"Bern","day":${turn}}` }],
  },
  {
    id: `made_${turn}_of_this_conversation`,
    reasoning: { text: `Second thought of turn ${turn}.`, seal: sealText(turn, "two") },
    calls: [
      { id: `toolu_b_${turn}`, name: "get_weather", input: '{"city":"Basel"}' },
      { id: `toolu_c_${turn}`, name: "get_time", input: "{}" },
    ],
  },
]

const turnNumbers = [1, 2, 3] as const
const sealsUpTo = (turn: number): readonly string[] =>
  turnNumbers.filter((number) => number <= turn).flatMap((number) => [sealText(number, "one"), sealText(number, "two")])

/** A seal as it stands in a JSON text; vendors may escape its slashes. */
const placesOf = (text: string, seals: readonly string[]): readonly number[] => seals.map((seal) => text.indexOf(seal))

/** Who seals: one of the vendors, or one that a router reaches in the format of the client. */
interface Sealer {
  readonly upstream: "messages" | "responses" | "router"
  readonly model: string
  readonly spoken: Sealing
}

const vendor = (issuer: Sealing): Sealer => ({ upstream: issuer, model: `${issuer}/thinker`, spoken: issuer })
const behindRouter = (spoken: Sealing): Sealer => ({ upstream: "router", model: "openrouter/another-vendor/thinker", spoken })

async function threeTurns(client: Spoken, sealer: Sealer, stream: boolean): Promise<Conversation> {
  const upstream = directions.upstreams[sealer.upstream]
  const conversation = converse[client](directions.gateway.url)
  conversation.user("Compare the weather.")
  const ids = new Set<string>()
  for (const turn of turnNumbers) {
    upstream.use(interleaved(sealer.spoken, stretchesOf(turn), stream))
    const told = await conversation.ask(sealer.model, { stream, tools: true, reasoning: true })
    expect(told.calls.map(({ name, input }) => [name, input])).toEqual([
      ["get_weather", { city: "Bern", day: turn }],
      ["get_weather", { city: "Basel" }],
      ["get_time", {}],
    ])
    for (const { id } of told.calls) ids.add(id)
    expect(ids.size).toBe(3 * turn)
    expectSealed(last(upstream.requests), sealsUpTo(turn - 1))
    conversation.results(new Map(told.calls.map(({ id, name }) => [id, `${name} said ${turn}`])))
  }
  return conversation
}

function expectSealed(request: Recorded, seals: readonly string[]): void {
  const text = request.text()
  const places = placesOf(text, seals)
  expect(places.every((place, index) => place > (places[index - 1] ?? -1))).toBe(true)
  for (const seal of seals) expect(text.split(seal).length).toBe(2)
  expect(text).not.toContain("gantryseal")
}

function last(requests: readonly Recorded[]): Recorded {
  const request = requests.at(-1)
  if (!request) throw new Error("no request arrived")
  return request
}

for (const issuer of ["messages", "responses"] as const) {
  for (const client of spokenWires) {
    for (const stream of [false, true]) {
      test(`three turns, ${client} SDK, sealed by ${issuer}${stream ? ", streamed" : ""}: to its issuer every seal, to others none`, async () => {
        const { upstreams } = directions
        const conversation = await threeTurns(client, vendor(issuer), stream)

        upstreams.router.use(routerSaying({ text: "The other vendor takes over." }))
        const other = await conversation.ask("openrouter/another-vendor/model", { stream, tools: true })
        expect(other.text).toBe("The other vendor takes over.")
        const foreign = last(upstreams.router.requests).text()
        expect(placesOf(foreign, sealsUpTo(3))).toEqual([-1, -1, -1, -1, -1, -1])
        expect(foreign).not.toContain("gantryseal")
        expect(foreign).toContain("get_weather said 3")

        conversation.user("And back to the first?")
        upstreams[issuer].use(saying(issuer, { text: "Back." }))
        const back = await conversation.ask(`${issuer}/thinker`, { stream, tools: true, reasoning: true })
        expect(back.text).toBe("Back.")
        expectSealed(last(upstreams[issuer].requests), sealsUpTo(3))
      })
    }
  }
}

for (const client of ["messages", "responses"] as const) {
  for (const stream of [false, true]) {
    test(`three turns, ${client} SDK, sealed by another vendor in that very format${stream ? ", streamed" : ""}`, async () => {
      const { upstreams } = directions
      const sealer = behindRouter(client)
      const conversation = await threeTurns(client, sealer, stream)

      upstreams[client].use(saying(client, { text: "The format's own vendor takes over." }))
      const other = await conversation.ask(`${client}/thinker`, { stream, tools: true, reasoning: true })
      expect(other.text).toBe("The format's own vendor takes over.")
      const foreign = last(upstreams[client].requests).text()
      expect(placesOf(foreign, sealsUpTo(3))).toEqual([-1, -1, -1, -1, -1, -1])
      expect(foreign).not.toContain("gantryseal")
      expect(foreign).toContain("get_weather said 3")

      conversation.user("And back to the first?")
      upstreams.router.use(routerSaying({ text: "Back." }))
      expect((await conversation.ask(sealer.model, { stream, tools: true, reasoning: true })).text).toBe("Back.")
      expectSealed(last(upstreams.router.requests), sealsUpTo(3))
    })
  }
}

const rejections: Readonly<Record<Sealing, object>> = {
  messages: {
    type: "error",
    error: { type: "invalid_request_error", message: "messages.1.content.0: Invalid `signature` in `thinking` block" },
    request_id: "req_011CSHoEeqs5C35K2UUqR7Fy",
  },
  responses: {
    error: {
      message: "The encrypted content for item rs_1 could not be verified. Reason: Encrypted content could not be decrypted.",
      type: "invalid_request_error",
      param: null,
      code: "invalid_encrypted_content",
    },
  },
}

describe("a vendor that refuses a seal", () => {
  for (const issuer of ["messages", "responses"] as const) {
    for (const client of spokenWires) {
      for (const stream of [false, true]) {
        test(`${client} SDK over ${issuer}${stream ? ", streamed" : ""}: asked once more without, and no more than once`, async () => {
          const upstream = directions.upstreams[issuer]
          const conversation = await threeTurns(client, vendor(issuer), stream)
          const ask = () => conversation.ask(`${issuer}/thinker`, { stream, tools: true, reasoning: true })
          const before = upstream.requests.length
          upstream.on((request) =>
            sealsUpTo(3).some((seal) => request.text().includes(seal))
              ? json(400, rejections[issuer])
              : reply(voices[issuer], request.json(), { text: "Fine without." }),
          )
          expect((await ask()).text).toBe("Fine without.")
          expect(upstream.requests.length).toBe(before + 2)

          conversation.user("Again?")
          upstream.on(() => json(400, rejections[issuer]))
          expect(await ask().catch((error: unknown) => error)).toMatchObject({ status: 400 })
          expect(upstream.requests.length).toBe(before + 4)
        })
      }
    }
  }
})
