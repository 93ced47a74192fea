import type { Frame, Step } from "../../../src/core/event.ts"
import { mustEqual } from "../difference.ts"
import { trial } from "../exchange.ts"
import type { Law } from "../law.ts"
import { decodeFrames, framesOf, said } from "../streams.ts"

function* slices(bytes: Uint8Array, sizes: readonly number[]): Generator<Uint8Array> {
  let from = 0
  for (let turn = 0; from < bytes.length; turn++) {
    const size = sizes[turn % sizes.length] ?? 1
    yield bytes.slice(from, from + size)
    from += size
  }
}

/** One byte at a time, inside UTF-8 sequences and frames, and everything at once. */
const cuts: readonly (readonly number[])[] = [[1], [2, 3, 5, 7, 11], [4096, 1]]

const plain = (steps: readonly Step[]) => steps.map(({ frame, ...rest }) => ({ ...rest, frame: frame && said(frame) }))

/** How the network cut the bytes is not to be seen. */
export const chunking: Law = {
  title: "L3 chunking",
  fixtures: [
    {
      title: "any slicing of the bytes gives the same frames and steps",
      kinds: ["stream"],
      any: true,
      check(fixture, { wire }) {
        const whole = framesOf([fixture.bytes])
        for (const sizes of fixture.source === "own" ? cuts : cuts.slice(0, 1)) {
          const frames = framesOf(slices(fixture.bytes, sizes))
          mustEqual(whole.map(said), frames.map(said), `frames cut by ${sizes.join(", ")}`)
        }
        if (fixture.source === "recorded") return
        const decode = (frames: readonly Frame[]) => plain(decodeFrames(wire, trial(wire, wire), frames))
        mustEqual(decode(whole), decode(framesOf(slices(fixture.bytes, [1]))), "steps cut by 1")
      },
    },
  ],
}
