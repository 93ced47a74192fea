import { describe, test } from "bun:test"
import type { Block, Seal } from "../../src/core/block.ts"
import type { Message } from "../../src/core/message.ts"
import type { Request } from "../../src/core/request.ts"
import type { Response } from "../../src/core/response.ts"
import { steps } from "../../src/core/steps.ts"
import type { Wire } from "../../src/core/wire.ts"
import { type Json, stringifyJson } from "../../src/lib/json.ts"
import { unfolded } from "../core/interleave.ts"
import { must, mustEqual } from "./difference.ts"
import { conversation } from "./echo.ts"
import { trial } from "./exchange.ts"
import { jsonOf, ownFixtures } from "./fixtures.ts"
import { loadWires } from "./load-wires.ts"
import { regroupResponse } from "./regroup.ts"
import { accumulated, received } from "./sdk.ts"
import { encodeSteps, overTheLine } from "./streams.ts"

const wires = await loadWires()

/** What a vendor's SDK keeps of any answer: words, calls, why it stopped, what it used. */
function kept(response: Response) {
  const { said, fields } = regroupResponse(response)
  const blocks = said.flatMap(({ block }): object[] => {
    if (block.type === "text" || block.type === "refusal") return [{ type: block.type, text: block.text }]
    return block.type === "tool-call" && block.by === undefined
      ? [{ type: block.type, name: block.name, input: spelled(block.input) }]
      : []
  })
  return { blocks, stops: fields.candidates }
}

/** SDKs hand inputs out parsed. */
function spelled(input: string): string {
  try {
    return JSON.stringify(JSON.parse(input))
  } catch {
    return input
  }
}

/** Scenarios whose cut-off input an SDK completes as it likes. */
const completed: ReadonlySet<string> = new Set(["length-cut-tool"])

const read = (wire: Wire, body: Json): Response => wire.response.decode(body, trial(wire, wire))

/** How answers of one wire look to the official SDK of another. */
function showsTheSame(from: Wire, client: Wire): void {
  for (const fixture of ownFixtures(from.id).filter((one) => one.kind === "response" && !completed.has(one.name))) {
    test(`${fixture.name} of ${from.id}`, async () => {
      const hub = read(from, jsonOf(fixture))
      const whole = kept(read(client, client.response.encode(hub, trial(client, from))))
      for (const said of [steps(hub), unfolded(hub, [2, 4, 6, 1, 3])]) {
        const frames = overTheLine(encodeSteps(client, trial(client, from), said))
        mustEqual(whole, kept(read(client, await accumulated(client.id, frames))), "as the SDK accumulates it")
      }
    })
  }
}

for (const client of wires) {
  describe(`the SDK of ${client.id} puts a stream together`, () => {
    for (const from of wires) showsTheSame(from, client)
  })
}

const sealOf = (issuer: string, name: string): Seal => ({
  issuer,
  kind: "signature",
  data: Buffer.from(`sealed ${name}`).toString("base64"),
})

/** One turn of thinking between calls, two of them side by side. */
function turn(issuer: string, number: number): Response {
  const thought = (part: string): Block => ({
    type: "reasoning",
    parts: [{ text: `Thinking of ${part} in turn ${number}.` }],
    seal: sealOf(issuer, `${part} ${number}`),
  })
  const call = (part: string): Block => ({
    type: "tool-call",
    id: `call_${part}_${number}`,
    name: `look_${part}`,
    input: `{"n":${number}}`,
  })
  const message: Message = { role: "assistant", blocks: [thought("one"), call("a"), thought("two"), call("b"), call("c")] }
  return {
    id: `r_${number}`,
    model: "model-under-test",
    candidates: [{ messages: [message], stop: { reason: "tool", raw: "tool" } }],
    pins: [],
  }
}

/** Seals that the fixture above would have on that wire: its own vendor's kinds. */
const ownKind = (issuer: Wire, response: Response): Response =>
  read(issuer, issuer.response.encode(response, trial(issuer, issuer)))

const sealsIn = (messages: readonly Message[]): string[] =>
  messages.flatMap((message) => message.blocks.flatMap((block) => (block.seal ? [block.seal.data] : [])))
const callsIn = (messages: readonly Message[]): string[] =>
  messages.flatMap((message) => message.blocks.flatMap((block) => (block.type === "tool-call" ? [block.id] : [])))

async function threeTurns(issuer: Wire, client: Wire): Promise<void> {
  const answers: Json[] = []
  const seals: string[] = []
  for (const number of [1, 2, 3]) {
    const hub = ownKind(issuer, turn(issuer.home ?? "", number))
    seals.push(...sealsIn(hub.candidates[0]?.messages ?? []))
    answers.push(await received(client.id, stringifyJson(client.response.encode(hub, trial(client, issuer)))))
    const request: Request = client.request.decode(conversation(client.id, answers), () => {})
    mustEqual(seals, sealsIn(request.messages), `seals after turn ${number}`)
    const calls = callsIn(request.messages)
    must(calls.length === 3 * number && new Set(calls).size === calls.length, `call ids after turn ${number}`, calls)
    const text = stringifyJson(issuer.request.encode(request, trial(client, issuer, { request })))
    const places = seals.map((seal) => text.indexOf(seal))
    must(
      places.every((place, index) => place > (places[index - 1] ?? -1)),
      `seals out of order for the issuer in turn ${number}`,
      places,
    )
  }
}

describe("three turns of thinking and calls keep every seal and every id", () => {
  for (const issuer of wires.filter((wire) => wire.home !== undefined && ownSeals(wire))) {
    for (const client of wires) test(`${issuer.id} by way of ${client.id}`, () => threeTurns(issuer, client))
  }
})

/** Whether answers of a wire carry seals of its own vendor at all. */
function ownSeals(wire: Wire): boolean {
  return sealsIn(ownKind(wire, turn(wire.home ?? "", 1)).candidates[0]?.messages ?? []).length > 0
}
