import { type ErrorKind, kindOfStatus } from "../core/error.ts"

/** What an error in the format of OpenAI says of itself. */
export interface SaidError {
  readonly message: string
  readonly type?: string
  readonly code?: string
  readonly param?: string
  /** A status that the body itself states. */
  readonly status?: number
}

/** Errors that the vendors of this format name by code or type, in lower case. https://platform.openai.com/docs/guides/error-codes */
const named: ReadonlyMap<string, ErrorKind> = new Map([
  ["context_length_exceeded", "context-overflow"],
  ["string_above_max_length", "context-overflow"],
  ["exceed_context_size_error", "context-overflow"],
  ["insufficient_quota", "quota"],
  ["usage_not_included", "quota"],
  ["billing_hard_limit_reached", "billing"],
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
  ["previous_response_not_found", "not-found"],
  ["invalid_encrypted_content", "seal-rejected"],
  ["content_filter", "content-policy"],
  ["content_policy_violation", "content-policy"],
  ["responsibleaipolicyviolation", "content-policy"],
  ["moderation_blocked", "content-policy"],
  ["invalid_prompt", "content-policy"],
  ["bio_policy", "content-policy"],
  ["cyber_policy", "content-policy"],
  ["misalignment_policy_violation", "content-policy"],
  ["image_content_policy_violation", "content-policy"],
  ["server_error", "server-error"],
  ["internal_server_error", "server-error"],
  ["internal_error", "server-error"],
  ["api_error", "server-error"],
  ["overloaded_error", "overloaded"],
  ["engine_overloaded", "overloaded"],
  ["engine_overloaded_error", "overloaded"],
  ["server_overloaded", "overloaded"],
  ["server_is_overloaded", "overloaded"],
  ["slow_down", "overloaded"],
  ["service_unavailable", "overloaded"],
  ["service_unavailable_error", "overloaded"],
  ["timeout", "timeout"],
  ["vector_store_timeout", "timeout"],
])

/** Errors that vendors tell only in words; the first that fits counts. */
const worded: readonly (readonly [RegExp, ErrorKind])[] = [
  [
    /maximum context length|context (?:length|window|size).{0,40}exceed|exceeds?.{0,40}context (?:length|window|size)|prompt is too long|too many (?:input )?tokens|input (?:is|exceeds).{0,40}too long/i,
    "context-overflow",
  ],
  [
    /invalid.{0,20}(?:signature|encrypted)|(?:signature|thought_signature|encrypted content).{0,60}(?:invalid|not valid|could not|not be (?:verified|decrypted)|missing)|Item with id 'rs_[^']*' not found/i,
    "seal-rejected",
  ],
  [/(?:incorrect|invalid) api key|api key not valid|invalid_api_key/i, "authentication"],
  [
    /model.{0,120}(?:does not exist|not found|not exist|is not available|has been decommissioned|not supported by any provider|not supported with the responses)|no such model|unknown model|no endpoints found|deployment.{0,60}(?:does not exist|not found)/i,
    "model-not-found",
  ],
  [/content (?:policy|management policy)|safety system|flagged (?:for|by)|moderation/i, "content-policy"],
]

/** What a server that fails may say beside its status. */
const failing: readonly (readonly [RegExp, ErrorKind])[] = [
  ...worded.filter(([, kind]) => kind === "context-overflow"),
  [/overloaded|at capacity/i, "overloaded"],
]

const quotaWords =
  /insufficient[_ ](?:quota|balance|credits?|funds)|exceeded your current quota|credit balance|out of credits|payment required/i

/** The code says which limit it was; the text of a plain rate limit may well speak of plans and link to a billing page. */
function kindOf429(words: readonly string[], message: string): ErrorKind {
  if (words.some((word) => quotaWords.test(word))) return "quota"
  if (words.some((word) => /rate_limit/i.test(word))) return "rate-limit"
  return quotaWords.test(message) ? "quota" : "rate-limit"
}

/** Statuses of a request that was refused for what it says. */
const refusals: ReadonlySet<number> = new Set([400, 403, 404, 422])
const insideAnswer = [...worded, ...failing]

function textsFor(status: number): typeof worded {
  if (status === 200) return insideAnswer
  return refusals.has(status) ? worded : status >= 500 ? failing : []
}

/** `keepsObjects`: the vendor keeps answers and items of this format, so that one of them may be what was not found. */
export function kindOfError({ message, type, code, param }: SaidError, status: number, keepsObjects: boolean): ErrorKind {
  const words = [code, type].filter((word) => word !== undefined)
  if (status === 429) return kindOf429(words, message)
  const byName = words.map((word) => named.get(word.toLowerCase())).find((kind) => kind !== undefined)
  if (byName && (byName !== "server-error" || status === 200)) return byName
  const byWords = textsFor(status).find(([pattern]) => pattern.test(message))?.[1]
  if (byWords) return byWords
  if (status === 400 && param === "model") return "model-not-found"
  if (status === 404 && keepsObjects && param !== "model" && message !== "" && !/model|deployment/i.test(message))
    return "not-found"
  if (status === 200) return type === "invalid_request_error" ? "invalid-request" : "server-error"
  return kindOfStatus(status)
}

/** The `type` and `code` by which the official SDKs and agents know an error. */
export function wordsOfKind(kind: ErrorKind): { readonly type: string; readonly code: string | null } {
  switch (kind) {
    case "invalid-request":
    case "invalid-json":
    case "method-not-allowed":
    case "not-found":
    case "upgrade-required":
    case "forbidden-origin":
      return { type: "invalid_request_error", code: null }
    case "unsupported":
      return { type: "invalid_request_error", code: "unsupported_parameter" }
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
      return { type: "permission_error", code: "permission_denied" }
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
    case "timeout":
      return { type: "server_error", code: "timeout" }
    case "credentials-exhausted":
      return { type: "server_error", code: "upstream_credentials_exhausted" }
    case "truncated":
      return { type: "server_error", code: "truncated" }
    case "cancelled":
      return { type: "server_error", code: "cancelled" }
    case "server-error":
    case "network":
    case "bad-answer":
    case "internal":
      return { type: "server_error", code: "server_error" }
    default:
      return kind satisfies never
  }
}
