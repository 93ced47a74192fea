import { collector } from "../../../src/core/collect.ts"
import type { Frame, StreamEvent } from "../../../src/core/event.ts"
import type { Mark, Wire } from "../../../src/core/wire.ts"
import { parseJson, stringifyJson } from "../../../src/lib/json.ts"
import { encodeSse } from "../../../src/lib/sse.ts"
import { isRecord, must, mustEqual } from "../difference.ts"
import { trial } from "../exchange.ts"
import { type Fixture, jsonOf } from "../fixtures.ts"
import type { Law } from "../law.ts"
import { framesOf } from "../streams.ts"
import { terminalAt } from "../terminal.ts"

const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString("utf8")

/** What a stream says up to each frame, as its decoder and as its tap see it. */
interface Sight {
  readonly content: number | undefined
  readonly error: number | undefined
  readonly end: number | undefined
  readonly stop: string | undefined
  readonly id: string | undefined
  readonly model: string | undefined
}

const first = (flags: readonly boolean[]): number | undefined => {
  const index = flags.indexOf(true)
  return index < 0 ? undefined : index
}

function tapped(wire: Wire, frames: readonly Frame[]): Sight {
  const tap = wire.stream.tap()
  const marks = frames.map((frame): readonly Mark[] => tap.push(frame))
  const all = marks.flat()
  return {
    content: first(marks.map((some) => some.some((mark) => mark.content))),
    error: first(marks.map((some) => some.some((mark) => mark.error))),
    end: first(marks.map((some) => some.some((mark) => mark.end))),
    stop: all.findLast((mark) => mark.stop)?.stop?.reason,
    id: all.find((mark) => mark.id)?.id,
    model: all.find((mark) => mark.model)?.model,
  }
}

/** Words, thoughts, calls, media: anything after which an answer cannot be taken back. */
function isContent(event: StreamEvent): boolean {
  switch (event.type) {
    case "block-delta":
      return !("text" in event.delta) || event.delta.text !== ""
    case "turn-end":
      return true
    default:
      return false
  }
}

function decoded(wire: Wire, fixture: Fixture): Sight {
  const decoder = wire.stream.decoder(trial(wire, wire))
  const fold = collector()
  const steps = framesOf([fixture.bytes]).map((frame) => decoder.push(frame))
  for (const step of steps.flat()) fold.push(step)
  const value = fold.value()
  const response = "partial" in value ? value.partial : value
  const said = steps.map((some) => some.flatMap((step) => step.events))
  const stop = said.flat().findLast((event) => event.type === "turn-end")
  return {
    content: first(said.map((events) => events.some(isContent))),
    error: first(said.map((events) => events.some((event) => event.type === "error"))),
    end: undefined,
    stop: stop?.type === "turn-end" ? stop.stop.reason : undefined,
    id: response.id || undefined,
    model: response.model || undefined,
  }
}

/** A relay, which reads next to nothing, knows what a translation knows. */
export const relay: Law = {
  title: "L1 relay",
  fixtures: [
    {
      title: "a request without a patch keeps every byte",
      kinds: ["request"],
      check(fixture, { wire }) {
        const head = wire.head.read(fixture.bytes)
        mustEqual(text(fixture.bytes), text(wire.head.write(fixture.bytes, head, {})), "bytes")
      },
    },
    {
      title: "a patch of the model changes nothing else",
      kinds: ["request"],
      check(fixture, { wire }) {
        const head = wire.head.read(fixture.bytes)
        const patched = parseJson(text(wire.head.write(fixture.bytes, head, { model: "another/model" })))
        const source = jsonOf(fixture)
        if (!isRecord(source)) throw new Error("a request is an object")
        mustEqual({ ...source, model: "another/model" }, patched, "body")
        mustEqual(source.model, head.model, "the model that was read")
        mustEqual(source.stream === true, head.stream, "the stream flag that was read")
      },
    },
    {
      title: "a tap sees content, errors, the stop and the end where a decoder does",
      kinds: ["stream"],
      check(fixture, { wire }) {
        const frames = framesOf([fixture.bytes])
        const seen = tapped(wire, frames)
        const known = decoded(wire, fixture)
        const terminal = terminalAt(wire.id, frames)
        if (known.error === undefined)
          mustEqual(terminal === undefined ? undefined : terminal - 1, seen.end, "the frame of the end")
        mustEqual(known.error, seen.error, "the frame of the error")
        mustEqual(known.stop, seen.stop, "the stop")
        mustEqual(known.id, seen.id, "the id")
        mustEqual(known.model, seen.model, "the model")
        if (known.content === undefined) return
        must(seen.content !== undefined && seen.content <= known.content, "content is seen too late", [
          known.content,
          seen.content,
        ])
      },
    },
    {
      title: "a frame that tells of usage, a stop, the end or an error is seen to say more than content",
      kinds: ["stream"],
      check(fixture, { wire }) {
        const tap = wire.stream.tap()
        for (const frame of framesOf([fixture.bytes])) {
          const tells = tap.push(frame).some(({ usage, stop, end, error }) => usage ?? stop ?? end ?? error)
          if (tells) must(wire.stream.saysMore(encodeSse(frame)), "passed unread", frame.data)
        }
      },
    },
    {
      title: "encoding twice gives the same bytes",
      kinds: ["request", "response"],
      check(fixture, { wire, wires }) {
        const source = jsonOf(fixture)
        const encode = (other: Wire): string => {
          if (fixture.kind === "response") {
            const exchange = trial(other, wire)
            return stringifyJson(other.response.encode(wire.response.decode(source, exchange), exchange))
          }
          const request = wire.request.decode(source, () => {})
          try {
            return stringifyJson(other.request.encode(request, trial(wire, other, { request })))
          } catch (error) {
            return String(error)
          }
        }
        for (const other of wires) mustEqual(encode(other), encode(other), `for ${other.id}`)
      },
    },
  ],
}
