import type { Frame, Step, StreamEnd } from "../../../src/core/event.ts"
import type { Wire } from "../../../src/core/wire.ts"
import { must, mustEqual } from "../difference.ts"
import { trial } from "../exchange.ts"
import type { Law, LawContext } from "../law.ts"
import { decodeFrames, encodeSteps, framesOf, overTheLine } from "../streams.ts"
import { looksWhole, terminalAt } from "../terminal.ts"

/** Every cut near the ends, some in the middle of a long stream. */
function cuts(length: number): number[] {
  const stride = Math.max(1, Math.floor(length / 16))
  return Array.from({ length: length + 1 }, (_, index) => index).filter(
    (index) => index < 8 || index > length - 10 || index % stride === 0,
  )
}

function ending(steps: readonly Step[]): string {
  const last = steps.flatMap((step) => step.events).at(-1)
  return last?.type === "error" ? last.error.kind : (last?.type ?? "nothing")
}

/** An error that the vendor told before the cut stays the end. */
const toldError = (steps: readonly Step[]): boolean =>
  steps.some(({ events, frame }) => frame !== undefined && events.some((event) => event.type === "error"))

interface Uncut {
  readonly frames: readonly Frame[]
  /** How many frames meet the terminal condition. */
  readonly terminal: number
  /** How the stream ends when nothing is cut off. */
  readonly whole: string
}

function mustEndWell(wire: Wire, { frames, terminal, whole }: Uncut, length: number, end: StreamEnd): void {
  const exchange = trial(wire, wire)
  const steps = decodeFrames(wire, exchange, frames.slice(0, length), end)
  const expected = toldError(steps) || length >= terminal ? whole : "truncated"
  mustEqual(expected, ending(steps), `cut after ${length} of ${frames.length} frames (${end}), terminal at ${terminal}`)
  if (ending(steps) !== "response-end") return
  const hasUsage = steps.some((step) => step.events.some((event) => event.type === "usage"))
  const isTold = exchange.list().some((notice) => notice.code === "usage-missing")
  must(hasUsage || isTold, `cut after ${length} frames: usage is missing and not told`)
}

/** A cut answer never looks whole to a client of any wire. */
function mustShowTheCut({ wire, wires }: LawContext, frames: readonly Frame[], length: number): void {
  for (const client of wires) {
    const steps = decodeFrames(wire, trial(client, wire), frames.slice(0, length), "cut")
    const out = overTheLine(encodeSteps(client, trial(client, wire), steps))
    must(!looksWhole(client.id, out), `cut after ${length} frames, the stream looks whole on ${client.id}`)
    const seen = decodeFrames(client, trial(client, client), out)
    must(
      seen.flatMap((step) => step.events).at(-1)?.type === "error",
      `cut after ${length} frames, a client of ${client.id} sees no error`,
    )
  }
}

/** A stream that ends early ends in an error, wherever it was cut. */
export const truncation: Law = {
  title: "L8 truncation",
  fixtures: [
    {
      title: "a cut before the end is told, one after it is clean",
      kinds: ["stream"],
      when: (fixture) => terminalAt(fixture.wire, framesOf([fixture.bytes])) !== undefined,
      check(fixture, { wire }) {
        const frames = framesOf([fixture.bytes])
        const terminal = terminalAt(fixture.wire, frames) ?? frames.length
        const uncut = { frames, terminal, whole: ending(decodeFrames(wire, trial(wire, wire), frames)) }
        for (const length of cuts(frames.length)) {
          mustEndWell(wire, uncut, length, "cut")
          if (length > terminal - 3) mustEndWell(wire, uncut, length, "eof")
        }
      },
    },
    {
      title: "clients of all wires see the cut",
      kinds: ["stream"],
      own: true,
      when: (fixture) => terminalAt(fixture.wire, framesOf([fixture.bytes])) !== undefined,
      check(fixture, context) {
        const frames = framesOf([fixture.bytes])
        const terminal = terminalAt(fixture.wire, frames) ?? frames.length
        for (const length of cuts(terminal - 1)) mustShowTheCut(context, frames, length)
      },
    },
  ],
}
