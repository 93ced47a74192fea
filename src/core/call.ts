import type { GatewayError } from "./error.ts"
import type { WireId } from "./node.ts"
import type { Note, Notice } from "./notice.ts"
import type { Connection, Route } from "./provider.ts"
import type { End, Payload, TryRecord } from "./record.ts"
import type { Request } from "./request.ts"
import type { StopReason } from "./response.ts"
import type { Usage } from "./usage.ts"
import type { FallbackRef, Head, Wire } from "./wire.ts"

/** A place for one plugin's state on a call; plugins never add fields to `Call`. */
export interface Slot<T> {
  readonly key: symbol
  readonly name: string
  readonly of?: T
}
export const slot = <T>(name: string): Slot<T> => ({ key: Symbol(name), name })

export interface Slots {
  get<T>(slot: Slot<T>): T | undefined
  set<T>(slot: Slot<T>, value: T): void
}

export interface Caller {
  /** The credential as sent, whatever its header; never forwarded unless direct keys are allowed. */
  readonly credential: string | undefined
  readonly sessionId: string | undefined
  readonly userAgent: string | undefined
  /** The client's IP address, while its connection is open. */
  address(): string | undefined
}

/** What the caller asked of the gateway itself, by header. */
export interface Directions {
  readonly keyName?: string
  readonly keyId?: string
  readonly directKey?: boolean
  readonly fallbacks?: readonly FallbackRef[]
  readonly extraHeaders: readonly (readonly [string, string])[]
  readonly passExtraParams: boolean
  readonly extraFields: boolean
  readonly rawRequest?: boolean
  readonly rawResponse?: boolean
  /** Whether the log keeps the call's bodies, where the operator lets callers decide. */
  readonly keepContent?: boolean
  /** Names and values of the caller's own, for logs and metrics; lower case, `_` for `-`. */
  readonly dimensions?: Readonly<Record<string, string>>
}

/** One client request on its way. */
export interface Call {
  readonly id: string
  /** Milliseconds since 1970. */
  readonly at: number
  /** `performance.now()` at the start. */
  readonly started: number
  readonly dialect: string
  /** The vendor a bare model name belongs to here, if the dialect has one. */
  readonly dialectVendor?: string
  readonly wire: Wire
  readonly path: string
  /** With its question mark, or empty. */
  readonly query: string
  readonly headers: Headers
  readonly caller: Caller
  readonly directions: Directions
  /** A large one is gone once the call is answered and nobody keeps it. */
  readonly body: Uint8Array
  readonly bodyBytes: number
  readonly head: Head
  readonly signal: AbortSignal
  /** Closes the client's connection: for one that has stopped reading. */
  hangUp(): void
  readonly slots: Slots
  readonly trail: Trail
  /** The body decoded; the same value each time. */
  request(): Request
  /** Puts another request in its place; the call is then translated, whatever its target. */
  replace(request: Request): void
  readonly edited: boolean
}

/** What a call leaves behind on its way; the log and the answer headers read it. */
export interface Trail {
  readonly route: string[]
  readonly tries: TryRecord[]
  /** Fallbacks the caller named that will not be asked, each with the reason. */
  leftOut?: string[]
  readonly note: Note
  notices(): readonly Notice[]
  /** Milliseconds spent waiting: for upstreams, for slots, between tries. Not the gateway's own time. */
  waitedMs: number
  /** The gateway's own share of the time until the answer's head was ready, in milliseconds. */
  overheadMs?: number
  /** Who answers. */
  target?: Target
  /** Whose error a call that nobody answers ends with; before the first try, who is to be tried first. */
  tried?: Target
  /** The last try of that one; absent where it made none. */
  failedTry?: TryRecord | undefined
  lane?: "relay" | "translate"
  key?: KeyRef
  /** Takes payloads, cut at `captureLimit` bytes each; absent while nobody keeps them. */
  capture?: (payload: Payload) => void
  captureLimit: number
  /** The bodies of the try that became the answer, while the caller may be shown them; the response as far as it has come. */
  raw?: { readonly request?: Uint8Array; readonly response?: () => Uint8Array }
  /** The notices of the try that became the answer join those of the call. */
  adopt(source: { notices(): readonly Notice[] }): void
}

export interface KeyRef {
  readonly id: string
  readonly name: string
}

/** Provider and model to be tried, and why. */
export interface Target {
  readonly provider: string
  readonly model: string
  readonly reason: string
  readonly connection: Connection
  readonly routes: readonly Route[]
}

export interface Outcome {
  readonly end: End
  readonly usage?: Usage
  readonly stop?: { readonly reason: StopReason; readonly raw: string }
  /** Milliseconds after the call's start. */
  readonly firstTokenMs?: number
  readonly lastTokenMs?: number
  readonly error?: GatewayError
  readonly notices: readonly Notice[]
  readonly responseBytes: number
}

export type Body = Uint8Array | ReadableStream<Uint8Array> | AsyncGenerator<Uint8Array, void, undefined>

/** Names in lower case. A plain object costs a third of what a `Headers` does. */
export type ReplyHeaders = Record<string, string>

/** An answer under way. `settled` resolves exactly once and never rejects, also when the client leaves before the first byte. */
export interface Reply {
  readonly status: number
  readonly headers: ReplyHeaders
  readonly body: Body
  readonly wire: WireId
  readonly settled: Promise<Outcome>
  /** What `settled` resolves to, as soon as that is known: for a whole answer from the start. */
  readonly outcome: Outcome | undefined
  /** For one that nobody will read: lets the upstream go and settles as `aborted`. Does nothing once it has settled. */
  cancel(): void
}

export type Interceptor<C> = (context: C, next: () => Promise<Reply>) => Promise<Reply>

/** A concern around every call. One that throws fails the call if it is required, else it is skipped for that call and counted. */
export interface Plugin {
  readonly name: string
  readonly required?: true
  /** May ask for the answer once. */
  readonly call?: Interceptor<Call>
}
