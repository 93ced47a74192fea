import type { StreamEvent } from "../../core/event.ts"
import { type Envelope, sealedHash } from "../../core/seal.ts"
import type { OpenBlock } from "./decode-stream-block.ts"
import { noteStale, overEmptyText, sealedText } from "./seals.ts"
import type { DecodeContext } from "./types.ts"

/** Seals that came in blocks of their own, before or after the block that each belongs to. */
export interface CarriedSeals {
  /** A carrier: the seal of a block that has ended, or of one to come. */
  take(envelope: Envelope): readonly StreamEvent[]
  /** A block is about to end. */
  ending(block: OpenBlock): readonly StreamEvent[]
  /** Seals of texts without words, which no frame shows; the ones that were for no block of this answer are told about. */
  left(): readonly Envelope[]
}

export function carriedSeals(context: DecodeContext): CarriedSeals {
  const ended = new Map<string, OpenBlock>()
  let waiting: Envelope[] = []

  const set = ({ at }: OpenBlock, { seal }: Envelope): readonly StreamEvent[] => [{ type: "block-set", at, set: { seal } }]

  return {
    take(envelope) {
      const block = ended.get(envelope.over)
      if (block) return set(block, envelope)
      waiting.push(envelope)
      return []
    },
    ending(block) {
      const text = sealedText(block.sofar())
      if (text === undefined || block.sofar().type === "reasoning") return []
      const over = sealedHash(text)
      ended.set(over, block)
      const envelope = waiting.find((one) => one.over === over)
      if (!envelope) return []
      waiting = waiting.filter((one) => one !== envelope)
      return set(block, envelope)
    },
    left() {
      const empty = waiting.filter((one) => one.over === overEmptyText)
      if (empty.length < waiting.length) noteStale(context)
      waiting = []
      return empty
    },
  }
}
