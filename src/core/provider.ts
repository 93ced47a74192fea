import type { JsonObject } from "../lib/json.ts"
import type { Exchange } from "./exchange.ts"
import type { Issuer } from "./node.ts"
import type { Request } from "./request.ts"
import type { HeadPatch, Wire } from "./wire.ts"

/** A parameterised change of an encoded request body that a provider needs; pure. */
export type Quirk = (body: JsonObject, exchange: Exchange) => JsonObject

/** Where and how one provider is reached, as configured. */
export interface Connection {
  readonly provider: string
  /** Root before the vendor's path, without a trailing slash. */
  readonly baseUrl: string
}

/** Where a path leads; the operator's may be a whole address. */
export const addressAt = ({ baseUrl }: Connection, path: string): string => (/^https?:\/\//.test(path) ? path : baseUrl + path)

/** Puts the credential on a request; given no credential, does nothing. */
export type Auth = (headers: Headers, credential: string | undefined) => void

/** One way to a provider: which wire it speaks there, and the address. */
export interface Route {
  readonly wire: Wire
  /** The name under which `request_path_overrides` and `allowed_requests` know it, such as `chat_completion`. */
  readonly operation: string
  /** Path after the base URL, version included, such as `/v1/messages`; or what the operator wrote in its place, as `addressAt` takes it. */
  readonly path: string
  /** Which calls take this route, where not all do: streamed ones, or those whose answer comes whole. */
  readonly only?: "stream" | "whole"
  readonly auth: Auth
  /** Headers the vendor wants on every request of this route. */
  readonly headers?: Readonly<Record<string, string>>
  /** Beta flags that a translated request needs here, in the wire's `betaHeader`. */
  readonly betas?: (request: Request) => readonly string[]
  readonly quirks?: readonly Quirk[]
  readonly fixed?: HeadPatch["fixed"]
  /** Who issues seals here when it is not the wire's home. */
  readonly issuer?: (model: string) => Issuer
  /** What a model can do here beyond the wire's common ground; each wire names the features it knows. */
  readonly features?: (model: string) => readonly string[]
  /** The most tokens that a model answers with here, where it is known: for a caller who sets no limit or one too high. */
  readonly maxOutput?: (model: string) => number | undefined
}

/** Answers in this process instead of over a network. */
export type LocalAnswer = (url: string, request: { readonly body: Uint8Array; readonly signal: AbortSignal }) => Promise<Response>

export interface ModelInfo {
  readonly id: string
  readonly created?: number
  readonly label?: string
  readonly ownedBy?: string
  readonly contextTokens?: number
  readonly maxOutputTokens?: number
}

export interface ModelList {
  readonly path: string
  /** Reads one page; `next` is the query string of the following page. */
  parse(body: string): { readonly models: readonly ModelInfo[]; readonly next?: string }
}

/** Somewhere to send a request. One small file each. */
export interface Provider {
  readonly id: string
  readonly label: string
  /** The environment variable its key is found in without a config file. */
  readonly env?: string
  readonly defaultBaseUrl?: string
  readonly needsKey: boolean
  /** In order of preference when a request has to be translated. */
  readonly routes: readonly Route[]
  readonly models?: ModelList
  /** Answers when nothing else is configured, but never counts as the sole provider beside another. */
  readonly standIn?: true
  readonly local?: LocalAnswer
  readonly verified: "live" | "recorded" | "docs"
}
