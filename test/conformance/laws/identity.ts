import { lending } from "../../../src/core/lend.ts"
import { type Codec, codecOf } from "../bodies.ts"
import { must, mustBeEmpty, mustEqual } from "../difference.ts"
import { trial } from "../exchange.ts"
import type { Law } from "../law.ts"
import { changeAt, nodePaths } from "../nodes.ts"
import { decodeFrames, encodeSteps, framesOf, said } from "../streams.ts"
import { terminalAt } from "../terminal.ts"

function mustComeBack(codec: Codec, value: Codec["value"], what: string): void {
  const { body, notices } = codec.encode(value)
  mustEqual(codec.source, body, what)
  mustBeEmpty(notices, `${what}: notices`)
}

const bodies = ["request", "response"] as const

/** What came in goes out again, to the last field. */
export const identity: Law = {
  title: "L1 identity",
  fixtures: [
    {
      title: "encode after decode is the source",
      kinds: bodies,
      check(fixture, context) {
        const codec = codecOf(context, fixture)
        mustBeEmpty(codec.notices, "notices of the decoder")
        mustComeBack(codec, codec.value, "encoded")
      },
    },
    {
      title: "a spread copy of any one node changes nothing",
      kinds: bodies,
      check(fixture, context) {
        const codec = codecOf(context, fixture)
        for (const path of nodePaths(codec.value)) {
          const copied = changeAt(codec.value, path, (node) => ({ ...(node as object) }))
          mustComeBack(codec, copied, `after a copy of ${path.join(".") || "the root"}`)
        }
      },
    },
    {
      title: "a value lent out as JSON and reclaimed changes nothing",
      kinds: bodies,
      check(fixture, context) {
        const codec = codecOf(context, fixture)
        const desk = lending()
        const away: Codec["value"] = JSON.parse(JSON.stringify(desk.lend(codec.value)))
        mustComeBack(codec, desk.reclaim(away), "after reclaiming")
        desk.release()
      },
    },
    {
      title: "a bare structuredClone is reported",
      kinds: bodies,
      when: (fixture, context) => nodePaths(codecOf(context, fixture).value).length > 0,
      check(fixture, context) {
        const codec = codecOf(context, fixture)
        const { notices } = codec.encode(structuredClone(codec.value))
        must(
          notices.some((notice) => notice.code === "origin-lost"),
          "no origin-lost among the notices",
          notices,
        )
      },
    },
    {
      title: "frame by frame",
      kinds: ["stream"],
      check(fixture, { wire }) {
        const frames = framesOf([fixture.bytes])
        const exchange = trial(wire, wire)
        const out = encodeSteps(wire, exchange, decodeFrames(wire, exchange, frames))
        const isCut = terminalAt(wire.id, frames) === undefined
        mustEqual(frames.map(said), (isCut ? out.slice(0, frames.length) : out).map(said), "frames")
        mustBeEmpty(
          exchange.list().filter((notice) => notice.code !== "usage-missing"),
          "notices",
        )
      },
    },
  ],
}
