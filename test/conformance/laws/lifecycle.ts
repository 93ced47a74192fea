import fc from "fast-check"
import { collect } from "../../../src/core/collect.ts"
import type { Step, StreamEvent } from "../../../src/core/event.ts"
import type { Wire } from "../../../src/core/wire.ts"
import { choices, response } from "../../core/arbitrary.ts"
import { interleaved, unfolded } from "../../core/interleave.ts"
import { lifecycleFaults } from "../../core/lifecycle.ts"
import { bare } from "../bodies.ts"
import { must, mustBeEmpty, mustEqual } from "../difference.ts"
import { trial } from "../exchange.ts"
import { mustHold } from "../holds.ts"
import type { Law } from "../law.ts"
import { decodeFrames, encodeSteps, framesOf, overTheLine } from "../streams.ts"

const through = (wire: Wire, steps: readonly Step[]): Step[] =>
  decodeFrames(wire, trial(wire, wire), overTheLine(encodeSteps(wire, trial(wire, wire), steps)))

/** Two calls at once, the second with more than anybody should hold while the first is open. */
function flood(): Step[] {
  const start = (block: number): StreamEvent => ({
    type: "block-start",
    at: { candidate: 0, message: 0, block },
    block: { type: "tool-call", id: `call_${block}`, name: "look", input: "" },
  })
  const delta = { type: "input", text: "x".repeat(256 * 1024) } as const
  const events: StreamEvent[] = [
    { type: "response-start", id: "r", model: "m" },
    { type: "message-start", candidate: 0, message: 0, value: { role: "assistant" } },
    start(0),
    start(1),
    ...Array.from(
      { length: 40 },
      (): StreamEvent => ({ type: "block-delta", at: { candidate: 0, message: 0, block: 1 }, delta }),
    ),
  ]
  return events.map((event) => ({ events: [event] }))
}

/** Each block starts once and ends once, and nothing follows the end. */
export const lifecycle: Law = {
  title: "L5 lifecycle",
  fixtures: [
    {
      title: "a decoder's steps are in order",
      kinds: ["stream"],
      any: true,
      check(fixture, { wire, sequential }) {
        const steps = decodeFrames(wire, trial(wire, wire), framesOf([fixture.bytes]))
        mustBeEmpty(lifecycleFaults(steps, { sequential: sequential && fixture.malformed !== true }), "faults")
        const last = steps.flatMap((step) => step.events).at(-1)?.type
        must(last === "response-end" || last === "error", "the stream ends in neither an end nor an error", last)
      },
    },
  ],
  wire: [
    {
      title: "an encoder's stream is in order, however its blocks were interleaved",
      check({ wire, sequential }) {
        mustHold(
          fc.property(response, choices, (value, draw) => {
            const inOrder = through(wire, unfolded(value, draw))
            mustBeEmpty(lifecycleFaults(inOrder, { sequential }), "faults in order")
            const mixed = through(wire, interleaved(value, draw))
            mustBeEmpty(lifecycleFaults(mixed, { sequential }), "faults interleaved")
            mustEqual(bare(collect(inOrder)), bare(collect(mixed)), "fold")
          }),
          60,
        )
      },
    },
    {
      title: "an encoder that has to hold blocks back holds a bounded number of bytes",
      check({ wire, sequential }) {
        if (!sequential) return
        const encoder = wire.stream.encoder(trial(wire, wire))
        const out = flood().flatMap((step) => encoder.push(step))
        const events = decodeFrames(wire, trial(wire, wire), overTheLine(out), "abort").flatMap((step) => step.events)
        must(events.at(-1)?.type === "error", "more than the bound is held", events.at(-1)?.type)
      },
    },
    {
      title: "nothing follows an error",
      check({ wire }) {
        const error = { kind: "overloaded", blame: "provider", message: "busy" } as const
        const start: Step = { events: [{ type: "response-start", id: "r", model: "m" }] }
        const frames = encodeSteps(wire, trial(wire, wire), [
          start,
          { events: [{ type: "error", error }] },
          { events: [{ type: "response-end" }] },
        ])
        const steps = decodeFrames(wire, trial(wire, wire), overTheLine(frames))
        const events = steps.flatMap((step) => step.events)
        must(events.at(-1)?.type === "error", "the error is not the last event", events)
        must(events.filter((event) => event.type === "error").length === 1, "more than one error", events)
      },
    },
  ],
}
