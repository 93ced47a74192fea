import type { Frame } from "../../../src/core/event.ts"
import type { Notice } from "../../../src/core/notice.ts"
import type { Wire } from "../../../src/core/wire.ts"
import { type Json, parseJson, stringifyJson } from "../../../src/lib/json.ts"
import { requestCodec, responseCodec } from "../bodies.ts"
import { must, mustEqual } from "../difference.ts"
import { trial } from "../exchange.ts"
import { type Fixture, jsonOf } from "../fixtures.ts"
import { unknownValue, withUnknownElements, withUnknownFields } from "../inject.ts"
import type { Law, LawContext } from "../law.ts"
import { unlessRefused } from "../refusal.ts"
import { decodeFrames, encodeSteps, framesOf, overTheLine, said } from "../streams.ts"
import { terminalAt } from "../terminal.ts"

const variants = (body: Json) => [...withUnknownFields(body), ...withUnknownElements(body)]

/** What nobody knows stays on its own wire. */
function mustStay(fixture: Fixture, { wire, features }: LawContext): void {
  const again = (body: Json): Json => {
    if (fixture.kind === "request") {
      const codec = requestCodec(wire, body, features)
      return codec.encode(codec.value).body
    }
    const codec = responseCodec(wire, body)
    return codec.encode(codec.value).body
  }
  for (const { where, body } of variants(jsonOf(fixture))) mustEqual(body, again(body), `unknown in ${where}`)
}

function carried(fixture: Fixture, wire: Wire, other: Wire, body: Json): { text: string; notices: readonly Notice[] } {
  if (fixture.kind === "request") {
    const request = wire.request.decode(body, () => {})
    const exchange = trial(wire, other, { request })
    return { text: stringifyJson(other.request.encode(request, exchange)), notices: exchange.list() }
  }
  const response = wire.response.decode(body, trial(other, wire))
  const exchange = trial(other, wire)
  return { text: stringifyJson(other.response.encode(response, exchange)), notices: exchange.list() }
}

/** Usage is kept for the books as its vendor gave it, whatever a client is shown. */
const isBooked = (where: string): boolean => where === "usage" || where.startsWith("usage.")

/** What nobody knows cannot reach another wire, and that is said. */
function mustBeTold(fixture: Fixture, { wire, wires }: LawContext): void {
  for (const other of wires.filter((one) => one.id !== wire.id)) {
    for (const { where, body } of variants(jsonOf(fixture)).filter((one) => !isBooked(one.where))) {
      const result = unlessRefused(() => carried(fixture, wire, other, body))
      if (!result) continue
      const told = result.notices.some((notice) => notice.effect !== "adapted")
      must(told || result.text.includes(unknownValue), `unknown in ${where} vanishes on the way to ${other.id}`, result.notices)
    }
  }
}

const unknownFrame: Frame = { event: "x_unheard_of", data: `{"type":"x_unheard_of","saying":"${unknownValue}"}` }

function framesWithFields(frames: readonly Frame[]): Frame[][] {
  return frames.flatMap((frame, index) => {
    if (!frame.data.startsWith("{")) return []
    return withUnknownFields(parseJson(frame.data)).map(({ body }) =>
      frames.with(index, { ...said(frame), data: stringifyJson(body) }),
    )
  })
}

/** At most this many variants of one stream. */
const maxVariants = 120

const sampled = <T>(list: readonly T[]): T[] => {
  const stride = Math.ceil(list.length / maxVariants)
  return list.filter((_, index) => index % stride === 0)
}

/** Nothing that a vendor adds breaks a decoder or disappears unsaid. */
export const totality: Law = {
  title: "L6 totality",
  fixtures: [
    { title: "unknown fields and elements stay on their wire", kinds: ["request", "response"], own: true, check: mustStay },
    {
      title: "unknown fields and elements are told about elsewhere",
      kinds: ["request", "response"],
      own: true,
      check: mustBeTold,
    },
    {
      title: "unknown fields and frames stay in a stream",
      kinds: ["stream"],
      own: true,
      check(fixture, { wire }) {
        const frames = framesOf([fixture.bytes])
        const between = frames.slice(1).map((_, index) => frames.toSpliced(index + 1, 0, unknownFrame))
        for (const changed of sampled([...framesWithFields(frames), ...between])) {
          const exchange = trial(wire, wire)
          const out = encodeSteps(wire, exchange, decodeFrames(wire, exchange, changed))
          const isCut = terminalAt(wire.id, changed) === undefined
          mustEqual(changed.map(said), (isCut ? out.slice(0, changed.length) : out).map(said), "frames")
        }
      },
    },
    {
      title: "an unknown frame breaks no translation",
      kinds: ["stream"],
      own: true,
      check(fixture, { wire, wires }) {
        const frames = framesOf([fixture.bytes]).toSpliced(1, 0, unknownFrame)
        for (const other of wires.filter((one) => one.id !== wire.id)) {
          const steps = decodeFrames(wire, trial(other, wire), frames)
          const out = overTheLine(encodeSteps(other, trial(other, wire), steps))
          must(!out.some((frame) => frame.data.includes(unknownValue)), `the unknown frame reaches a client of ${other.id}`)
        }
      },
    },
  ],
}
