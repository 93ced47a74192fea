import type { Pin } from "./block.ts"
import type { Message } from "./message.ts"
import type { Node } from "./node.ts"
import type { Usage } from "./usage.ts"

export const stopReasons = [
  "end",
  "tool",
  "length",
  "context",
  "sequence",
  "pause",
  "refusal",
  "filter",
  "malformed",
  "pending",
  "other",
] as const
export type StopReason = (typeof stopReasons)[number]

/** Why generation ended; `raw` is the vendor's own word. */
export interface Stop {
  readonly reason: StopReason
  readonly raw: string
  /** The stop sequence that was hit. */
  readonly sequence?: string
  readonly text?: string
}

export interface Candidate extends Node {
  readonly messages: readonly Message[]
  readonly stop: Stop
}

/** What a model answered, in no vendor's terms. */
export interface Response extends Node {
  readonly id: string
  readonly model: string
  /** Seconds since 1970. */
  readonly created?: number
  readonly candidates: readonly Candidate[]
  /** Set when the vendor gave no candidate at all. */
  readonly blocked?: Stop
  readonly usage?: Usage
  readonly serviceTier?: string
  readonly pins: readonly Pin[]
}

/** The reason a wire must give when the answer holds a call to a caller's tool: `end` becomes `tool`, nothing else does. */
export const stopWithTools = (stop: Stop, hasToolCall: boolean): Stop =>
  hasToolCall && stop.reason === "end" ? { ...stop, reason: "tool" } : stop
