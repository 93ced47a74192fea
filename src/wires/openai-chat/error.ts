import { blameOf, type ErrorKind, type GatewayError, kindOfStatus, statusOf, type UpstreamContext } from "../../core/error.ts"
import { retryAfterMs } from "../../lib/http-date.ts"
import { asNumber, asObject, asString, isJsonText, type Json, type JsonObject, parseJson } from "../../lib/json.ts"
import { given, members, wireId } from "./types.ts"

const maxBody = 64 * 1024

interface Said {
  readonly message: string
  readonly type?: string
  readonly code?: string
  readonly param?: string
  /** A status that the body itself states. */
  readonly status?: number
}

/** Errors that the vendors of this format name by code or type. */
const named: ReadonlyMap<string, ErrorKind> = new Map([
  ["context_length_exceeded", "context-overflow"],
  ["string_above_max_length", "context-overflow"],
  ["insufficient_quota", "quota"],
  ["billing_hard_limit_reached", "quota"],
  ["billing_not_active", "billing"],
  ["insufficient_balance", "billing"],
  ["rate_limit_exceeded", "rate-limit"],
  ["rate_limit_error", "rate-limit"],
  ["invalid_api_key", "authentication"],
  ["incorrect_api_key", "authentication"],
  ["authentication_error", "authentication"],
  ["invalid_authentication", "authentication"],
  ["account_deactivated", "authentication"],
  ["permission_error", "permission"],
  ["permission_denied", "permission"],
  ["unsupported_country_region_territory", "permission"],
  ["model_not_found", "model-not-found"],
  ["deploymentnotfound", "model-not-found"],
  ["not_found_error", "model-not-found"],
  ["content_filter", "content-policy"],
  ["content_policy_violation", "content-policy"],
  ["responsibleaipolicyviolation", "content-policy"],
  ["moderation_blocked", "content-policy"],
  ["server_error", "server-error"],
  ["internal_server_error", "server-error"],
  ["api_error", "server-error"],
  ["overloaded_error", "overloaded"],
  ["engine_overloaded_error", "overloaded"],
  ["server_overloaded", "overloaded"],
  ["service_unavailable", "overloaded"],
  ["timeout", "timeout"],
  ["exceed_context_size_error", "context-overflow"],
])

/** Errors that vendors tell only in words; the first that fits counts. Applied to refused requests. */
const worded: readonly (readonly [RegExp, ErrorKind])[] = [
  [
    /maximum context length|context (?:length|window|size).{0,40}exceed|exceeds?.{0,40}context (?:length|window|size)|prompt is too long|too many (?:input )?tokens|input is too long/i,
    "context-overflow",
  ],
  [
    /invalid.{0,20}(?:signature|encrypted)|(?:signature|thought_signature|encrypted content).{0,60}(?:invalid|not valid|could not be (?:verified|decrypted)|missing)/i,
    "seal-rejected",
  ],
  [/(?:incorrect|invalid) api key|api key not valid|invalid_api_key/i, "authentication"],
  [
    /model.{0,80}(?:does not exist|not found|not exist|is not available|has been decommissioned|not supported by any provider)|no such model|unknown model|no endpoints found|deployment.{0,60}(?:does not exist|not found)/i,
    "model-not-found",
  ],
  [/content (?:policy|management policy)|safety system|flagged (?:for|by)|moderation/i, "content-policy"],
]

const quotaWords =
  /insufficient[_ ](?:quota|balance|credit|funds)|exceeded your current quota|credit balance|out of credits|payment required/i

/** Reads an error answer of a vendor of this format. */
export function decodeError(status: number, body: string, headers: Headers): GatewayError {
  const json = isJsonText(body) ? asObject(parseJson(body)) : undefined
  const said = (json && saidIn(json)) ?? { message: plainMessage(body, status) }
  const retryAfter = retryAfterMs(headers)
  const requestId = headers.get("x-request-id") ?? headers.get("request-id")
  return errorOf(said, status, {
    ...given("retryAfterMs", retryAfter),
    upstream: {
      status,
      ...given("type", said.type),
      ...given("code", said.code),
      ...given("requestId", requestId ?? undefined),
      body: body.slice(0, maxBody),
      ...given("contentType", headers.get("content-type") ?? undefined),
      wire: wireId,
    },
  })
}

function plainMessage(body: string, status: number): string {
  const text = body.trim()
  return text === "" || text.startsWith("<") ? `the upstream answered with status ${status}` : text.slice(0, 1000)
}

/** The error inside a body or frame that came with status 200; undefined when it holds none. */
export function errorInBody(body: JsonObject): GatewayError | undefined {
  const said = saidIn(body)
  if (!said) return undefined
  const status = said.status !== undefined && said.status >= 400 && said.status < 600 ? said.status : undefined
  const text = JSON.stringify(body).slice(0, maxBody)
  const upstream: UpstreamContext = {
    ...given("status", status),
    ...given("type", said.type),
    ...given("code", said.code),
    body: text,
    wire: wireId,
  }
  return errorOf(said, status ?? 200, { upstream })
}

