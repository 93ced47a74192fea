import type { Block } from "./block.ts"
import { type BlockDraft, draftOf } from "./block-draft.ts"
import type { GatewayError } from "./error.ts"
import type { Step, StreamEvent } from "./event.ts"
import type { Message } from "./message.ts"
import type { Response, Stop } from "./response.ts"

/** An answer that ended in an error, and what had arrived by then. */
export interface Broken {
  readonly error: GatewayError
  readonly partial: Response
}

export interface Collector {
  push(step: Pick<Step, "events">): void
  /** What has arrived so far; may be asked at any time and again. */
  value(): Response | Broken
}

interface MessageDraft {
  value: Omit<Message, "blocks">
  readonly blocks: (BlockDraft | undefined)[]
}

interface CandidateDraft {
  readonly messages: (MessageDraft | undefined)[]
  stop: Stop
}

/** The stop of a candidate that has not ended. */
const pending: Stop = { reason: "pending", raw: "" }

/**
 * Folds a stream into the response that it says. Deltas append, sets replace, the last usage counts. Anything cut off stays cut off, and a
 * candidate without an end has the stop `pending`. Foreign events have no place in a response, so they are left out; foreign blocks stay. Events about
 * a block or message that never started are ignored.
 */
export function collector(): Collector {
  let head: Omit<Response, "candidates" | "pins" | "usage" | "blocked"> = { id: "", model: "" }
  let tail: Pick<Response, "pins" | "usage" | "blocked"> = { pins: [] }
  let error: GatewayError | undefined
  const candidates: (CandidateDraft | undefined)[] = []

  const candidateAt = (index: number): CandidateDraft => {
    const made = candidates[index] ?? { messages: [], stop: pending }
    candidates[index] = made
    return made
  }

  function take(event: StreamEvent): void {
    switch (event.type) {
      case "response-start": {
        const { type: _, ...said } = event
        head = said
        return
      }
      case "usage":
        tail = { ...tail, usage: event.usage }
        return
      case "response-end":
        tail = { ...tail, pins: event.pins ?? [], ...(event.blocked ? { blocked: event.blocked } : {}) }
        if (event.serviceTier !== undefined) head = { ...head, serviceTier: event.serviceTier }
        return
      case "error":
        error ??= event.error
        return
      case "turn-end":
        candidateAt(event.candidate).stop = event.stop
        return
      case "message-start":
      case "message-end":
        takeMessage(candidateAt(event.candidate), event)
        return
      case "block-start":
      case "block-delta":
      case "block-set":
      case "block-end":
        takeBlock(candidates[event.at.candidate]?.messages[event.at.message], event)
        return
      case "foreign":
        return
      default:
        event satisfies never
    }
  }

  const response = (): Response => ({ ...head, candidates: candidates.filter(isThere).map(finishCandidate), ...tail })

  return {
    push(step) {
      for (const event of step.events) take(event)
    },
    value: () => (error ? { error, partial: response() } : response()),
  }
}

/** The fold of a whole stream; of one that ended in an error, what had arrived. */
export function collect(steps: Iterable<Pick<Step, "events">>): Response {
  const fold = collector()
  for (const step of steps) fold.push(step)
  const value = fold.value()
  return "partial" in value ? value.partial : value
}

function takeMessage(candidate: CandidateDraft, event: Extract<StreamEvent, { type: "message-start" | "message-end" }>): void {
  const draft = candidate.messages[event.message]
  if (event.type === "message-start") {
    if (!draft) candidate.messages[event.message] = { value: event.value, blocks: [] }
    return
  }
  if (!draft) return
  const { status: _, ...value } = draft.value
  draft.value = event.status === undefined ? value : { ...value, status: event.status }
}

type BlockEvent = Extract<StreamEvent, { type: "block-start" | "block-delta" | "block-set" | "block-end" }>

function takeBlock(message: MessageDraft | undefined, event: BlockEvent): void {
  if (!message) return
  const { block } = event.at
  if (event.type === "block-start") message.blocks[block] ??= draftOf(event.block)
  else if (event.type === "block-delta") message.blocks[block]?.append(event.delta)
  else if (event.type === "block-set") message.blocks[block]?.set(event.set)
}

const isThere = <T>(value: T | undefined): value is T => value !== undefined

const finishCandidate = (draft: CandidateDraft) => ({
  messages: draft.messages.filter(isThere).map(finishMessage),
  stop: draft.stop,
})

function finishMessage(draft: MessageDraft): Message {
  const blocks: Block[] = draft.blocks.filter(isThere).map((block) => block.value())
  return { ...draft.value, blocks }
}
