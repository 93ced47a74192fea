import { describe, expect, test } from "bun:test"
import fc from "fast-check"
import type { Frame } from "../../../src/core/event.ts"
import type { JsonObject } from "../../../src/lib/json.ts"
import { lifecycleFaults } from "../../core/lifecycle.ts"
import { chunk, decodeFrames, done, fold } from "./support.ts"

interface Call {
  readonly id: string
  readonly name: string
  readonly input: string
}

/** A piece of a call, as some server spells it. */
type Spelling = (piece: {
  readonly call: Call
  readonly place: number
  readonly text: string
  readonly isFirst: boolean
}) => JsonObject

const spellings: Readonly<Record<string, Spelling>> = {
  "by index, named once": ({ call, place, text, isFirst }) => ({
    index: place,
    ...(isFirst ? { id: call.id, type: "function" } : {}),
    function: { ...(isFirst ? { name: call.name } : {}), arguments: text },
  }),
  "all said again in each piece": ({ call, place, text }) => ({
    index: place,
    id: call.id,
    type: "function",
    function: { name: call.name, arguments: text },
  }),
  "empty names and nulls where there is nothing new": ({ call, place, text, isFirst }) => ({
    index: place,
    id: isFirst ? call.id : null,
    type: isFirst ? "function" : null,
    function: { name: isFirst ? call.name : "", arguments: text },
  }),
  "by id alone": ({ call, text, isFirst }) => ({
    id: call.id,
    function: { ...(isFirst ? { name: call.name } : {}), arguments: text },
  }),
}

/** Servers that do not number their calls say one after the other. */
const unnumbered: Readonly<Record<string, Spelling>> = {
  "the same index for all": ({ call, text, isFirst }) => ({
    index: 0,
    ...(isFirst ? { id: call.id } : {}),
    function: { ...(isFirst ? { name: call.name } : {}), arguments: text },
  }),
  "no index, named once": ({ call, text, isFirst }) =>
    isFirst ? { id: call.id, function: { name: call.name, arguments: text } } : { function: { arguments: text } },
}

const input = fc.oneof(
  fc.constantFrom("", "{}", '{"a":1}', '{"text":"\\ud83d\\ude00 \\"x\\" \\\\ é 👩‍👩‍👧"}', '{"id":12345678901234567890,"x":1.0}'),
  fc.dictionary(fc.string({ maxLength: 4 }), fc.jsonValue({ maxDepth: 2 }), { maxKeys: 3 }).map((value) => JSON.stringify(value)),
)
const calls = fc
  .uniqueArray(fc.record({ id: fc.stringMatching(/^call_[a-z0-9]{4}$/), input }), {
    minLength: 1,
    maxLength: 4,
    selector: ({ id }) => id,
  })
  .map((list): readonly Call[] => list.map(({ id, input: text }, index) => ({ id, name: `tool_${index}`, input: text })))
const cuts = fc.array(fc.nat(40), { minLength: 1, maxLength: 12 })

function pieces(text: string, at: readonly number[]): readonly string[] {
  const places = [...new Set(at.map((place) => place % (text.length + 1)))].sort((left, right) => left - right)
  return [...places, text.length].map((end, index) => text.slice(places[index - 1] ?? 0, end))
}

/** The pieces of all calls in an order that keeps each call's own; calls begin in their order. */
function mixed(list: readonly Call[], spell: Spelling, at: readonly number[], isMixed: boolean): readonly Frame[] {
  const lanes = list.map((call, place) =>
    pieces(call.input, at).map((text, index) => chunk({ tool_calls: [spell({ call, place, text, isFirst: index === 0 })] })),
  )
  if (!isMixed) return lanes.flat()
  const firsts = lanes.flatMap((lane) => lane.slice(0, 1))
  const longest = Math.max(...lanes.map((lane) => lane.length))
  const rest = Array.from({ length: longest }, (_, index) => lanes.flatMap((lane) => lane.slice(1)[index] ?? []))
  return [...firsts, ...rest.flat()]
}

function said(frames: readonly Frame[]): readonly (readonly string[])[] {
  const blocks = fold([...frames, chunk({}, "tool_calls"), done]).candidates[0]?.messages[0]?.blocks ?? []
  return blocks.map((block) => (block.type === "tool-call" ? [block.id, block.name, block.input] : [block.type]))
}

const expected = (list: readonly Call[]): readonly (readonly string[])[] =>
  list.map(({ id, name, input: text }) => [id, name, text === "" ? "{}" : text])

describe("calls are the same however a server spells, cuts and mixes their pieces", () => {
  for (const [title, spell] of Object.entries(spellings))
    test(title, () => {
      fc.assert(
        fc.property(calls, cuts, fc.boolean(), (list, at, isMixed) => {
          const frames = mixed(list, spell, at, isMixed)
          expect(said(frames)).toEqual(expected(list))
          expect(lifecycleFaults(decodeFrames([...frames, chunk({}, "tool_calls"), done]))).toEqual([])
        }),
        { numRuns: 150 },
      )
    })

  for (const [title, spell] of Object.entries(unnumbered))
    test(title, () => {
      fc.assert(
        fc.property(calls, cuts, (list, at) => {
          expect(said(mixed(list, spell, at, false))).toEqual(expected(list))
        }),
        { numRuns: 150 },
      )
    })
})
