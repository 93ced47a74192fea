import { collect } from "../../../src/core/collect.ts"
import type { Step } from "../../../src/core/event.ts"
import { bare, codecOf } from "../bodies.ts"
import { mustEqual } from "../difference.ts"
import { trial } from "../exchange.ts"
import type { Law } from "../law.ts"
import { settled } from "../settle.ts"
import { decodeFrames, encodeSteps, framesOf, overTheLine } from "../streams.ts"

/** The steps with nothing but what the hub models. */
const unaccompanied = (steps: readonly Step[]): Step[] => steps.map((step) => ({ events: bare(step.events) }))

/** The hub value alone carries the meaning: without the ride-along it comes back equal. */
export const semantics: Law = {
  title: "L2 semantics",
  fixtures: [
    {
      title: "the hub value survives without its ride-along",
      kinds: ["request", "response"],
      check(fixture, context) {
        const codec = codecOf(context, fixture)
        const value = bare(codec.value)
        mustEqual(settled(value), settled(bare(codec.decode(codec.encode(value).body))), "hub value")
      },
    },
    {
      title: "the fold of a stream survives without frames and ride-along",
      kinds: ["stream"],
      check(fixture, { wire }) {
        const steps = decodeFrames(wire, trial(wire, wire), framesOf([fixture.bytes]))
        const again = overTheLine(encodeSteps(wire, trial(wire, wire), unaccompanied(steps)))
        mustEqual(settled(bare(collect(steps))), settled(bare(collect(decodeFrames(wire, trial(wire, wire), again)))), "fold")
      },
    },
  ],
}
