import type { PartlyPacked } from "../lib/partly-packed.ts"
import type { Blame, ErrorKind } from "./error.ts"
import type { WireId } from "./node.ts"
import type { Notice } from "./notice.ts"
import type { StopReason } from "./response.ts"
import type { Usage } from "./usage.ts"

/** How a try or a call ended. */
export type End = "complete" | "truncated" | "aborted" | "error"

/** One try against one target, as told to whoever asks why an answer is what it is. */
export interface TryRecord {
  readonly provider: string
  readonly model: string
  readonly keyId?: string
  readonly keyName?: string
  readonly wire: WireId
  readonly lane: "relay" | "translate"
  /** Milliseconds after the call's start. */
  readonly startMs: number
  readonly endMs: number
  /** Waiting for a slot of the provider, in milliseconds. */
  readonly queueMs: number
  /** The upstream's status; absent when it never answered. */
  readonly status?: number
  readonly upstreamRequestId?: string
  /** The upstream closed a kept connection as the request was sent, which was then sent once more over a new one. */
  readonly resent?: true
  readonly error?: { readonly kind: ErrorKind; readonly blame: Blame; readonly message: string }
  /** What was done about it, in a word or two: `answered`, `next key`, `retry in 480 ms`, `next target`. */
  readonly action: string
}

/** Everything that is kept of one call, payloads apart. */
export interface CallRecord {
  readonly id: string
  /** Milliseconds since 1970. */
  readonly at: number
  readonly method: "chat" | (string & {})
  readonly dialect: string
  readonly wire: WireId
  readonly path: string
  readonly stream: boolean
  /** As asked for. */
  readonly requestedModel: string
  /** Where it went in the end; absent when it went nowhere. */
  readonly provider?: string
  readonly model?: string
  readonly keyId?: string
  readonly keyName?: string
  readonly lane?: "relay" | "translate"
  /** Why this target: one line a decision. */
  readonly route: readonly string[]
  readonly tries: readonly TryRecord[]
  readonly fallbackIndex: number
  readonly status: number
  readonly end: End
  readonly error?: { readonly kind: ErrorKind; readonly blame: Blame; readonly message: string }
  readonly stop?: { readonly reason: StopReason; readonly raw: string }
  readonly usage?: Usage
  /** US dollars; absent when the price is not known. */
  readonly cost?: number
  readonly notices: readonly Notice[]
  readonly sessionId?: string
  readonly userAgent?: string
  readonly caller?: string
  /** What the caller said about the call, by name. */
  readonly dimensions?: Readonly<Record<string, string>>
  readonly durationMs: number
  readonly firstTokenMs?: number
  readonly lastTokenMs?: number
  readonly overheadUs: number
  readonly requestBytes: number
  readonly responseBytes: number
}

/** A request that never became a call: its body could not be read, or the gateway was shutting down. */
export interface RefusedRequest {
  readonly id: string
  readonly at: number
  readonly durationMs: number
  readonly dialect: string
  readonly wire: WireId
  readonly path: string
  readonly status: number
  readonly error: { readonly kind: ErrorKind; readonly blame: Blame; readonly message: string }
  readonly userAgent?: string
  readonly caller?: string
}

/** A payload as it went over a wire; `bytes` may be cut at the configured limit. */
export interface Payload {
  readonly side: "client-request" | "client-response" | "upstream-request" | "upstream-response"
  readonly wire: WireId
  readonly contentType: string
  readonly bytes: Uint8Array
  /** The same in less memory, where `bytes` are made anew each time that they are asked for. */
  readonly packed?: PartlyPacked
  /** Size before cutting. */
  readonly size: number
  /** Frees the memory of `bytes` for a store that has copied it; nobody reads them afterwards. Absent where others hold them too. */
  readonly release?: () => void
}

export interface LogEntry {
  readonly record: CallRecord
  readonly payloads: readonly Payload[]
  /** There were payloads, but there was no room for them, or they are damaged. */
  readonly payloadsLost?: true
}

export interface LogQuery {
  readonly limit?: number
  /** Continue after this cursor; newest first. */
  readonly cursor?: string
  readonly from?: number
  readonly to?: number
  readonly providers?: readonly string[]
  /** As the provider or the caller calls them, alone or as `provider/model`. */
  readonly models?: readonly string[]
  readonly keys?: readonly string[]
  readonly dialects?: readonly string[]
  readonly status?: "success" | "error"
  readonly errorKinds?: readonly string[]
  readonly stopReasons?: readonly string[]
  readonly sessionId?: string
  readonly requestId?: string
  readonly stream?: boolean
  readonly minDurationMs?: number
  readonly maxDurationMs?: number
  readonly minTokens?: number
  readonly maxTokens?: number
  readonly minCost?: number
  readonly maxCost?: number
  readonly missingCost?: boolean
  /** Words that must all stand in what a list tells of a call: id, names, caller, session, status or error. Letters of ASCII match in any case. */
  readonly search?: readonly string[]
}

export interface LogPage {
  readonly records: readonly CallRecord[]
  readonly cursor?: string
  /** False when the list ran out of its time before it was full, and the cursor goes on from there; or when it passed over calls that cannot be read. */
  readonly complete: boolean
  /** The days of UTC, newest first and like `2026-11-22`, of which some or all calls cannot be read; absent where there are none. */
  readonly unreadable?: readonly string[]
}

export interface LogHealth {
  readonly state: "ok" | "degraded" | "down" | "off"
  readonly queued: number
  readonly dropped: number
  readonly written: number
  readonly lastError?: string
}

/** Where calls are kept. `write` never throws, blocks or waits. */
export interface LogStore {
  write(entry: LogEntry): void
  list(query: LogQuery, signal?: AbortSignal): Promise<LogPage>
  get(id: string): Promise<LogEntry | undefined>
  health(): LogHealth
  /** Writes what is queued, within the deadline in milliseconds. */
  stop(deadlineMs: number): Promise<void>
}
