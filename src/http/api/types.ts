import type { CallRecord, LogHealth } from "../../core/record.ts"

/** Answer of `GET /api/status`: what the first page shows and health tools read. */
export interface StatusView {
  readonly version: string
  /** Milliseconds since 1970. */
  readonly startedAt: number
  readonly state: "serving" | "degraded" | "draining" | "unable"
  readonly url: string
  readonly config: ConfigView
  readonly providers: readonly ProviderView[]
  readonly log: LogHealth
  /** The admin credential that calls to models have to bring; absent where they need none. */
  readonly callsNeed?: "token" | "login"
  readonly totals: { readonly calls: number; readonly errors: number; readonly active: number }
}

export interface ConfigView {
  readonly source: "file" | "detected" | "last-good"
  readonly file?: string
  readonly version: number
  readonly hash: string
  readonly loadedAt: number
  /** What is wrong with the file as it is now, one line each; empty when all is well. */
  readonly problems: readonly string[]
  readonly warnings: readonly string[]
}

export interface ProviderView {
  readonly id: string
  readonly label: string
  readonly baseUrl: string
  /** The formats it speaks, in order of preference. */
  readonly wires: readonly string[]
  readonly keys: readonly KeyView[]
  readonly running: number
  readonly waiting: number
  readonly concurrency: number
  /** Known models; a list that could not be fetched is empty and says why. */
  readonly models: readonly string[]
  readonly modelsError?: string
}

export interface KeyView {
  readonly id: string
  readonly name: string
  /** Never more than the last four characters. */
  readonly masked: string
  readonly weight: number
  /** Present while the key is left alone. Milliseconds since 1970. */
  readonly cooling?: { readonly until: number; readonly reason: string }
}

/** Answer of `GET /api/logs`. */
export interface LogsView {
  readonly logs: readonly CallRecord[]
  readonly pagination: { readonly limit: number; readonly cursor?: string; readonly has_more: boolean }
  /** False for a list that ran out of its time, and for one that passed over calls that cannot be read. */
  readonly complete: boolean
  /** Days of UTC, like `2026-11-22`, of which some or all calls cannot be read. */
  readonly unreadable_days?: readonly string[]
}

/** Answer of `GET /api/session/is-auth-enabled`, which anybody may ask. */
export interface SessionView {
  readonly is_auth_enabled: boolean
  /** This request would be let in; so is everybody while there is no credential. */
  readonly has_valid_token: boolean
  readonly asks_for: "token" | "login"
}

export type { CallRecord } from "../../core/record.ts"
