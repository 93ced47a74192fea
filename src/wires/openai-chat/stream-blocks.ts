import type { Block } from "../../core/block.ts"
import type { At, StreamEvent } from "../../core/event.ts"

/** The blocks of one choice in a stream, by first appearance. Text, refusal and thinking follow one another; calls may overlap. */
export interface StreamBlocks {
  /** Starts a block, ending the running text or thinking first. */
  start(block: Block, out: StreamEvent[]): At
  /** Starts and ends a block that arrived whole. */
  whole(block: Block, out: StreamEvent[]): At
  /** The running block of this kind, started if another one runs or none. `fresh` forces a new one. */
  run(kind: RunKind, out: StreamEvent[], fresh?: boolean): Running
  endRun(out: StreamEvent[]): void
  readonly running: Running | undefined
}

export type RunKind = "text" | "refusal" | "reasoning"

/** A block that grows by deltas, one at a time in a choice. */
export interface Running {
  readonly kind: RunKind
  readonly at: At
  /** All text so far, all parts together. */
  text: string
}

const empty: Readonly<Record<RunKind, Block>> = {
  text: { type: "text", text: "" },
  refusal: { type: "refusal", text: "" },
  reasoning: { type: "reasoning", parts: [] },
}

export function streamBlocks(candidate: number): StreamBlocks {
  let next = 0
  let running: Running | undefined

  function endRun(out: StreamEvent[]): void {
    if (running) out.push({ type: "block-end", at: running.at })
    running = undefined
  }
  function start(block: Block, out: StreamEvent[]): At {
    endRun(out)
    const at: At = { candidate, message: 0, block: next++ }
    out.push({ type: "block-start", at, block })
    return at
  }
  return {
    start,
    whole(block, out) {
      const at = start(block, out)
      out.push({ type: "block-end", at })
      return at
    },
    run(kind, out, fresh = false) {
      if (running && running.kind === kind && !fresh) return running
      const at = start(empty[kind], out)
      running = { kind, at, text: "" }
      return running
    },
    endRun,
    get running() {
      return running
    },
  }
}
