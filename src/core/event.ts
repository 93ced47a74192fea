import type { Json } from "../lib/json.ts"
import type { Block, Citation, Logprob, Pin, Seal, Source } from "./block.ts"
import type { GatewayError } from "./error.ts"
import type { Message } from "./message.ts"
import type { WireId } from "./node.ts"
import type { Stop } from "./response.ts"
import type { Usage } from "./usage.ts"

/** Where a block is. Dense, by first appearance; wire ids and indices stay in the wire. */
export interface At {
  readonly candidate: number
  readonly message: number
  readonly block: number
}

export type Delta =
  | { readonly type: "text"; readonly text: string; readonly logprobs?: readonly Logprob[] }
  /** Appends to reasoning part `index`, making it if it is the next one. */
  | { readonly type: "part"; readonly index: number; readonly text: string; readonly summary?: true }
  | { readonly type: "input"; readonly text: string }
  | { readonly type: "transcript"; readonly text: string }
  /** Base64, appended after decoding; each piece is whole. */
  | { readonly type: "bytes"; readonly data: string }

/** Replaces fields of an open or ended block; citations may come until turn-end. */
export interface BlockPatch {
  readonly seal?: Seal
  readonly source?: Source
  readonly content?: readonly Block[]
  readonly citations?: readonly Citation[]
  readonly text?: string
  readonly input?: string
  readonly id?: string
  readonly name?: string
}

export type StreamEvent =
  | {
      readonly type: "response-start"
      readonly id: string
      readonly model: string
      readonly created?: number
      readonly serviceTier?: string
    }
  | {
      readonly type: "message-start"
      readonly candidate: number
      readonly message: number
      readonly value: Omit<Message, "blocks">
    }
  /** The initial value, maybe already whole. */
  | { readonly type: "block-start"; readonly at: At; readonly block: Block }
  | { readonly type: "block-delta"; readonly at: At; readonly delta: Delta }
  | { readonly type: "block-set"; readonly at: At; readonly set: BlockPatch }
  | { readonly type: "block-end"; readonly at: At }
  | { readonly type: "message-end"; readonly candidate: number; readonly message: number; readonly status?: Message["status"] }
  | { readonly type: "turn-end"; readonly candidate: number; readonly stop: Stop }
  /** Cumulative: the last one counts. */
  | { readonly type: "usage"; readonly usage: Usage }
  /** `serviceTier`: the one that served, where the start could only say the one asked for. */
  | { readonly type: "response-end"; readonly blocked?: Stop; readonly pins?: readonly Pin[]; readonly serviceTier?: string }
  | { readonly type: "error"; readonly error: GatewayError }
  | { readonly type: "foreign"; readonly wire: WireId; readonly value: Json }

/** One frame of an event stream: the payload text, its event name, and the exact source bytes where there are any. */
export interface Frame {
  readonly event?: string
  readonly data: string
  readonly raw?: Uint8Array
}

/** One frame and all that it said. `restates`: blocks whose content the frame repeats in full. */
export interface Step {
  readonly events: readonly StreamEvent[]
  readonly frame?: Frame
  readonly restates?: readonly At[] | "all"
}

export type StreamEnd = "eof" | "cut" | "abort"

/** Synchronous; no I/O. `flush` says how the input ended: in order, cut off, or given up by the caller. */
export interface Machine<In, Out> {
  push(input: In): readonly Out[]
  flush(end: StreamEnd): readonly Out[]
}

export const sameAt = (left: At, right: At): boolean =>
  left.candidate === right.candidate && left.message === right.message && left.block === right.block

export const atKey = (at: At): string => `${at.candidate}.${at.message}.${at.block}`
