import type { Block, Seal } from "../../../src/core/block.ts"
import { collect } from "../../../src/core/collect.ts"
import type { Request } from "../../../src/core/request.ts"
import type { Response } from "../../../src/core/response.ts"
import { envelopeMark } from "../../../src/core/seal.ts"
import { steps } from "../../../src/core/steps.ts"
import type { Wire } from "../../../src/core/wire.ts"
import { type Json, parseJson, stringifyJson } from "../../../src/lib/json.ts"
import { unfolded } from "../../core/interleave.ts"
import { bare, responseCodec } from "../bodies.ts"
import { must, mustEqual } from "../difference.ts"
import { echo } from "../echo.ts"
import { trial } from "../exchange.ts"
import { type Fixture, jsonOf } from "../fixtures.ts"
import type { Law, LawContext } from "../law.ts"
import { decodeFrames, encodeSteps, overTheLine } from "../streams.ts"

/** What every format has a place for. Other sealed blocks, such as a compaction, are dropped with a notice where there is none. */
const carried: ReadonlySet<string> = new Set(["reasoning", "text", "tool-call"])

const blocksOf = (value: Request | Response): readonly Block[] =>
  ("messages" in value ? value.messages : value.candidates.flatMap((candidate) => candidate.messages)).flatMap((message) =>
    message.blocks.filter((block) => carried.has(block.type)),
  )

const sealsOf = (value: Request | Response): Seal[] => blocksOf(value).flatMap((block) => (block.seal ? [block.seal] : []))

/** Which block holds which seal, in order. */
const places = (value: Request | Response) =>
  blocksOf(value).flatMap((block) => (block.seal ? [{ type: block.type, seal: bare(block.seal) }] : []))

/** Who an upstream of this wire is in a trial. */
const issuerOf = (wire: Wire): string => wire.home ?? wire.id

/** Clients that can tell whose a seal is: a wire without a home shows its own vendors' seals as they are. */
const knowing = ({ wire, wires }: LawContext): readonly Wire[] =>
  wires.filter((client) => client.id !== wire.id || wire.home !== undefined)

const isSealed = (fixture: Fixture, { wire }: LawContext): boolean =>
  sealsOf(responseCodec(wire, jsonOf(fixture)).value).length > 0

function shown(fixture: Fixture, wire: Wire, client: Wire): { hub: Response; body: Json } {
  const hub = responseCodec(wire, jsonOf(fixture)).value
  return { hub, body: client.response.encode(hub, trial(client, wire)) }
}

/** The client's next request, decoded. */
const echoed = (client: Wire, body: Json): Request => client.request.decode(echo(client.id, body), () => {})

function sendTo(request: Request, client: Wire, target: Wire) {
  const exchange = trial(client, target, { request })
  return { text: stringifyJson(target.request.encode(request, exchange)), notices: exchange.list() }
}

/** The text of the first reasoning that has any, so that a client can change it. */
const thought = (response: Response): string | undefined =>
  blocksOf(response)
    .flatMap((block) => (block.type === "reasoning" && block.seal ? block.parts.map((part) => part.text) : []))
    .find((text) => text.length > 4)

const foreign = ({ wire, wires }: LawContext): readonly Wire[] => wires.filter((other) => other.id !== wire.id)

/** Opaque state comes back to who made it, byte for byte, by way of any client, and goes to nobody else. */
export const seals: Law = {
  title: "L10 seals",
  fixtures: [
    {
      title: "a seal comes back through a client of any wire, in its place",
      kinds: ["response"],
      when: isSealed,
      check(fixture, context) {
        for (const client of knowing(context)) {
          const { hub, body } = shown(fixture, context.wire, client)
          const request = echoed(client, body)
          mustEqual(places(hub), places(request), `seals after ${client.id}`)
          const { text } = sendTo(request, client, context.wire)
          for (const seal of sealsOf(hub))
            must(text.includes(seal.data), `a seal misses its issuer by way of ${client.id}`, seal.data)
          must(!text.includes(envelopeMark), `an envelope reaches the issuer by way of ${client.id}`)
        }
      },
    },
    {
      title: "a seal survives the stream to a client of any wire",
      kinds: ["response"],
      when: isSealed,
      check(fixture, context) {
        const hub = responseCodec(context.wire, jsonOf(fixture)).value
        for (const client of context.wires) {
          for (const said of [steps(hub), unfolded(hub, [1, 2, 3, 5, 8, 13])]) {
            const frames = overTheLine(encodeSteps(client, trial(client, context.wire), said))
            const seen = collect(decodeFrames(client, trial(client, client), frames))
            mustEqual(places(hub), places(seen), `seals streamed to ${client.id}`)
          }
        }
      },
    },
    {
      title: "another issuer gets neither seal nor envelope, and that is told",
      kinds: ["response"],
      when: isSealed,
      check(fixture, context) {
        for (const client of knowing(context)) {
          const { hub, body } = shown(fixture, context.wire, client)
          for (const target of foreign(context).filter((one) => issuerOf(one) !== issuerOf(context.wire))) {
            const { text, notices } = sendTo(echoed(client, body), client, target)
            must(!text.includes(envelopeMark), `an envelope of ${client.id} reaches ${target.id}`)
            for (const seal of sealsOf(hub))
              must(!text.includes(seal.data), `a foreign seal reaches ${target.id} by way of ${client.id}`)
            const told = notices.some((notice) =>
              ["seal-foreign", "reasoning-unsigned", "block-unsupported"].includes(notice.code),
            )
            must(told, `nothing is told of the seal that ${target.id} does not get`, notices)
          }
        }
      },
    },
    {
      title: "another issuer on the same wire gets no seal",
      kinds: ["response"],
      when: (fixture, context) => context.wire.home !== undefined && isSealed(fixture, context),
      check(fixture, context) {
        const { wire } = context
        const { hub, body } = shown(fixture, wire, wire)
        const request = echoed(wire, body)
        const exchange = trial(wire, wire, { request })
        const elsewhere = { ...exchange, target: { ...exchange.target, issuer: "somebody-else" } }
        const text = stringifyJson(wire.request.encode(request, elsewhere))
        for (const seal of sealsOf(hub)) must(!text.includes(seal.data), "a foreign seal is sent", seal.data)
        must(exchange.list().length > 0, "nothing is told of the seal")
      },
    },
    {
      title: "a client that changed the text loses the seal",
      kinds: ["response"],
      when: (fixture, context) =>
        isSealed(fixture, context) && thought(responseCodec(context.wire, jsonOf(fixture)).value) !== undefined,
      check(fixture, context) {
        for (const client of foreign(context)) {
          const { hub, body } = shown(fixture, context.wire, client)
          const spelled = JSON.stringify(thought(hub)).slice(1, -1)
          const text = stringifyJson(body)
          if (!text.includes(spelled)) continue
          const request = echoed(client, parseJson(text.replaceAll(spelled, "Something else entirely")))
          const left = sealsOf(request).length
          must(left < sealsOf(hub).length, `the seal of a changed text is kept by way of ${client.id}`)
        }
      },
    },
  ],
}
