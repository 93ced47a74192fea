import fc from "fast-check"
import { collect } from "../../../src/core/collect.ts"
import type { Notice } from "../../../src/core/notice.ts"
import { steps } from "../../../src/core/steps.ts"
import type { Wire } from "../../../src/core/wire.ts"
import { choices, request as plainRequest, plainResponse } from "../../core/arbitrary.ts"
import { unfolded } from "../../core/interleave.ts"
import { differingPaths, noticePaths, related } from "../accounting.ts"
import { responseCodec } from "../bodies.ts"
import { mustBeEmpty, mustEqual } from "../difference.ts"
import { trial } from "../exchange.ts"
import { type Fixture, jsonOf } from "../fixtures.ts"
import { mustHold } from "../holds.ts"
import type { Law, LawContext } from "../law.ts"
import { unlessRefused } from "../refusal.ts"
import { type Regrouped, regroupRequest, regroupResponse } from "../regroup.ts"
import { restKeys } from "../rest.ts"
import { decodeFrames, encodeSteps, framesOf, overTheLine } from "../streams.ts"

/** Notices about what regrouping does not show. */
const quiet: ReadonlySet<string> = new Set([
  "emulated",
  "event-unsupported",
  "interleaving-adapted",
  "message-order-adapted",
  "output-limit-defaulted",
  "stop-adapted",
  "tool-id-adapted",
  "tool-name-adapted",
  "usage-missing",
  "usage-unexplained",
])

/** What is lost on the way is told. */
export const mustTell = (left: Regrouped, right: Regrouped, notices: readonly Notice[], what: string): void =>
  mustBeTold(differingPaths(left, right), toldBy(notices), what)

const mustBeTold = (paths: readonly string[], told: readonly Notice[], what: string): void =>
  mustBeEmpty(
    paths.filter((path) => !told.some((notice) => related(notice.path, path))),
    `${what}: lost without a notice`,
  )

const toldBy = (notices: readonly Notice[]): readonly Notice[] =>
  notices.flatMap((notice) => noticePaths(notice).map((path) => ({ ...notice, path })))

function mustBalance(
  left: Regrouped,
  right: Regrouped,
  notices: readonly Notice[],
  rest: ReadonlySet<string>,
  what: string,
): void {
  const paths = differingPaths(left, right)
  const told = toldBy(notices)
  mustBeTold(paths, told, what)
  const idle = told.filter(
    (notice) => isLoud(notice) && !paths.some((path) => related(notice.path, path)) && !isRest(notice.path, rest),
  )
  mustBeEmpty(
    idle.map((notice) => `${notice.code} ${notice.path}`),
    `${what}: a notice about nothing that was lost`,
  )
}

const isLoud = ({ code, path }: Notice): boolean => !quiet.has(code) && !path.startsWith("usage")

const isRest = (path: string, rest: ReadonlySet<string>): boolean =>
  [...rest].some((key) => path === key || path.endsWith(`.${key}`))

const others = ({ wire, wires }: LawContext): readonly Wire[] => wires.filter((other) => other.id !== wire.id)

function request(fixture: Fixture, context: LawContext, other: Wire): void {
  const { wire } = context
  const hub = wire.request.decode(jsonOf(fixture), () => {})
  const exchange = trial(wire, other, { request: hub })
  const back = other.request.decode(other.request.encode(hub, exchange), () => {})
  mustBalance(regroupRequest(hub), regroupRequest(back), exchange.list(), restKeys(hub), `to ${other.id}`)
}

function response(fixture: Fixture, context: LawContext, other: Wire): void {
  const { wire } = context
  const hub = responseCodec(wire, jsonOf(fixture)).value
  const exchange = trial(other, wire)
  const back = other.response.decode(other.response.encode(hub, exchange), trial(other, other))
  mustBalance(regroupResponse(hub), regroupResponse(back), exchange.list(), restKeys(hub), `shown as ${other.id}`)
}

function stream(fixture: Fixture, context: LawContext, other: Wire): void {
  const { wire } = context
  const hub = responseCodec(wire, jsonOf(fixture)).value
  for (const said of [steps(hub), unfolded(hub, [2, 7, 1, 8, 2, 8, 1, 8])]) {
    const exchange = trial(other, wire)
    const frames = overTheLine(encodeSteps(other, exchange, said))
    const back = collect(decodeFrames(other, trial(other, other), frames))
    mustBalance(regroupResponse(hub), regroupResponse(back), exchange.list(), restKeys(hub), `streamed as ${other.id}`)
  }
}

/** An upstream's own steps, frames and all, for a client of another wire. What a broken answer leaves out is told by its error. */
function forwarded(fixture: Fixture, { wire }: LawContext, other: Wire): void {
  const exchange = trial(other, wire)
  const said = decodeFrames(wire, exchange, framesOf([fixture.bytes]))
  const back = collect(decodeFrames(other, trial(other, other), overTheLine(encodeSteps(other, exchange, said))))
  if (said.some((step) => step.events.some((event) => event.type === "error"))) return
  const hub = collect(said)
  mustBalance(regroupResponse(hub), regroupResponse(back), exchange.list(), restKeys(hub), `forwarded as ${other.id}`)
}

/** Over any pair of wires, what is lost is told, and what is told is lost. */
export const accounting: Law = {
  title: "L6 accounting",
  fixtures: [
    {
      title: "requests to another wire",
      kinds: ["request"],
      check(fixture, context) {
        for (const other of others(context)) unlessRefused(() => request(fixture, context, other))
      },
    },
    {
      title: "whole answers for a client of another wire",
      kinds: ["response"],
      check(fixture, context) {
        for (const other of others(context)) response(fixture, context, other)
      },
    },
    {
      title: "streamed answers for a client of another wire",
      kinds: ["response"],
      check(fixture, context) {
        for (const other of others(context)) stream(fixture, context, other)
      },
    },
    {
      title: "an upstream's stream for a client of another wire",
      kinds: ["stream"],
      check(fixture, context) {
        for (const other of others(context)) forwarded(fixture, context, other)
      },
    },
  ],
  wire: [
    {
      title: "plain requests cross every pair without loss",
      check({ wire, wires }) {
        mustHold(
          fc.property(plainRequest, (value) => {
            const exchange = trial(wire, wire, { request: value })
            const first = wire.request.decode(wire.request.encode(value, exchange), () => {})
            mustEqual(regroupRequest(value), regroupRequest(first), "on its own wire")
            for (const other of wires) {
              const onward = trial(wire, other, { request: first })
              const back = other.request.decode(other.request.encode(first, onward), () => {})
              mustEqual(regroupRequest(value), regroupRequest(back), `to ${other.id}`)
              mustBeEmpty(onward.list().filter(isLoud), `to ${other.id}: notices`)
            }
          }),
          50,
        )
      },
    },
    {
      title: "plain answers cross every pair without loss, whole and streamed",
      check({ wire, wires }) {
        mustHold(
          fc.property(plainResponse, choices, (value, draw) => {
            for (const other of wires) {
              const exchange = trial(other, wire)
              const whole = other.response.decode(other.response.encode(value, exchange), trial(other, other))
              const frames = overTheLine(encodeSteps(other, exchange, unfolded(value, draw)))
              const streamed = collect(decodeFrames(other, trial(other, other), frames))
              mustEqual(regroupResponse(value), regroupResponse(whole), `shown as ${other.id}`)
              mustEqual(regroupResponse(value), regroupResponse(streamed), `streamed as ${other.id}`)
              mustBeEmpty(exchange.list().filter(isLoud), `as ${other.id}: notices`)
            }
          }),
          50,
        )
      },
    },
  ],
}
