import { blameOf, type ErrorKind, type GatewayError, kindOfStatus, statusOf, type UpstreamContext } from "../../core/error.ts"
import { retryAfterMs } from "../../lib/http-date.ts"
import { asObject, asString, type Json, type JsonObject, parseJson } from "../../lib/json.ts"
import { wireId } from "./types.ts"

const maxBody = 65_536

/** What the vendor's own codes and types mean, https://platform.openai.com/docs/guides/error-codes. */
const kinds: Readonly<Record<string, ErrorKind>> = {
  context_length_exceeded: "context-overflow",
  insufficient_quota: "quota",
  billing_hard_limit_reached: "billing",
  billing_not_active: "billing",
  usage_not_included: "quota",
  invalid_api_key: "authentication",
  account_deactivated: "authentication",
  authentication_error: "authentication",
  permission_error: "permission",
  unsupported_country_region_territory: "permission",
  model_not_found: "model-not-found",
  DeploymentNotFound: "model-not-found",
  previous_response_not_found: "not-found",
  invalid_encrypted_content: "seal-rejected",
  content_policy_violation: "content-policy",
  content_filter: "content-policy",
  moderation_blocked: "content-policy",
  invalid_prompt: "content-policy",
  bio_policy: "content-policy",
  cyber_policy: "content-policy",
  misalignment_policy_violation: "content-policy",
  image_content_policy_violation: "content-policy",
  rate_limit_exceeded: "rate-limit",
  rate_limit_error: "rate-limit",
  slow_down: "overloaded",
  server_is_overloaded: "overloaded",
  engine_overloaded: "overloaded",
  overloaded_error: "overloaded",
  service_unavailable: "overloaded",
  service_unavailable_error: "overloaded",
  server_error: "server-error",
  internal_error: "server-error",
  vector_store_timeout: "timeout",
}

/** Words of messages whose code says nothing. */
const phrases: readonly (readonly [RegExp, ErrorKind])[] = [
  [/context (?:length|window)|maximum context|input (?:is|exceeds).{0,40}too long|prompt is too long/i, "context-overflow"],
  [/encrypted content.{0,60}(?:not be verified|could not|invalid)|Item with id 'rs_[^']*' not found/i, "seal-rejected"],
  [/(?:model|deployment)\b.{0,120}(?:does not exist|not found|not exist|not supported with the responses)/i, "model-not-found"],
  [/exceeded your current quota|insufficient (?:quota|credits|balance)/i, "quota"],
  [/incorrect api key|invalid api key/i, "authentication"],
  [/overloaded|at capacity/i, "overloaded"],
]

function kindOf(error: JsonObject, status: number): ErrorKind {
  const code = asString(error.code)
  const type = asString(error.type)
  const named = (code && kinds[code]) || (type && kinds[type])
  const message = asString(error.message) ?? ""
  if (named && !(named === "server-error" && kindOfStatus(status) === "overloaded")) return named
  const said = phrases.find(([pattern]) => pattern.test(message))?.[1]
  if (said && (status === 400 || status === 404 || status === 429 || status >= 500 || status === 200)) return said
  if (status === 404 && asString(error.param) !== "model")
    return /model|deployment/i.test(message) || message === "" ? "model-not-found" : "not-found"
  if (status === 200) return type === "invalid_request_error" ? "invalid-request" : "server-error"
  return kindOfStatus(status)
}

/** The error in a vendor's error object; `status` 200 for one inside a stream. */
export function errorOf(error: JsonObject, status: number, more: Partial<UpstreamContext> = {}): GatewayError {
  const kind = kindOf(error, status)
  const param = asString(error.param)
  const type = asString(error.type)
  const code = asString(error.code)
  return {
    kind,
    blame: blameOf(kind),
    message: asString(error.message) ?? "The provider answered with an error that has no message.",
    ...(param === undefined ? {} : { param }),
    upstream: {
      wire: wireId,
      ...(status === 200 ? {} : { status }),
      ...(type === undefined ? {} : { type }),
      ...(code === undefined ? {} : { code }),
      ...more,
    },
  }
}

export function decodeError(status: number, body: string, headers: Headers): GatewayError {
  const requestId = headers.get("x-request-id") ?? undefined
  const contentType = headers.get("content-type") ?? undefined
  const retry = retryAfterMs(headers)
  const error = errorOf(readError(body, status), status, {
    status,
    body: body.slice(0, maxBody),
    ...(requestId === undefined ? {} : { requestId }),
    ...(contentType === undefined ? {} : { contentType }),
  })
  return retry === undefined ? error : { ...error, retryAfterMs: retry }
}

/** The error object, wherever the servers that speak this format put it; text that is none is no message to show. */
function readError(body: string, status: number): JsonObject {
  const fallback = { message: `The provider answered with HTTP status ${status}.` }
  try {
    const json = asObject(parseJson(body))
    const inner = json?.error ?? json?.detail ?? json
    const object = asObject(inner)
    const text = asString(inner)
    return text === undefined ? { ...fallback, ...object } : { message: text }
  } catch {
    return fallback
  }
}

interface Face {
  readonly type: string
  readonly code: string | null
}

/** The `type` and `code` by which the official SDKs and agents know an error. */
function faceOf(kind: ErrorKind): Face {
  switch (kind) {
    case "invalid-request":
    case "invalid-json":
    case "too-large":
    case "method-not-allowed":
    case "not-found":
    case "upgrade-required":
      return { type: "invalid_request_error", code: null }
    case "unsupported":
      return { type: "invalid_request_error", code: "unsupported_parameter" }
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
    case "forbidden-origin":
      return { type: "permission_error", code: null }
    case "billing":
    case "quota":
      return { type: "insufficient_quota", code: "insufficient_quota" }
    case "rate-limit":
      return { type: "rate_limit_error", code: "rate_limit_exceeded" }
    case "overloaded":
    case "queue-full":
    case "memory-full":
    case "draining":
      return { type: "server_error", code: "server_is_overloaded" }
    case "credentials-exhausted":
      return { type: "server_error", code: "upstream_credentials_exhausted" }
    case "cancelled":
      return { type: "server_error", code: "cancelled" }
    case "timeout":
      return { type: "server_error", code: "timeout" }
    case "truncated":
      return { type: "server_error", code: "truncated" }
    case "server-error":
    case "network":
    case "bad-answer":
    case "internal":
      return { type: "server_error", code: "server_error" }
    default:
      return kind satisfies never
  }
}

/** The vendor's own words where it was a vendor of this format, ours otherwise. */
export function encodeErrorObject(error: GatewayError): { message: string; type: string; param: Json; code: Json } {
  const face = faceOf(error.kind)
  const own = error.upstream?.wire === wireId ? error.upstream : undefined
  return {
    message: error.message,
    type: own?.type ?? face.type,
    param: error.param ?? null,
    code: own?.code ?? face.code,
  }
}

export function encodeError(error: GatewayError): { status: number; body: Json } {
  const said = error.upstream?.status
  const status = said !== undefined && said >= 400 && said < 600 ? said : statusOf(error.kind)
  return { status, body: { error: encodeErrorObject(error) } }
}
