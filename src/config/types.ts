import type { NameFilter } from "./name-filter.ts"
import type { Secret } from "./secret.ts"

/**
 * One configuration, resolved: every default filled in, every reference replaced by its value, nothing in it ever changes.
 * Times are in milliseconds and sizes in bytes; the names say so.
 */
export interface Config {
  /** What an empty list means: 1, everything; 2, nothing. Lists are already normalised. */
  readonly version: 1 | 2
  readonly envLabel: string | undefined
  readonly encryptionKey: Secret | undefined
  readonly server: ServerConfig
  readonly admin: AdminConfig
  readonly client: ClientConfig
  readonly routing: RoutingConfig
  /** In file order. */
  readonly providers: readonly ProviderConfig[]
  /** Paths of sections that were accepted and have no effect in this build. */
  readonly unbuilt: readonly string[]
}

export interface ServerConfig {
  readonly host: string | undefined
  readonly port: number | undefined
}

/** The credential of the dashboard, the admin API and the metrics. */
export interface AdminConfig {
  /** False when the file switches it off in so many words. */
  readonly enabled: boolean
  readonly token: Secret | undefined
  readonly username: string | undefined
  readonly password: Secret | undefined
}

export interface ClientConfig {
  /** Refuse a call at once when a provider's queue is full, instead of letting it wait for room. */
  readonly dropExcessRequests: boolean
  readonly prometheusLabels: readonly string[]
  /** Host names that may be asked for besides loopback ones. */
  readonly allowedHosts: readonly string[]
  /** Origins of browsers that may call; `*` stands for any. */
  readonly allowedOrigins: readonly string[]
  readonly allowDirectKeys: boolean
  readonly enforceAuthOnInference: boolean
  readonly maxRequestBodyBytes: number
  /** Bound on the sum of all bodies held at once; absent: a quarter of the memory, at most 1 GiB. */
  readonly heldBodyLimitBytes: number | undefined
  readonly streamKeepAliveMs: number
  readonly drainMs: number
  readonly logging: LoggingConfig
  readonly perRequestRawOverride: boolean
  readonly headerFilter: { readonly allow: readonly string[]; readonly deny: readonly string[] }
}

export interface LoggingConfig {
  readonly enabled: boolean
  /** Whether request and response bodies are kept. */
  readonly content: boolean
  /** Callers may say by header whether the bodies of a call are kept. */
  readonly callersDecide: boolean
  readonly retentionDays: number
  readonly payloadLimitBytes: number
  readonly errorsToConsole: boolean
}

export interface RoutingConfig {
  readonly maxTargets: number
  readonly maxTries: number
  readonly totalTimeoutMs: number
  readonly queueWaitMs: number
  /** Provider ids that win ties, before all others in file order. */
  readonly order: readonly string[]
  /** For calls whose provider lists none of its own. */
  readonly fallbacks: readonly FallbackConfig[]
}

/** Where else to send a call. `model` absent: the same model name. */
export interface FallbackConfig {
  readonly provider: string
  readonly model: string | undefined
}

export interface ProviderConfig {
  /** Lower case, unique. */
  readonly id: string
  /** The built-in provider whose wires it speaks: itself, unless it is a custom one. */
  readonly baseType: string
  readonly custom: boolean
  readonly enabled: boolean
  /** Never empty for a provider that needs no key: then one entry without a value stands for it. */
  readonly keys: readonly KeyConfig[]
  readonly keyless: boolean
  /** The environment variable a key was looked for in, where the file lists none. */
  readonly keyVariable: string | undefined
  readonly network: NetworkConfig
  /** How many calls run at once, and how many may wait. */
  readonly concurrency: number
  readonly bufferSize: number
  readonly proxy: ProxyConfig
  /** By request type; a path, or a whole URL. */
  readonly pathOverrides: ReadonlyMap<string, string>
  /** By request type: whether the file has it set to true. */
  readonly allowedRequests: "all" | ReadonlyMap<string, boolean>
  readonly flags: RawFlags
  readonly fallbacks: readonly FallbackConfig[] | undefined
}

export interface RawFlags {
  readonly sendBackRawRequest: boolean
  readonly sendBackRawResponse: boolean
}

export interface KeyConfig {
  /** Stable over reloads as long as this key is not edited, whatever happens to its neighbours. */
  readonly id: string
  readonly name: string
  /** False also for a key that is left out because a variable it needs is not set. */
  readonly enabled: boolean
  /** That variable. */
  readonly unset: string | undefined
  /** Absent for keyless providers and for clouds whose credentials are in `settings`, or come from the machine. */
  readonly value: Secret | undefined
  /** Not negative; 0 is used only when asked for by name. */
  readonly weight: number
  readonly models: NameFilter
  readonly blockedModels: NameFilter
  /** Names that callers use → the vendor's own name of the model. */
  readonly aliases: ReadonlyMap<string, string>
  readonly settings: KeySettings
}

/** What some vendors want beside, or instead of, an API key. Every vendor reads the few that concern it. */
export interface KeySettings {
  readonly url?: string
  readonly modelName?: string
  readonly endpoint?: string
  readonly apiVersion?: string
  readonly clientId?: string
  readonly clientSecret?: Secret
  readonly tenantId?: string
  readonly scopes?: readonly string[]
  readonly accessKey?: Secret
  readonly secretKey?: Secret
  readonly sessionToken?: Secret
  readonly region?: string
  readonly arn?: string
  readonly roleArn?: string
  readonly externalId?: string
  readonly sessionName?: string
  readonly projectId?: string
  readonly projectNumber?: string
  readonly authCredentials?: Secret
  readonly forceSingleRegion?: boolean
  readonly useDeploymentsEndpoint?: boolean
}

export interface NetworkConfig {
  /** Without a slash at the end. Absent: the provider finds its own (from a key's region or endpoint). */
  readonly baseUrl: string | undefined
  /** The base URL already ends in a version (`/v1`, `/v1beta`), so the vendor's own is not to be added. */
  readonly baseHasVersion: boolean
  readonly extraHeaders: readonly (readonly [name: string, value: Secret])[]
  readonly timeouts: TimeoutConfig
  readonly retry: { readonly max: number; readonly initialMs: number; readonly maxMs: number }
  readonly http2: "auto" | "on" | "off"
  readonly tls: { readonly insecureSkipVerify: boolean; readonly caPem: string | undefined }
  /** Private address ranges may be called. Loopback always may, link-local never. */
  readonly allowPrivateNetwork: boolean
  readonly betaHeaderOverrides: ReadonlyMap<string, boolean>
}

export interface TimeoutConfig {
  readonly connectMs: number
  /** Until the first byte of a stream's answer. */
  readonly firstByteMs: number
  /** Between two chunks, while we wait for the upstream. */
  readonly idleMs: number
  /** One try whose answer is not a stream, from start to end. */
  readonly unaryTotalMs: number
  readonly streamTotalMs: number
}

export type ProxyConfig =
  | { readonly kind: "none" }
  | { readonly kind: "environment" }
  | {
      readonly kind: "http" | "socks5"
      readonly url: string
      readonly username: string | undefined
      readonly password: Secret | undefined
      readonly caPem: string | undefined
    }
