import type { Block } from "../../core/block.ts"
import { type BlockDraft, draftOf } from "../../core/block-draft.ts"
import { type At, atKey } from "../../core/event.ts"
import { settledBlock } from "./dependents.ts"
import { ordinals } from "./seal-place.ts"

/** What has gone out of one block. */
export interface SentBlock {
  readonly at: At
  readonly draft: BlockDraft
  /** Its ordinal in the turn, as this wire gives it back. */
  readonly ordinal: number
  /** The index of a tool call among the calls of its choice. */
  call: number
  /** Index in `reasoning_details` by part. */
  readonly entries: Map<number, number>
  isEnded: boolean
  isSealSent: boolean
  hasInput: boolean
}

/** What has gone out of one choice. */
export interface SentChoice {
  /** The vendor's index of the choice. */
  index: number
  isBegun: boolean
  isFinished: boolean
  hasCall: boolean
  isCited: boolean
  /** The block that the latest delta was about. */
  last: SentBlock | undefined
  nextEntry: number
  nextCall: number
  readonly blocks: Map<string, SentBlock>
  readonly ordinal: (block: Block) => number
}

export interface ChunkState {
  choice(candidate: number): SentChoice
  choices(): readonly SentChoice[]
  block(at: At): SentBlock | undefined
  begin(at: At, block: Block): SentBlock
}

export function chunkState(): ChunkState {
  const choices = new Map<number, SentChoice>()

  function choice(candidate: number): SentChoice {
    const found = choices.get(candidate)
    if (found) return found
    const made: SentChoice = {
      index: candidate,
      isBegun: false,
      isFinished: false,
      hasCall: false,
      isCited: false,
      last: undefined,
      nextEntry: 0,
      nextCall: 0,
      blocks: new Map(),
      ordinal: ordinals(),
    }
    choices.set(candidate, made)
    return made
  }

  return {
    choice,
    choices: () => [...choices.values()],
    block: (at) => choices.get(at.candidate)?.blocks.get(atKey(at)),
    begin(at, block) {
      const owner = choice(at.candidate)
      const made: SentBlock = {
        at,
        draft: draftOf(settledBlock(block)),
        ordinal: owner.ordinal(block),
        call: -1,
        entries: new Map(),
        isEnded: false,
        isSealSent: false,
        hasInput: false,
      }
      owner.blocks.set(atKey(at), made)
      return made
    },
  }
}
