import type { Block, CacheHint, Pin } from "./block.ts"
import type { Message, Tool, ToolChoice } from "./message.ts"
import type { Node } from "./node.ts"

export interface ReasoningOptions {
  readonly effort?: "none" | "minimal" | "low" | "medium" | "high" | "xhigh" | "max" | (string & {})
  /** In tokens. */
  readonly budget?: number
  /** The model decides how much to think. */
  readonly adaptive?: true
  readonly show?: "none" | "summary" | "full"
}

export interface OutputOptions {
  /** JSON Schema as source text. */
  readonly schema?: string
  readonly name?: string
  readonly description?: string
  readonly strict?: boolean
  /** Any JSON object will do. */
  readonly json?: true
  readonly modalities?: readonly string[]
  readonly verbosity?: string
}

/** What a caller asks, in no vendor's terms. Used only when a request must be understood or translated. */
export interface Request extends Node {
  readonly model: string
  /** The wire's own system field; system messages inside the conversation stay in `messages`. */
  readonly instructions?: readonly Block[]
  readonly messages: readonly Message[]
  readonly tools?: readonly Tool[]
  readonly toolChoice?: ToolChoice
  readonly parallelTools?: boolean
  /** In tokens, thinking included. */
  readonly maxOutput?: number
  readonly temperature?: number
  readonly topP?: number
  readonly topK?: number
  readonly frequencyPenalty?: number
  readonly presencePenalty?: number
  readonly stop?: readonly string[]
  readonly seed?: number
  readonly candidates?: number
  /** How many alternatives for each token, 0 for the chosen one alone. */
  readonly logprobs?: number
  readonly reasoning?: ReasoningOptions
  readonly output?: OutputOptions
  readonly cache?: CacheHint
  readonly cacheKey?: string
  readonly user?: string
  readonly serviceTier?: string
  /** Keep the answer at the vendor's. */
  readonly store?: boolean
  readonly pins: readonly Pin[]
  /** Present when the answer shall be streamed. */
  readonly stream?: { readonly usage: boolean }
}
