import fc from "fast-check"
import { collect } from "../../../src/core/collect.ts"
import type { Step } from "../../../src/core/event.ts"
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
