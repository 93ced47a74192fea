import type { Machine, Step, StreamEnd, StreamEvent } from "./event.ts"
import { gatekeeper } from "./gatekeeper.ts"
import { heldEvents } from "./held-events.ts"
import type { Note } from "./notice.ts"

export interface SequenceOptions {
  /** How much may wait for an open block to end, in UTF-16 units of its JSON; 8 Mi when absent. */
  readonly maxHeldBytes?: number
  readonly note?: Note
}

const defaultHeldBytes = 8 * 1024 * 1024

/**
 * Puts interleaved blocks and messages one after another, in the order in which they first appeared: at any time at most one message and one block
 * are open, and what belongs to later ones waits. Steps that are in sequence already are handed on as the same objects; one that
 * has to wait, in whole or in part, loses its frame. The fold of the output equals the fold of the input.
 *
 * More than the bound waiting ends the answer with an error: neither splitting a call's input nor leaving some of it out would be an answer. An
 * error of the upstream discards what waits, since ending an open block to let it pass would show a broken call as a whole one.
 */
export function sequence(options: SequenceOptions = {}): Machine<Step, Step> {
  const maxHeldBytes = options.maxHeldBytes ?? defaultHeldBytes
  const held = heldEvents()
  const gate = gatekeeper(held)
  let over = false

  function overflow(): Step {
    over = true
    held.clear()
    options.note?.({
      code: "interleaving-adapted",
      path: "candidates[*].messages[*].blocks[*]",
      effect: "refused",
      side: "response",
    })
    const message = `The answer interleaves its blocks, and more than ${maxHeldBytes} bytes of it had to wait.`
    return { events: [{ type: "error", error: { kind: "bad-answer", blame: "provider", message } }] }
  }

  /** Emits or holds each event from `from` on; what an end sets free follows it at once. */
  function reorder(step: Step, from: number): Step[] {
    const out: StreamEvent[] = step.events.slice(0, from)
    for (const event of step.events.slice(from)) {
      if (event.type === "error") {
        over = true
        held.clear()
        out.push(event)
        break
      }
      if (event.type === "response-end") out.push(...gate.finish())
      if (!gate.admits(event)) held.add(event)
      else {
        gate.pass(event)
        out.push(event)
        if (ends(event)) out.push(...gate.release())
      }
    }
    const steps: Step[] = out.length === 0 ? [] : [{ events: out }]
    return held.bytes() > maxHeldBytes ? [...steps, overflow()] : steps
  }

  function push(step: Step): readonly Step[] {
    if (over) return []
    for (let index = 0; index < step.events.length; index++) {
      const event = step.events[index] as StreamEvent
      if (!gate.admits(event) || (held.size() > 0 && settles(event))) return reorder(step, index)
      gate.pass(event)
      if (event.type === "error") over = true
    }
    return held.size() > 0 && step.events.length === 0 ? [] : [step]
  }

  return {
    push,
    flush(_end: StreamEnd) {
      held.clear()
      return []
    },
  }
}

const ends = (event: StreamEvent): boolean => event.type === "block-end" || event.type === "message-end"

/** Events after which waiting ones may go, or must not be waiting any more. */
const settles = (event: StreamEvent): boolean => ends(event) || event.type === "response-end" || event.type === "error"
