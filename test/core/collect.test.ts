import { describe, expect, test } from "bun:test"
import fc from "fast-check"
import type { TextBlock } from "../../src/core/block.ts"
import { collect, collector } from "../../src/core/collect.ts"
import type { Step, StreamEvent } from "../../src/core/event.ts"
import { attach, fresh, untouched } from "../../src/core/node.ts"
import { steps } from "../../src/core/steps.ts"
import { choices, response } from "./arbitrary.ts"
import { interleaved, unfolded } from "./interleave.ts"
import { lifecycleFaults } from "./lifecycle.ts"

const of = (...events: StreamEvent[]): Step[] => events.map((event) => ({ events: [event] }))
const at = { candidate: 0, message: 0, block: 0 }
const opened: StreamEvent[] = [
  { type: "response-start", id: "r", model: "m" },
  { type: "message-start", candidate: 0, message: 0, value: { role: "assistant", status: "in-progress" } },
  { type: "block-start", at, block: { type: "text", text: "Hel" } },
  { type: "block-delta", at, delta: { type: "text", text: "lo" } },
]

describe("steps and collect", () => {
  test("a response's own stream folds to the response", () => {
    fc.assert(
      fc.property(response, (value) => {
        expect(lifecycleFaults(steps(value), { sequential: true })).toEqual([])
        expect(fresh(collect(steps(value)))).toEqual(fresh(value))
      }),
    )
  })

  test("pieces of any size and order fold to the response", () => {
    fc.assert(
      fc.property(response, choices, (value, draw) => {
        expect(fresh(collect(unfolded(value, draw)))).toEqual(fresh(value))
        expect(fresh(collect(interleaved(value, draw)))).toEqual(fresh(value))
      }),
    )
  })

  test("a copy without the ride-along keeps every key, whatever its name", () => {
    const value = JSON.parse('{"__proto__":"x","a":{"came":"w","b":1}}') as object
    expect(JSON.stringify(fresh(value))).toBe('{"__proto__":"x","a":{"b":1}}')
  })

  test("a block that arrives whole stays the very object", () => {
    const block = attach<TextBlock>({ type: "text", text: "whole" }, { wire: "w", place: "response", json: { t: "whole" } })
    const folded = collect(
      of(opened[0] as StreamEvent, opened[1] as StreamEvent, { type: "block-start", at, block }, { type: "block-end", at }),
    )
    const found = folded.candidates[0]?.messages[0]?.blocks[0]
    expect(found && untouched(found)).toBe(true)
  })

  test("a cut stream folds to what arrived, with the stop pending", () => {
    expect(fresh(collect(of(...opened)))).toEqual({
      id: "r",
      model: "m",
      candidates: [
        {
          messages: [{ role: "assistant", status: "in-progress", blocks: [{ type: "text", text: "Hello" }] }],
          stop: { reason: "pending", raw: "" },
        },
      ],
      pins: [],
    })
  })

  test("every prefix of a stream folds without a fault", () => {
    fc.assert(
      fc.property(response, choices, fc.nat(60), (value, draw, length) => {
        const prefix = interleaved(value, draw).slice(0, length)
        const folded = collect(prefix)
        expect(folded.candidates.length).toBeLessThanOrEqual(value.candidates.length)
      }),
    )
  })

  test("an error is told together with what had arrived", () => {
    const error = { kind: "overloaded", blame: "provider", message: "busy" } as const
    const fold = collector()
    for (const step of of(...opened, { type: "error", error })) fold.push(step)
    const value = fold.value()
    expect(value).toMatchObject({ error, partial: { candidates: [{ messages: [{ blocks: [{ text: "Hello" }] }] }] } })
  })

  test("the last usage counts, also when it is lower", () => {
    const usage = (input: number): StreamEvent => ({
      type: "usage",
      usage: { lines: [{ kind: "answer", tokens: { input } }], unexplained: 0, raw: null, wire: "w" },
    })
    expect(collect(of(...opened, usage(9), usage(4))).usage?.lines[0]?.tokens.input).toBe(4)
  })

  test("a value asked for early does not change later", () => {
    const fold = collector()
    for (const step of of(...opened)) fold.push(step)
    const early = fold.value()
    const said = structuredClone(fresh(early))
    fold.push({ events: [{ type: "block-delta", at, delta: { type: "text", text: "!" } }] })
    expect(fresh(early)).toEqual(said)
  })

  test("foreign events and events about nothing that started are left out", () => {
    const stray: StreamEvent = { type: "block-delta", at: { ...at, block: 7 }, delta: { type: "text", text: "stray" } }
    const folded = collect(of(...opened, stray, { type: "foreign", wire: "w", value: { ping: 1 } }))
    expect(JSON.stringify(folded)).not.toContain("stray")
    expect(JSON.stringify(folded)).not.toContain("ping")
  })
})
