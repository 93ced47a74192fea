import type { Block } from "../../../src/core/block.ts"
import { collect } from "../../../src/core/collect.ts"
import type { Request } from "../../../src/core/request.ts"
import type { Response } from "../../../src/core/response.ts"
import { steps } from "../../../src/core/steps.ts"
import type { Wire } from "../../../src/core/wire.ts"
import { type Json, parseJson, stringifyJson } from "../../../src/lib/json.ts"
import { unfolded } from "../../core/interleave.ts"
import { mustEqual } from "../difference.ts"
import { trial } from "../exchange.ts"
import type { Law } from "../law.ts"
import { decodeFrames, encodeSteps, overTheLine } from "../streams.ts"

/** Numbers that JavaScript would round or reprint, and keys that it would reorder. */
const exact = '{"b":1,"10":2,"id":12345678901234567890,"x":1.0}'
const schema = `{"type":"object","properties":{"n":{"type":"number","default":1.0,"enum":[12345678901234567890,1e5]}},"x-order":${exact}}`

const request: Request = {
  model: "model-under-test",
  messages: [
    { role: "user", blocks: [{ type: "text", text: "Look it up." }] },
    { role: "assistant", blocks: [{ type: "tool-call", id: "call_1", name: "look", input: exact }] },
    { role: "user", blocks: [{ type: "tool-result", id: "call_1", content: [{ type: "text", text: "found" }] }] },
  ],
  tools: [{ type: "function", name: "look", description: "Looks up", schema }],
  maxOutput: 100,
  pins: [],
}

const response: Response = {
  id: "r_1",
  model: "model-under-test",
  candidates: [
    {
      messages: [{ role: "assistant", blocks: [{ type: "tool-call", id: "call_1", name: "look", input: exact }] }],
      stop: { reason: "tool", raw: "tool" },
    },
  ],
  pins: [],
}

const inputs = (blocks: readonly Block[]): string[] =>
  blocks.flatMap((block) => (block.type === "tool-call" ? [block.input] : []))
const texts = (value: Request) => ({
  inputs: inputs(value.messages.flatMap((message) => message.blocks)),
  schemas: (value.tools ?? []).map((tool) => (tool.type === "function" ? tool.schema : undefined)),
})
const expected = { inputs: [exact], schemas: [schema] }

const overTheWire = (body: Json): Json => parseJson(stringifyJson(body))

const sent = (wire: Wire, from: Wire, value: Request): Request =>
  wire.request.decode(overTheWire(wire.request.encode(value, trial(from, wire, { request: value }))), () => {})

const answered = (client: Wire, from: Wire, value: Response): Response =>
  client.response.decode(overTheWire(client.response.encode(value, trial(client, from))), trial(client, client))

const answerInputs = (value: Response): string[] =>
  inputs(value.candidates[0]?.messages.flatMap((message) => message.blocks) ?? [])

/** Source texts keep their tokens and key order. */
export const exactText: Law = {
  title: "L11 exact text",
  wire: [
    {
      title: "inputs and schemas of a request keep their text across every pair",
      check({ wire, wires }) {
        const first = sent(wire, wire, request)
        mustEqual(expected, texts(first), "on its own wire")
        for (const other of wires) mustEqual(expected, texts(sent(other, wire, first)), `on to ${other.id}`)
      },
    },
    {
      title: "they keep it after an edit elsewhere",
      check({ wire, wires }) {
        const first = sent(wire, wire, request)
        const question = first.messages.findIndex((message) => message.role === "user")
        const edited: Request = {
          ...first,
          messages: first.messages.with(question, { role: "user", blocks: [{ type: "text", text: "Never mind." }] }),
        }
        for (const other of wires) mustEqual(expected, texts(sent(other, wire, edited)), `on to ${other.id}`)
      },
    },
    {
      title: "inputs of an answer keep their text across every pair",
      check({ wire, wires }) {
        const first = answered(wire, wire, response)
        mustEqual([exact], answerInputs(first), "on its own wire")
        for (const other of wires) mustEqual([exact], answerInputs(answered(other, wire, first)), `on to ${other.id}`)
      },
    },
    {
      title: "inputs of a streamed answer keep their text across every pair",
      check({ wire, wires }) {
        for (const said of [steps(response), unfolded(response, [4, 8, 15, 16, 23, 42])]) {
          for (const other of wires) {
            const frames = overTheLine(encodeSteps(other, trial(other, wire), said))
            mustEqual([exact], answerInputs(collect(decodeFrames(other, trial(other, other), frames))), `streamed to ${other.id}`)
          }
        }
      },
    },
  ],
}
