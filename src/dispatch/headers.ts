import type { Call, ReplyHeaders } from "../core/call.ts"
import type { Route } from "../core/provider.ts"
import type { HeaderFilter, KeyEntry, ProviderEntry } from "../core/registry.ts"
import type { Wire } from "../core/wire.ts"
import type { HttpFields } from "../lib/http1/answer.ts"

/** Headers that must never travel upstream, whoever asks. */
const neverForwarded = new Set([
  "authorization",
  "proxy-authorization",
  "cookie",
  "host",
  "content-length",
  "content-encoding",
  "expect",
  "connection",
  "transfer-encoding",
  "accept-encoding",
  "keep-alive",
  "te",
  "trailer",
  "upgrade",
  "x-api-key",
  "x-goog-api-key",
  "api-key",
])

/**
 * What goes upstream: the wire's own headers where the caller speaks the same wire, `traceparent`, the provider's fixed and configured ones, what the caller
 * added on purpose, and the key. Never the caller's credentials, cookies or directions to the gateway.
 */
export function upstreamHeaders(
  call: Call,
  provider: ProviderEntry,
  route: Route,
  key: KeyEntry,
  { translated, filter }: HeaderOptions,
): Headers {
  const own = route.wire.id === call.wire.id ? named(call.headers, route.wire.requestHeaders) : noneNamed
  const betas = translated && route.betas ? route.betas(call.request()) : noBetas
  const trace = call.headers.get("traceparent")
  const asks = own.length + betas.length + provider.betaOverrides.size + filter.allow.length + call.directions.extraHeaders.length
  if (asks === 0 && trace === null) return plainHeaders(provider, route, key)
  const headers = new Headers()
  addAll(headers, own)
  const { betaHeader } = route.wire
  const sent = betaHeader === undefined ? null : headers.get(betaHeader)
  for (const name in route.headers) if (!headers.has(name)) headers.set(name, route.headers[name] ?? "")
  if (trace !== null) headers.set("traceparent", trace)
  addAll(headers, provider.extraHeaders)
  if (betaHeader !== undefined && (provider.betaOverrides.size + betas.length > 0 || headers.get(betaHeader) !== sent))
    setBetas(headers, betaHeader, provider.betaOverrides, [sent ?? "", ...betas])
  if (filter.allow.length > 0) addAsked(headers, listedHeaders(call, filter), filter)
  if (call.directions.extraHeaders.length > 0) addAsked(headers, call.directions.extraHeaders, filter)
  return withKey(headers, route, key)
}

const noneNamed: (readonly [name: string, value: string])[] = []
const noBetas: readonly string[] = []
const plain = new WeakMap<KeyEntry, Map<Route, Headers>>()

/** What goes with every call of a key to a route, made once: most callers add nothing. Not to be changed. A key belongs to one provider as one configuration has it. */
function plainHeaders({ extraHeaders }: ProviderEntry, route: Route, key: KeyEntry): Headers {
  const ofKey = plain.getOrInsertComputed(key, () => new Map())
  let headers = ofKey.get(route)
  if (!headers) {
    headers = new Headers(route.headers)
    addAll(headers, extraHeaders)
    ofKey.set(route, withKey(headers, route, key))
  }
  return headers
}

function withKey(headers: Headers, route: Route, key: KeyEntry): Headers {
  headers.set("content-type", "application/json")
  headers.set("accept-encoding", "identity")
  if (!headers.has("user-agent")) headers.set("user-agent", "gantry")
  route.auth(headers, key.reveal())
  return headers
}

export interface HeaderOptions {
  readonly translated: boolean
  /** For what the caller adds. */
  readonly filter: HeaderFilter
}

type HeaderList = readonly (readonly [name: string, value: string])[]

function addAll(headers: Headers, list: HeaderList): void {
  for (const [name, value] of list) headers.set(name, value)
}

/** What the caller wants sent on. */
function addAsked(headers: Headers, asked: HeaderList, filter: HeaderFilter): void {
  for (const [name, value] of asked)
    if (!neverForwarded.has(name) && !isDirection(name) && passes(filter, name)) headers.set(name, value)
}

/** A header that the file lists goes on under its plain name too. */
const listedHeaders = ({ headers }: Call, { allow }: HeaderFilter): HeaderList =>
  [...headers].filter(([name]) => allow.some((pattern) => matches(pattern, name)))

const passes = ({ allow, deny }: HeaderFilter, name: string): boolean =>
  !deny.some((pattern) => matches(pattern, name)) && (allow.length === 0 || allow.some((pattern) => matches(pattern, name)))

const matches = (pattern: string, name: string): boolean =>
  pattern.endsWith("*") ? name.startsWith(pattern.slice(0, -1)) : pattern === name

/** Flags that the caller, a translation and the file's own header ask for, but those that the provider is said not to take. */
function setBetas(headers: Headers, name: string, overrides: ReadonlyMap<string, boolean>, asked: readonly string[]): void {
  const flags = [...asked, headers.get(name) ?? ""].flatMap((value) => value.split(",")).map((flag) => flag.trim())
  const kept = new Set(flags.filter((flag) => flag !== "" && takesBeta(overrides, flag)))
  if (kept.size > 0) headers.set(name, [...kept].join(","))
  else headers.delete(name)
}

/** By the longest of the prefixes that a flag begins with. */
function takesBeta(overrides: ReadonlyMap<string, boolean>, flag: string): boolean {
  const prefixes = [...overrides.keys()].filter((prefix) => flag.startsWith(prefix))
  const [longest] = prefixes.sort((one, other) => other.length - one.length)
  return longest === undefined || overrides.get(longest) !== false
}

const isDirection = (name: string): boolean => name.startsWith("x-bf-") || name.startsWith("x-gantry-")

/** The vendor's own answer headers that a caller of the same wire may see; of another wire, only its request id and when to come back. */
export function replyHeaders(upstream: HttpFields, wire: Wire, relay: boolean): ReplyHeaders {
  const headers: ReplyHeaders = {}
  if (relay) for (const [name, value] of named(upstream, wire.responseHeaders)) headers[name] = value
  for (const [name, value] of named(upstream, alwaysShown)) headers[name] = value
  return headers
}

const alwaysShown = ["x-request-id", "request-id", "retry-after"] as const

/** Those of the headers that are listed, in lower case; a name that ends in `*` is a prefix. */
function named(headers: HttpFields, names: readonly string[]): HeaderList {
  let found = noneNamed
  for (const name of names) {
    if (name.endsWith("*")) {
      found = [...found, ...beginningWith(headers, name.slice(0, -1))]
      continue
    }
    const value = headers.get(name)
    if (value === null) continue
    if (found === noneNamed) found = []
    found.push([name, value])
  }
  return found
}

const beginningWith = (headers: HttpFields, prefix: string): HeaderList =>
  [...headers].filter(([name]) => name.startsWith(prefix))

export const upstreamRequestId = (headers: HttpFields): string | undefined =>
  headers.get("x-request-id") ?? headers.get("request-id") ?? headers.get("cf-ray") ?? undefined
