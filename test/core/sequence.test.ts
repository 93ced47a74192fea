import { describe, expect, test } from "bun:test"
import fc from "fast-check"
import { collect } from "../../src/core/collect.ts"
import type { Machine, Step } from "../../src/core/event.ts"
import { fresh } from "../../src/core/node.ts"
import { notices } from "../../src/core/notice.ts"
import { sequence } from "../../src/core/sequence.ts"
import { choices, response } from "./arbitrary.ts"
import { framed, interleaved, unfolded } from "./interleave.ts"
import { lifecycleFaults } from "./lifecycle.ts"

const run = (machine: Machine<Step, Step>, steps: readonly Step[]): Step[] => [
  ...steps.flatMap((step) => machine.push(step)),
  ...machine.flush("eof"),
]

const at = (block: number) => ({ candidate: 0, message: 0, block })
const start: Step = { events: [{ type: "message-start", candidate: 0, message: 0, value: { role: "assistant" } }] }
const callStart = (block: number): Step => ({
  events: [{ type: "block-start", at: at(block), block: { type: "tool-call", id: `call_${block}`, name: "look", input: "" } }],
  frame: { data: "start" },
})
const input = (block: number, text: string): Step => ({
  events: [{ type: "block-delta", at: at(block), delta: { type: "input", text } }],
  frame: { data: "delta" },
})
const end = (block: number): Step => ({ events: [{ type: "block-end", at: at(block) }], frame: { data: "end" } })

describe("sequence", () => {
  test("hands steps that are in sequence on as the same objects", () => {
    fc.assert(
      fc.property(response, choices, (value, draw) => {
        const steps = framed(unfolded(value, draw))
        const out = run(sequence(), steps)
        expect(out.length).toBe(steps.length)
        out.forEach((step, index) => {
          expect(step).toBe(steps[index] as Step)
        })
      }),
    )
  })

  test("folds any order-preserving interleaving to the same value, one block open at a time", () => {
    fc.assert(
      fc.property(response, choices, (value, draw) => {
        const steps = framed(interleaved(value, draw))
        expect(lifecycleFaults(steps)).toEqual([])
        const out = run(sequence(), steps)
        expect(lifecycleFaults(out, { sequential: true })).toEqual([])
        expect(fresh(collect(out))).toEqual(fresh(collect(steps)))
        expect(fresh(collect(out))).toEqual(fresh(value))
      }),
    )
  })

  test("lets the first of two calls through at once and the second when the first has ended", () => {
    const machine = sequence()
    expect(machine.push(start)).toEqual([start])
    expect(machine.push(callStart(0))).toEqual([callStart(0)])
    expect(machine.push(callStart(1))).toEqual([])
    expect(machine.push(input(1, "{}"))).toEqual([])
    expect(machine.push(input(0, "{}"))).toEqual([input(0, "{}")])
    const freed = machine.push(end(0))
    expect(freed.flatMap((step) => step.events.map((event) => event.type))).toEqual(["block-end", "block-start", "block-delta"])
    expect(freed.every((step) => step.frame === undefined)).toBe(true)
    expect(machine.push(end(1))).toEqual([end(1)])
  })

  test("lets what comes late for an ended block pass while another is open", () => {
    const machine = sequence()
    const late: Step = { events: [{ type: "block-set", at: at(0), set: { id: "call_late" } }], frame: { data: "late" } }
    const out = [start, callStart(0), end(0), callStart(1), late].flatMap((step) => machine.push(step))
    expect(out.at(-1)).toBe(late)
  })

  test("ends in an error and a notice when more than the bound has to wait", () => {
    const held = notices()
    const machine = sequence({ maxHeldBytes: 1000, note: held.note })
    const out = [start, callStart(0), callStart(1), input(1, "x".repeat(900)), input(0, "late")].flatMap((step) =>
      machine.push(step),
    )
    expect(out.at(-1)?.events[0]).toMatchObject({ type: "error", error: { kind: "bad-answer", blame: "provider" } })
    expect(held.list()).toMatchObject([{ code: "interleaving-adapted", effect: "refused", count: 1 }])
    expect(machine.push(end(0))).toEqual([])
  })

  test("shows nothing of a waiting block after an error", () => {
    const machine = sequence()
    const error: Step = {
      events: [{ type: "error", error: { kind: "truncated", blame: "provider", message: "cut" } }],
      frame: { data: "e" },
    }
    const out = [start, callStart(0), callStart(1), input(1, "{}"), error].flatMap((step) => machine.push(step))
    expect(out.flatMap((step) => step.events.map((event) => event.type))).toEqual(["message-start", "block-start", "error"])
    expect(machine.push(end(0))).toEqual([])
  })

  test("frees what waits for a block that never ended when the response ends in order", () => {
    const finish: Step = { events: [{ type: "response-end" }] }
    const out = run(sequence(), [start, callStart(0), callStart(1), input(1, "{}"), end(1), finish])
    const folded = collect(out)
    expect(folded.candidates[0]?.messages[0]?.blocks).toMatchObject([{ id: "call_0" }, { id: "call_1", input: "{}" }])
    expect(out.at(-1)?.events.at(-1)?.type).toBe("response-end")
    expect(lifecycleFaults(out.slice(0, -1), { sequential: true })).toEqual([])
  })
})