/** `{error:{message,type,param,code}}`, `{error:"…"}`, `{object:"error",message,code}`, and lists of the first. */
function saidIn(body: JsonObject): Said | undefined {
  const { error } = body
  const word = asString(error)
  if (word !== undefined) return { message: asString(body.message) ?? word, ...given("code", asString(body.code)) }
  const inner = asObject(error) ?? (body.object === "error" || isBareError(body) ? body : undefined)
  if (!inner) return undefined
  const metadata = asObject(inner.metadata)
  const message =
    asString(inner.message) ?? asString(inner.msg) ?? asString(inner.detail) ?? "the upstream answered with an error"
  const code = asString(inner.code) ?? asNumber(inner.code)?.toString() ?? asString(asObject(inner.innererror)?.code)
  const raw = asString(metadata?.raw)
  return {
    message: raw === undefined ? message : `${message}: ${raw.slice(0, 1000)}`,
    ...given("type", asString(inner.type) ?? asString(inner.status)),
    ...given("code", code),
    ...given("param", asString(inner.param)),
    ...given("status", asNumber(inner.code) ?? asNumber(inner.status_code)),
  }
}

/** Servers that answer with the error's own fields at the top. */
const isBareError = (body: JsonObject): boolean =>
  body.choices === undefined && (asString(body.message) ?? asString(body.detail) ?? asString(body.msg)) !== undefined

function errorOf(said: Said, status: number, more: Pick<GatewayError, "retryAfterMs" | "upstream">): GatewayError {
  const kind = kindOf(said, status)
  return { kind, blame: blameOf(kind), message: said.message, ...given("param", said.param), ...more }
}

/** The code says which limit it was; the text of a plain rate limit may well speak of plans and link to a billing page. */
function kindOf429(words: readonly (string | undefined)[], message: string): ErrorKind {
  const said = words.filter((word) => word !== undefined)
  if (said.some((word) => quotaWords.test(word))) return "quota"
  if (said.some((word) => /rate_limit/i.test(word))) return "rate-limit"
  return quotaWords.test(message) ? "quota" : "rate-limit"
}

function kindOf({ message, type, code, param }: Said, status: number): ErrorKind {
  if (status === 429) return kindOf429([code, type], message)
  const isRefusal = status === 200 || status === 400 || status === 403 || status === 404 || status === 422
  for (const word of [code, type]) {
    const kind = word === undefined ? undefined : named.get(word.toLowerCase())
    if (kind && (status === 200 || blameOf(kind) !== "provider")) return kind
  }
  if (isRefusal) {
    const found = worded.find(([pattern]) => pattern.test(message))
    if (found) return found[1]
    if (status === 400 && param === "model") return "model-not-found"
  }
  if (status === 200) return type === "invalid_request_error" ? "invalid-request" : "server-error"
  return kindOfStatus(status)
}

/** What the SDKs know: a type, and a code where one has a name. */
function words(error: GatewayError): { readonly type: string; readonly code: string | null } {
  switch (error.kind) {
    case "invalid-request":
    case "invalid-json":
    case "method-not-allowed":
    case "not-found":
    case "upgrade-required":
    case "forbidden-origin":
      return { type: "invalid_request_error", code: null }
    case "unsupported":
      return { type: "invalid_request_error", code: "unsupported_value" }
    case "too-large":
      return { type: "invalid_request_error", code: "request_too_large" }
    case "model-not-found":
    case "no-provider":
      return { type: "invalid_request_error", code: "model_not_found" }
    case "context-overflow":
      return { type: "invalid_request_error", code: "context_length_exceeded" }
    case "content-policy":
      return { type: "invalid_request_error", code: "content_policy_violation" }
    case "seal-rejected":
      return { type: "invalid_request_error", code: "invalid_encrypted_content" }
    case "authentication":
      return { type: "invalid_request_error", code: "invalid_api_key" }
    case "permission":
      return { type: "invalid_request_error", code: "permission_denied" }
    case "billing":
      return { type: "insufficient_quota", code: "billing_not_active" }
    case "quota":
      return { type: "insufficient_quota", code: "insufficient_quota" }
    case "rate-limit":
      return { type: "rate_limit_error", code: "rate_limit_exceeded" }
    case "overloaded":
    case "queue-full":
    case "memory-full":
    case "draining":
      return { type: "server_error", code: "service_unavailable" }
    case "timeout":
      return { type: "server_error", code: "timeout" }
    case "credentials-exhausted":
      return { type: "server_error", code: "upstream_credentials_exhausted" }
    case "truncated":
      return { type: "server_error", code: "truncated" }
    case "server-error":
    case "network":
    case "bad-answer":
    case "internal":
    case "cancelled":
      return { type: "server_error", code: null }
    default:
      return error.kind satisfies never
  }
}

/** `{error:{message,type,param,code}}`. An error of this wire keeps the vendor's own type and code. */
export function errorBody(error: GatewayError): Json {
  const own = error.upstream?.wire === wireId ? error.upstream : undefined
  const { type, code } = words(error)
  return {
    error: members({
      message: error.message,
      type: own?.type ?? type,
      param: error.param ?? null,
      code: own?.code ?? code,
    }),
  }
}

/** The vendor's own status for its own error; ours for what the gateway made of it. */
export function encodeError(error: GatewayError): { readonly status: number; readonly body: Json } {
  const own = error.upstream?.wire === wireId && error.kind !== "credentials-exhausted" ? error.upstream.status : undefined
  return { status: own !== undefined && own >= 400 ? own : statusOf(error.kind), body: errorBody(error) }
}
