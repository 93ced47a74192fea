import { type At, atKey, type StreamEvent } from "./event.ts"

/** Whether something that belongs to a block, message or candidate is waiting. */
export interface Waits {
  block(at: At): boolean
  /** A block of this message waits to begin. */
  blocksOf(at: Place): boolean
  message(at: Place): boolean
  /** A message waits to begin. */
  messages(): boolean
  candidate(index: number): boolean
}

export interface Held extends Waits {
  add(event: StreamEvent): void
  /** Offers the events in order, each with what the refused ones before it make wait; accepted ones leave. */
  sweep(accept: (event: StreamEvent, waits: Waits) => boolean): void
  /** All of them, in order of arrival; nothing is held afterwards. */
  take(): readonly StreamEvent[]
  clear(): void
  size(): number
  bytes(): number
}

interface Place {
  readonly candidate: number
  readonly message: number
}

const messageKey = (at: Place): string => `${at.candidate}.${at.message}`

/** Events that wait, in order of arrival. The owner bounds them by `bytes`. */
export function heldEvents(): Held {
  let events: StreamEvent[] = []
  let bytes = 0
  let waiting = waitList()

  function add(event: StreamEvent): void {
    events.push(event)
    bytes += weigh(event)
    waiting.add(event)
  }

  function clear(): void {
    events = []
    bytes = 0
    waiting = waitList()
  }

  return {
    ...forward(() => waiting),
    add,
    clear,
    take() {
      const taken = events
      clear()
      return taken
    },
    sweep(accept) {
      const offered = events
      clear()
      for (const event of offered) if (!accept(event, waiting)) add(event)
    },
    size: () => events.length,
    bytes: () => bytes,
  }
}

/** Reads the list that is current at each question. */
const forward = (list: () => Waits): Waits => ({
  block: (at) => list().block(at),
  blocksOf: (at) => list().blocksOf(at),
  message: (at) => list().message(at),
  messages: () => list().messages(),
  candidate: (index) => list().candidate(index),
})

function waitList() {
  const blocks = new Set<string>()
  const starts = new Set<string>()
  const messages = new Set<string>()
  const candidates = new Set<number>()
  let messageStart = false

  function add(event: StreamEvent): void {
    const at = "at" in event ? event.at : "message" in event ? event : undefined
    if (at) messages.add(messageKey(at))
    if ("at" in event) blocks.add(atKey(event.at))
    if (event.type === "block-start") starts.add(messageKey(event.at))
    if (event.type === "message-start") messageStart = true
    if (at) candidates.add(at.candidate)
    else if (event.type === "turn-end") candidates.add(event.candidate)
  }

  return {
    add,
    block: (at: At) => blocks.size > 0 && blocks.has(atKey(at)),
    blocksOf: (at: Place) => starts.size > 0 && starts.has(messageKey(at)),
    message: (at: Place) => messages.size > 0 && messages.has(messageKey(at)),
    messages: () => messageStart,
    candidate: (index: number) => candidates.has(index),
  }
}

function weigh(event: StreamEvent): number {
  if (event.type !== "block-delta") return JSON.stringify(event).length
  const { delta } = event
  return 96 + ("text" in delta ? delta.text.length : delta.data.length)
}
