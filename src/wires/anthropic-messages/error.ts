import { blameOf, type ErrorKind, type GatewayError, kindOfStatus, statusOf, type UpstreamContext } from "../../core/error.ts"
import type { Frame } from "../../core/event.ts"
import { retryAfterMs } from "../../lib/http-date.ts"
import type { HttpFields } from "../../lib/http1/answer.ts"
import { asObject, asString, type Json, type JsonObject, parseJson, stringifyJson } from "../../lib/json.ts"
import { wireId } from "./types.ts"

/** How much of a vendor's error body is kept, in UTF-16 units. */
const maxBody = 64 * 1024

/** https://platform.claude.com/docs/en/api/errors */
const kinds: Readonly<Record<string, ErrorKind>> = {
  invalid_request_error: "invalid-request",
  authentication_error: "authentication",
  billing_error: "billing",
  permission_error: "permission",
  not_found_error: "not-found",
  request_too_large: "too-large",
  rate_limit_error: "rate-limit",
  timeout_error: "timeout",
  api_error: "server-error",
  overloaded_error: "overloaded",
}

/** What the vendor only says in words; the first that fits. */
const phrases: readonly (readonly [of: readonly ErrorKind[], pattern: RegExp, kind: ErrorKind])[] = [
  [["invalid-request", "too-large"], /prompt is too long|context (window|limit|length)|exceed[^.]*context/i, "context-overflow"],
  [["invalid-request"], /signature[^.]*thinking|thinking[^.]*signature|cannot be modified|encrypted_content/i, "seal-rejected"],
  // an id that another vendor gave a call: a translation gives it one that this vendor takes
  [["invalid-request"], /tool_use(?:\.id|_id): string should match pattern/i, "seal-rejected"],
  // https://platform.claude.com/docs/en/build-with-claude/effort
  [
    ["invalid-request"],
    /(?<![-/:])\b(?:thinking|effort)\b[^.]*\bnot support|\bnot support[^.]*(?<![-/:])\b(?:thinking|effort)\b/i,
    "thinking-rejected",
  ],
  [["invalid-request", "permission"], /credit balance|billing|payment/i, "billing"],
  [["invalid-request", "rate-limit"], /usage limits?\b|monthly (limit|spend)|spend(ing)? limit/i, "quota"],
  [["invalid-request", "permission"], /content filter|blocked by|content policy|usage policy/i, "content-policy"],
  [
    ["invalid-request"],
    /model[^.]*(not (found|exist|available|supported)|does not exist|invalid)|invalid model/i,
    "model-not-found",
  ],
  [["not-found"], /\bmodel\b/i, "model-not-found"],
  [["invalid-request", "permission"], /invalid (x-)?api[- ]key/i, "authentication"],
]

export function decodeError(status: number, body: string, headers: HttpFields): GatewayError {
  const object = objectOf(body)
  const error = asObject(object?.error)
  const type = asString(error?.type)
  const message = asString(error?.message) ?? `The upstream answered with status ${status}.`
  const kind = refine(kindOf(status, type), message)
  const requestId = asString(object?.request_id) ?? headers.get("request-id") ?? undefined
  const contentType = headers.get("content-type") ?? undefined
  const code = asString(asObject(error?.details)?.error_code)
  const upstream: UpstreamContext = {
    status,
    wire: wireId,
    body: body.slice(0, maxBody),
    ...(type === undefined ? {} : { type }),
    ...(code === undefined ? {} : { code }),
    ...(requestId === undefined ? {} : { requestId }),
    ...(contentType === undefined ? {} : { contentType }),
  }
  const wait = retryAfterMs(headers)
  return { kind, blame: blameOf(kind), message, ...(wait === undefined ? {} : { retryAfterMs: wait }), upstream }
}

/** A type says more than a status: an overload may come inside a 200. */
function kindOf(status: number, type: string | undefined): ErrorKind {
  const said = type !== undefined && Object.hasOwn(kinds, type) ? kinds[type] : undefined
  if (said) return said
  return status < 400 ? "server-error" : kindOfStatus(status)
}

const refine = (kind: ErrorKind, message: string): ErrorKind =>
  phrases.find(([of, pattern]) => of.includes(kind) && pattern.test(message))?.[2] ?? kind

function objectOf(body: string): JsonObject | undefined {
  try {
    return asObject(parseJson(body))
  } catch {
    return undefined
  }
}

/** The error of a frame or a body that was announced as a success; undefined when it is none. */
export function errorIn(object: JsonObject): GatewayError | undefined {
  const error = asObject(object.error)
  if (!error || (object.type !== undefined && object.type !== "error")) return undefined
  const { upstream, ...said } = decodeError(200, stringifyJson(object), new Headers())
  const { status: _, ...rest } = upstream ?? {}
  return { ...said, upstream: rest }
}

export function encodeError(error: GatewayError): { readonly status: number; readonly body: Json } {
  const requestId = error.upstream?.requestId
  const body = { type: "error", error: { type: typeOf(error.kind), message: error.message } }
  return { status: statusFor(error), body: requestId === undefined ? body : { ...body, request_id: requestId } }
}

/** The vendor's own status for an overload is 529. */
function statusFor({ kind, upstream }: GatewayError): number {
  if (upstream?.wire === wireId && upstream.status !== undefined && upstream.status >= 400) return upstream.status
  return kind === "overloaded" ? 529 : statusOf(kind)
}

export const errorFrames = (error: GatewayError): readonly Frame[] => [
  { event: "error", data: stringifyJson(encodeError(error).body) },
]

/** The type that the official SDKs know for each kind. */
function typeOf(kind: ErrorKind): string {
  switch (kind) {
    case "invalid-request":
    case "invalid-json":
    case "unsupported":
    case "method-not-allowed":
    case "context-overflow":
    case "content-policy":
    case "seal-rejected":
    case "thinking-rejected":
    case "upgrade-required":
    case "cancelled":
      return "invalid_request_error"
    case "authentication":
      return "authentication_error"
    case "billing":
      return "billing_error"
    case "permission":
    case "forbidden-origin":
      return "permission_error"
    case "model-not-found":
    case "not-found":
    case "no-provider":
      return "not_found_error"
    case "too-large":
      return "request_too_large"
    case "quota":
    case "rate-limit":
      return "rate_limit_error"
    case "timeout":
      return "timeout_error"
    case "overloaded":
    case "queue-full":
    case "memory-full":
    case "draining":
      return "overloaded_error"
    case "server-error":
    case "network":
    case "bad-answer":
    case "truncated":
    case "credentials-exhausted":
    case "internal":
      return "api_error"
    default:
      return kind satisfies never
  }
}
