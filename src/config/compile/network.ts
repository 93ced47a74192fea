import { parseDuration } from "../../lib/duration.ts"
import type { Path, Report } from "../problem.ts"
import { type NetworkInput, network as networkSchema, type ProxyInput } from "../schema/network.ts"
import type { Secret } from "../secret.ts"
import type { NetworkConfig, ProxyConfig, TimeoutConfig } from "../types.ts"
import { endpointOf, endsInVersion, readAddress, warnOfPrivate } from "./base-url.ts"
import { compileCertificate } from "./certificate.ts"
import type { References } from "./references.ts"

const BACKOFF_INITIAL_MS = 500
const BACKOFF_MAX_MS = 5000
const FIRST_BYTE_SECONDS = 120
const TOTAL_SECONDS = 600
const HEADER_NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/

/**
 * In milliseconds, with every default; `defaultBaseUrl` holds where the file gives none. Faults are reported at their places under `path`, and
 * what they concern is left out.
 */
export function compileNetwork(
  given: NetworkInput | undefined,
  defaultBaseUrl: string | undefined,
  path: Path,
  references: References,
  report: Report,
): NetworkConfig {
  const input = given ?? networkSchema.parse({})
  const at = (name: keyof NetworkInput) => [...path, name]
  const written = readAddress(references.text(input.base_url, at("base_url")), at("base_url"), report)
  const endpoint = written === undefined ? undefined : endpointOf(written)
  if (endpoint !== undefined)
    report.warn(at("base_url"), "is the address of one endpoint, and each call adds its own path", `leave out "${endpoint}"`)
  if (!input.allow_private_network) warnOfPrivate(written, at("base_url"), report)
  const baseUrl = written ?? defaultBaseUrl?.replace(/\/+$/, "")
  return {
    baseUrl,
    baseHasVersion: baseUrl !== undefined && endsInVersion(baseUrl),
    extraHeaders: compileHeaders(input.extra_headers, at("extra_headers"), references, report),
    timeouts: compileTimeouts(input),
    retry: compileRetry(input, path, report),
    http2: input.http2 ?? (input.enforce_http2 === true ? "on" : "auto"),
    tls: {
      insecureSkipVerify: input.insecure_skip_verify,
      caPem: compileCertificate(references.text(input.ca_cert_pem, at("ca_cert_pem")), at("ca_cert_pem"), report),
    },
    allowPrivateNetwork: input.allow_private_network,
    betaHeaderOverrides: new Map(Object.entries(input.beta_header_overrides ?? {})),
  }
}

function compileTimeouts(input: NetworkInput): TimeoutConfig {
  const overall = input.default_request_timeout_in_seconds
  const firstByte = input.first_byte_timeout_in_seconds ?? overall ?? FIRST_BYTE_SECONDS
  return {
    connectMs: input.connect_timeout_in_seconds * 1000,
    firstByteMs: firstByte * 1000,
    idleMs: input.stream_idle_timeout_in_seconds * 1000,
    unaryTotalMs: (overall ?? input.total_timeout_in_seconds ?? TOTAL_SECONDS) * 1000,
    streamTotalMs: (input.total_timeout_in_seconds ?? Math.max(TOTAL_SECONDS, firstByte)) * 1000,
  }
}

function compileRetry(input: NetworkInput, path: Path, report: Report): NetworkConfig["retry"] {
  const initialMs = toMilliseconds(input.retry_backoff_initial) ?? input.retry_backoff_initial_ms ?? BACKOFF_INITIAL_MS
  const maxMs = toMilliseconds(input.retry_backoff_max) ?? input.retry_backoff_max_ms
  if (maxMs !== undefined && maxMs < initialMs) {
    report.warn([...path, "retry_backoff_max"], "is shorter than the first pause, so every pause is this long")
    return { max: input.max_retries, initialMs: maxMs, maxMs }
  }
  return { max: input.max_retries, initialMs, maxMs: maxMs ?? Math.max(BACKOFF_MAX_MS, initialMs) }
}

function toMilliseconds(duration: number | string | undefined): number | undefined {
  return duration === undefined ? undefined : parseDuration(duration)
}

function compileHeaders(
  given: NetworkInput["extra_headers"],
  path: Path,
  references: References,
  report: Report,
): (readonly [string, Secret])[] {
  const headers: (readonly [string, Secret])[] = []
  for (const [name, written] of Object.entries(given ?? {})) {
    const value = references.secret(written, [...path, name])
    if (!HEADER_NAME.test(name)) report.unknownName([...path, name], "is not a name that a header can have")
    // what a header may hold: no line breaks or other control characters, and nothing beyond one byte a character
    else if (value !== undefined && !/^[\t\x20-\x7e\x80-\xff]*$/.test(value.reveal()))
      report.error([...path, name], "holds a character that a header cannot carry", "a line break, perhaps")
    else if (value !== undefined) headers.push([name, value])
  }
  return headers
}

/** A proxy whose address is missing or wrong is reported, and has an empty one then. */
export function compileProxy(input: ProxyInput | undefined, path: Path, references: References, report: Report): ProxyConfig {
  switch (input?.type) {
    case undefined:
      if (input?.url !== undefined)
        report.warn(path, "this proxy is not used, since it has no type", 'write "type": "http", or "socks5"')
      return { kind: "none" }
    case "":
    case "none":
      return { kind: "none" }
    case "environment":
      return { kind: "environment" }
    case "socks5":
    case "http": {
      const at = (name: keyof ProxyInput) => [...path, name]
      const url = readAddress(references.text(input.url, at("url")), at("url"), report, {
        ...(input.type === "socks5" ? { schemes: ["socks5:", "socks5h:"] } : {}),
        credentials: 'write them beside it, as "username" and "password"',
      })
      if (url === undefined && input.url === undefined) report.error(path, `a proxy of type ${input.type} needs its "url"`)
      return {
        kind: input.type,
        url: url ?? "",
        username: references.text(input.username, at("username")),
        password: references.secret(input.password, at("password")),
        caPem: compileCertificate(references.text(input.ca_cert_pem, at("ca_cert_pem")), at("ca_cert_pem"), report),
      }
    }
  }
}
