import type { EditedBytes } from "../lib/edited-bytes.ts"
import type { HttpAnswer } from "../lib/http1/answer.ts"
import type { Connection, ModelList, Route } from "./provider.ts"
import type { FallbackRef } from "./wire.ts"

/** A key of a provider's pool. Ids are stable over reloads, so cool-downs outlive them. */
export interface KeyEntry {
  readonly id: string
  readonly name: string
  /** Where calls with this key go, if elsewhere than the provider's others. */
  readonly connection?: Connection
  /** The credential in the clear; undefined for a provider that needs none. */
  reveal(): string | undefined
  /** Not negative; 0 is used only when asked for by name. */
  readonly weight: number
  allows(model: string): boolean
  /** The vendor's name for a name of ours; undefined when this key has no such alias. */
  aliasOf(model: string): string | undefined
  /** Names this key spells out: aliases, and explicit model lists. */
  readonly names: readonly string[]
}

export interface UnsetKey {
  readonly id: string
  readonly name: string
  /** The variable's name. */
  readonly variable: string
  readonly names: readonly string[]
}

/** In milliseconds. */
export interface Timeouts {
  readonly connectMs: number
  /** To the first byte of a stream. */
  readonly firstByteMs: number
  /** Between two chunks, counted only while we wait for the upstream. */
  readonly idleMs: number
  readonly unaryTotalMs: number
  readonly streamTotalMs: number
}

export interface SendOptions {
  readonly method: "POST" | "GET"
  /** Not to be changed once it has been sent. */
  readonly headers: Headers
  /** Has to stay as it is until the answer is complete. */
  readonly body?: Uint8Array | EditedBytes
}

/** A request under way. */
export interface Sending {
  /** Rejects when no head came, and with the reason when it was cancelled before. */
  readonly answer: Promise<HttpAnswer>
  /** It was sent twice, as far as anybody knows: the first time met a kept connection that was being closed. */
  readonly resent?: boolean
  /** Lets go of the request and of its answer, whose reads are rejected with the reason. Nothing happens when it is over. */
  cancel(reason?: unknown): void
}

/** How requests reach one provider: pool, proxy, TLS, HTTP version, egress rules. */
export interface Transport {
  send(url: string, options: SendOptions): Sending
  close(): void
}

export interface ProviderEntry {
  readonly id: string
  readonly label: string
  /** Answers when nothing else is configured, but never counts as the sole provider beside another. */
  readonly standIn: boolean
  readonly needsKey: boolean
  readonly connection: Connection
  /** In order of preference when a request has to be translated. */
  readonly routes: readonly Route[]
  readonly keys: readonly KeyEntry[]
  /** Keys that are out of use because an environment variable is not set. */
  readonly unsetKeys?: readonly UnsetKey[]
  /** What an operator can do where no key is in use. */
  readonly keyRemedy: string
  readonly timeouts: Timeouts
  readonly retry: { readonly max: number; readonly initialMs: number; readonly maxMs: number }
  readonly concurrency: number
  readonly bufferSize: number
  readonly extraHeaders: readonly (readonly [name: string, value: string])[]
  /** Beginnings of beta flags, and whether the provider takes what begins so; the longest counts. */
  readonly betaOverrides: ReadonlyMap<string, boolean>
  readonly fallbacks?: readonly FallbackRef[]
  /** Show callers what went to the upstream and what came back. */
  readonly sendBack: { readonly request: boolean; readonly response: boolean }
  readonly transport: Transport
  readonly models?: ModelList
}

/** Whether some key of a provider takes calls for a model; where there is none, nobody says that it does not. */
export const mayServe = ({ keys }: Pick<ProviderEntry, "keys">, model: string): boolean =>
  keys.length === 0 || keys.some((key) => key.allows(model) || key.aliasOf(model) !== undefined)

/** Which of the headers that callers add on purpose go on to providers. Lower case; a trailing `*` is a prefix; an empty `allow` is all. */
export interface HeaderFilter {
  readonly allow: readonly string[]
  readonly deny: readonly string[]
}

/** One configuration, made ready for calls; a call ends on the one it began with. */
export interface Registry {
  readonly version: number
  /** In config order. */
  readonly providers: ReadonlyMap<string, ProviderEntry>
  readonly fallbacks: readonly FallbackRef[]
  readonly limits: {
    readonly maxTargets: number
    readonly maxTries: number
    readonly callTotalMs: number
    readonly queueWaitMs: number
    readonly dropExcess: boolean
    readonly keepAliveMs: number
    readonly clientStallMs: number
  }
  readonly allowDirectKeys: boolean
  readonly headerFilter: HeaderFilter
  /** Callers may ask for raw bodies by header. */
  readonly allowRawOverride: boolean
  /** The first-party vendor of a bare model name, as a provider id. */
  owner(model: string): string | undefined
  /** In tokens, where the catalog knows them. */
  limitsOf(model: string): { readonly context?: number; readonly maxOutput?: number }
  /** The environment variable in which a provider that is not configured would find its key. */
  keyVariable(provider: string): string | undefined
  /** Names that a provider is known to list, and that its keys take calls for. */
  listed(provider: string): readonly string[]
}
