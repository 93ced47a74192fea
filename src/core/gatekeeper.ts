import { type At, type StreamEvent, sameAt } from "./event.ts"
import type { Held, Waits } from "./held-events.ts"

export interface Gatekeeper {
  /** Whether the event may go out next. */
  admits(event: StreamEvent): boolean
  /** Takes note of an event that goes out. */
  pass(event: StreamEvent): void
  /** All waiting events that may go by now, in their new order. */
  release(): StreamEvent[]
  /** A response that ended in order has no open block: one that was left open ends here, so that what waits for it is not lost. */
  finish(): StreamEvent[]
}

/** Knows what is open in an output of one block after another, and which event may go next; `held` are those that wait. */
export function gatekeeper(held: Held): Gatekeeper {
  const open: Open = { message: undefined, block: undefined }

  function release(): StreamEvent[] {
    const freed: StreamEvent[] = []
    for (let count = -1; count !== freed.length && held.size() > 0; ) {
      count = freed.length
      held.sweep((event, waits) => {
        if (!mayGo(event, open, waits)) return false
        pass(event, open)
        freed.push(event)
        return true
      })
    }
    return freed
  }

  function finish(): StreamEvent[] {
    const freed: StreamEvent[] = []
    while (held.size() > 0) {
      const before = held.size()
      const end = endOf(open)
      if (end) {
        pass(end, open)
        freed.push(end)
      }
      freed.push(...release())
      if (!end && held.size() === before) {
        freed.push(...held.take())
        break
      }
    }
    return freed
  }

  return { admits: (event) => mayGo(event, open, held), pass: (event) => pass(event, open), release, finish }
}

interface Place {
  readonly candidate: number
  readonly message: number
}

/** What has begun in the output and not ended. */
interface Open {
  message: Place | undefined
  block: At | undefined
}

/** `waits`: what an earlier event that could not go makes wait. */
function mayGo(event: StreamEvent, { message, block }: Open, waits: Waits): boolean {
  switch (event.type) {
    case "message-start":
      return message === undefined && !waits.messages()
    case "block-start":
      if (block !== undefined || waits.blocksOf(event.at)) return false
      return message === undefined ? !waits.message(event.at) : samePlace(message, event.at)
    case "block-delta":
    case "block-set":
    case "block-end":
      return (block !== undefined && sameAt(block, event.at)) || !waits.block(event.at)
    case "message-end":
      return !waits.message(event)
    case "turn-end":
      return !waits.candidate(event.candidate)
    case "response-start":
    case "usage":
    case "response-end":
    case "error":
    case "foreign":
      return true
    default:
      return event satisfies never
  }
}

function pass(event: StreamEvent, open: Open): void {
  const { message, block } = open
  if (event.type === "message-start") open.message = event
  else if (event.type === "block-start") open.block = event.at
  else if (event.type === "block-end" && block !== undefined && sameAt(block, event.at)) open.block = undefined
  else if (event.type === "message-end" && message !== undefined && samePlace(message, event)) open.message = undefined
}

/** The event that ends what is open, its block first. */
function endOf({ message, block }: Open): StreamEvent | undefined {
  if (block) return { type: "block-end", at: block }
  return message && { type: "message-end", candidate: message.candidate, message: message.message }
}

const samePlace = (one: Place, other: Place): boolean => one.candidate === other.candidate && one.message === other.message
