import { collect } from "../../../src/core/collect.ts"
import { type At, type Frame, type Step, type StreamEvent, sameAt } from "../../../src/core/event.ts"
import type { Response } from "../../../src/core/response.ts"
import type { Wire } from "../../../src/core/wire.ts"
import { must } from "../difference.ts"
import { trial } from "../exchange.ts"
import type { Fixture } from "../fixtures.ts"
import type { Law } from "../law.ts"
import { decodeFrames, encodeSteps, framesOf, overTheLine } from "../streams.ts"

const replacement = "An entirely different sentence."

const textBlocks = (response: Response): { at: At; text: string }[] =>
  response.candidates.flatMap(({ messages }, candidate) =>
    messages.flatMap(({ blocks }, message) =>
      blocks.flatMap((block, index) =>
        block.type === "text" ? [{ at: { candidate, message, block: index }, text: block.text }] : [],
      ),
    ),
  )

const isAbout = (event: StreamEvent, at: At): boolean => "at" in event && sameAt(event.at, at)

/** The steps as an interceptor leaves them that replaces one block's text: a step whose events it changed has no frame any more. */
function redacted(steps: readonly Step[], at: At): Step[] {
  let isSaid = false
  const change = (event: StreamEvent): StreamEvent[] => {
    if (event.type === "block-start" && event.block.type === "text") {
      if (event.block.text === "") return [event]
      isSaid = true
      return [{ ...event, block: { ...event.block, text: replacement } }]
    }
    if (event.type === "block-delta" && event.delta.type === "text") {
      const text = isSaid ? "" : replacement
      isSaid = true
      return text === "" ? [] : [{ ...event, delta: { type: "text", text } }]
    }
    if (event.type === "block-set") {
      const { citations: _, text, ...set } = event.set
      return [{ ...event, set: text === undefined ? set : { ...set, text: replacement } }]
    }
    return [event]
  }
  return steps.map((step) => {
    if (!step.events.some((event) => isAbout(event, at) && event.type !== "block-end")) return step
    return { events: step.events.flatMap((event) => (isAbout(event, at) ? change(event) : [event])) }
  })
}

function decoded(wire: Wire, fixture: Fixture): Step[] {
  return decodeFrames(wire, trial(wire, wire), framesOf([fixture.bytes]))
}

const holds = (frames: readonly Frame[], text: string): boolean => {
  const spelled = JSON.stringify(text).slice(1, -1)
  return frames.some((frame) => frame.data.includes(spelled))
}

/** A text that was edited on the way through is nowhere in the stream that goes out, restatements included. */
export const canary: Law = {
  title: "L9 canary",
  fixtures: [
    {
      title: "an edited text is nowhere in the stream of any wire",
      kinds: ["stream"],
      check(fixture, { wire, wires }) {
        const steps = decoded(wire, fixture)
        const answer = collect(steps)
        const said = JSON.stringify(answer.candidates)
        const isClear = (text: string) => text.length >= 12 && said.split(JSON.stringify(text).slice(1, -1)).length === 2
        const clear = textBlocks(answer).filter(({ text }) => isClear(text))
        for (const { at, text } of clear.slice(0, 3)) {
          const changed = redacted(steps, at)
          for (const client of wires) {
            const out = overTheLine(encodeSteps(client, trial(client, wire), changed))
            must(!holds(out, text), `the old text reaches a client of ${client.id}`, text)
            const seen = textBlocks(collect(decodeFrames(client, trial(client, client), out)))
            const isSecond = client.id !== wire.id && at.candidate > 0
            must(
              isSecond || seen.some((block) => block.text.includes(replacement)),
              `the new text misses a client of ${client.id}`,
              seen,
            )
          }
        }
      },
    },
  ],
}
