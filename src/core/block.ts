import type { Json } from "../lib/json.ts"
import type { Issuer, Node, WireId } from "./node.ts"

/** Opaque state that must come back byte for byte. Never made from an empty string. */
export interface Seal {
  readonly issuer: Issuer
  /** What it is to its issuer, such as `signature`, `redacted`, `encrypted`. */
  readonly kind: string
  readonly data: string
  /** The item id that the issuer checks together with the data. */
  readonly id?: string
  readonly account?: string
  readonly model?: string
}

/** A vendor-side object named by id. It routes to its account or is refused: dropping it would drop the context. */
export interface Pin {
  readonly kind: "response" | "conversation" | "item" | "file" | "container" | "cached-content" | "prompt" | "audio" | "approval"
  readonly id: string
  readonly issuer: Issuer
  readonly account?: string
}

export interface CacheHint {
  readonly ttl?: "5m" | "1h" | (string & {})
}

export interface Citation extends Node {
  /** Start and end in Unicode code points of the cited block's text. */
  readonly span?: readonly [number, number]
  readonly quote?: string
  readonly seal?: Seal
  readonly source: {
    readonly kind: "url" | "file" | "document" | "tool"
    readonly url?: string
    readonly title?: string
    readonly id?: string
    readonly index?: number
  }
}

export interface Logprob {
  readonly token: string
  readonly logprob: number
  readonly bytes?: readonly number[]
  readonly top?: readonly { readonly token: string; readonly logprob: number; readonly bytes?: readonly number[] }[]
}

export type Source =
  | { readonly type: "base64"; readonly data: string }
  | { readonly type: "url"; readonly url: string }
  | { readonly type: "text"; readonly text: string }
  | { readonly type: "pin"; readonly pin: Pin }

/** What any block may carry. `guard` marks text that guardrails alone should read. */
export interface BlockBase extends Node {
  readonly cache?: CacheHint
  readonly seal?: Seal
  readonly guard?: true
}

export interface TextBlock extends BlockBase {
  readonly type: "text"
  readonly text: string
  readonly phase?: "plan" | "commentary" | "final" | (string & {})
  readonly citations?: readonly Citation[]
  readonly logprobs?: readonly Logprob[]
}

/** Thinking. No parts is legal: the seal may be all there is. */
export interface ReasoningBlock extends BlockBase {
  readonly type: "reasoning"
  readonly parts: readonly { readonly text: string; readonly summary?: true }[]
}

export interface MediaBlock extends BlockBase {
  readonly type: "media"
  readonly kind: "image" | "audio" | "video" | "document"
  readonly mime?: string
  readonly source: Source
  readonly name?: string
  readonly detail?: string
  readonly transcript?: string
}

/** A structured value, as JSON source text. */
export interface DataBlock extends BlockBase {
  readonly type: "data"
  readonly json: string
}

export interface ToolCallBlock extends BlockBase {
  readonly type: "tool-call"
  readonly id: string
  readonly name: string
  readonly namespace?: string
  /** JSON source text, maybe cut off; with form `text`, free text. */
  readonly input: string
  readonly form?: "text"
  /** The vendor runs it, not the caller. */
  readonly by?: "provider"
}

export interface ToolResultBlock extends BlockBase {
  readonly type: "tool-result"
  readonly id: string
  readonly name?: string
  readonly content: readonly Block[]
  readonly failed?: true
  readonly form?: "text"
  readonly by?: "provider"
}

export interface RefusalBlock extends BlockBase {
  readonly type: "refusal"
  readonly text: string
}

/** A vendor's summary of earlier turns. Without text only its issuer can open it. */
export interface CompactionBlock extends BlockBase {
  readonly type: "compaction"
  readonly text?: string
}

export interface PinBlock extends BlockBase {
  readonly type: "pin"
  readonly pin: Pin
  /** What the caller answers to a pin of kind `approval`. */
  readonly answer?: { readonly approve: boolean; readonly reason?: string }
}

/** A block that nobody modelled: it survives to its own wire. */
export interface ForeignBlock extends BlockBase {
  readonly type: "foreign"
  readonly wire: WireId
  readonly value: Json
}

export type Block =
  | TextBlock
  | ReasoningBlock
  | MediaBlock
  | DataBlock
  | ToolCallBlock
  | ToolResultBlock
  | RefusalBlock
  | CompactionBlock
  | PinBlock
  | ForeignBlock

/** A call that the caller has to answer; a provider answers those of its own tools. */
export const isCall = (block: Block): block is ToolCallBlock => block.type === "tool-call" && block.by !== "provider"

/** What the caller answers to a call. */
export const isResult = (block: Block): block is ToolResultBlock => block.type === "tool-result" && block.by !== "provider"
