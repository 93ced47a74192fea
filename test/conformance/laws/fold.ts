import { collect } from "../../../src/core/collect.ts"
import type { Frame, Step } from "../../../src/core/event.ts"
import type { Response } from "../../../src/core/response.ts"
import { steps } from "../../../src/core/steps.ts"
import { totals } from "../../../src/core/usage.ts"
import type { Wire } from "../../../src/core/wire.ts"
import { type Json, parseJson } from "../../../src/lib/json.ts"
import { unfolded } from "../../core/interleave.ts"
import { listTraffic } from "../../support/traffic.ts"
import { bare, responseCodec } from "../bodies.ts"
import { isRecord, mustEqual } from "../difference.ts"
import { trial } from "../exchange.ts"
import { type Fixture, isAnswer, jsonOf } from "../fixtures.ts"
import type { Law } from "../law.ts"
import { settled } from "../settle.ts"
import { decodeFrames, encodeSteps, framesOf, overTheLine } from "../streams.ts"

const draw = [3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5, 8, 9, 7, 9, 3]

const decoded = (wire: Wire, fixture: Fixture): Response =>
  collect(decodeFrames(wire, trial(wire, wire), framesOf([fixture.bytes])))

/** The response through the wire's own stream and back. */
const streamed = (wire: Wire, said: readonly Step[]): Response =>
  collect(decodeFrames(wire, trial(wire, wire), overTheLine(encodeSteps(wire, trial(wire, wire), said))))

/** The whole response that a stream's last frame repeats; undefined where the wire has no such frame. */
function restated(frames: readonly Frame[]): Json | undefined {
  for (const frame of frames.toReversed()) {
    if (!frame.data.startsWith("{")) continue
    const body: unknown = parseJson(frame.data)
    if (isRecord(body) && isRecord(body.response) && Array.isArray(body.response.output)) {
      return body.response.output.length > 0 ? (body.response as Json) : undefined
    }
  }
  return undefined
}

/** Everything but ids and seals, which may differ between a stream and what closes it. */
function unsealed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(unsealed)
  if (!isRecord(value)) return value
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key]) => key !== "id" && key !== "seal" && key !== "raw")
      .map(([key, inner]) => [key, unsealed(inner)]),
  )
}

/** What separate recordings of one scenario have in common. */
const shape = (response: Response) => ({
  blocks: [
    ...new Set(
      response.candidates.flatMap((one) => one.messages.flatMap((message) => message.blocks.map((block) => block.type))),
    ),
  ].sort(),
  stops: response.candidates.map((one) => one.stop.reason),
  usage: response.usage === undefined ? [] : Object.keys(totals(response.usage).classes).sort(),
})

const namesake = (fixture: Fixture): Fixture | undefined => {
  const found = listTraffic(fixture.wire, "response.json").find((traffic) => traffic.name === fixture.name)
  return found && isAnswer(found.wire, found.read()) ? { ...fixture, kind: "response", bytes: found.read() } : undefined
}

/** A stream says what the whole answer says. */
export const fold: Law = {
  title: "L4 fold",
  fixtures: [
    {
      title: "a whole answer sent as a stream folds to itself",
      kinds: ["response"],
      check(fixture, { wire }) {
        const { value } = responseCodec(wire, jsonOf(fixture))
        mustEqual(settled(bare(value)), settled(bare(streamed(wire, steps(value)))), "block by block")
        mustEqual(settled(bare(value)), settled(bare(streamed(wire, unfolded(value, draw)))), "in small pieces")
      },
    },
    {
      title: "a stream folds to what its closing frame repeats",
      kinds: ["stream"],
      when: (fixture) => restated(framesOf([fixture.bytes])) !== undefined,
      check(fixture, { wire }) {
        const closing = restated(framesOf([fixture.bytes]))
        if (closing === undefined) return
        const whole = responseCodec(wire, closing).value
        mustEqual(unsealed(bare(whole)), unsealed(bare(decoded(wire, fixture))), "closing frame")
      },
    },
    {
      title: "namesake recordings have the same shape",
      kinds: ["stream"],
      when: (fixture) => fixture.source === "recorded" && namesake(fixture) !== undefined,
      check(fixture, { wire }) {
        const other = namesake(fixture)
        if (!other) return
        mustEqual(shape(responseCodec(wire, jsonOf(other)).value), shape(decoded(wire, fixture)), "shape")
      },
    },
  ],
}
