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
const names: { readonly [K in ErrorKind]?: readonly string[] } = {
  "context-overflow": ["context_length_exceeded", "string_above_max_length", "exceed_context_size_error"],
  quota: ["insufficient_quota", "usage_not_included"],
  billing: ["billing_hard_limit_reached", "billing_not_active", "insufficient_balance"],
  "rate-limit": ["rate_limit_exceeded", "rate_limit_error"],
  authentication: [
    "invalid_api_key",
    "incorrect_api_key",
    "authentication_error",
    "invalid_authentication",
    "account_deactivated",
  ],
  permission: ["permission_error", "permission_denied", "unsupported_country_region_territory"],
  "model-not-found": ["model_not_found", "deploymentnotfound", "not_found_error"],
  "not-found": ["previous_response_not_found"],
  "seal-rejected": ["invalid_encrypted_content"],
  "content-policy": [
    "content_filter",
    "content_policy_violation",
    "responsibleaipolicyviolation",
    "moderation_blocked",
    "invalid_prompt",
    "bio_policy",
    "cyber_policy",
    "misalignment_policy_violation",
    "image_content_policy_violation",
  ],
  "server-error": ["server_error", "internal_server_error", "internal_error", "api_error"],
  overloaded: [
    "overloaded_error",
    "engine_overloaded",
    "engine_overloaded_error",
    "server_overloaded",
    "server_is_overloaded",
    "slow_down",
    "service_unavailable",
    "service_unavailable_error",
  ],
  timeout: ["timeout", "vector_store_timeout"],
}

const named: ReadonlyMap<string, ErrorKind> = new Map(
  Object.entries(names).flatMap(([kind, list]) => list.map((name): [string, ErrorKind] => [name, kind as ErrorKind])),
)

/** Errors that vendors tell only in words; the first that fits counts. */
const worded: readonly (readonly [RegExp, ErrorKind])[] = [
  [
    /maximum context length|context (?:length|window|size).{0,40}exceed|exceeds?.{0,40}context (?:length|window|size)|prompt is too long|too many (?:input )?tokens|input (?:is|exceeds).{0,40}too long/i,
    "context-overflow",
  ],
  [
    /invalid.{0,20}(?:signature|encrypted)|(?:signature|thought_signature|encrypted content).{0,60}(?:invalid|not valid|could not|not be (?:verified|decrypted)|missing)|Item with id 'rs_[^']*' not found|Invalid 'input\[\d+\]\.id'/i,
    "seal-rejected",
  ],
  // the names of some models say that they think
  [
    /(?<![-/:])(?:reasoning|think)(?:ing|[_.](?:effort|content|details|summary))?\b.{0,120}(?:\bnot (?:be )?(?:support|permit|allow)|unsupported|must be one of)|(?:\bnot support|unsupported|unrecognized|unknown|unexpected).{0,80}(?<![-/:])(?:reasoning|think)/i,
    "thinking-rejected",
  ],
  [/(?:incorrect|invalid) api key|api key not valid|invalid_api_key/i, "authentication"],
  [
    /model.{0,120}(?:does not exist|not found|not exist|is not available|has been decommissioned|not supported by any provider|not supported with the responses)|no such model|unknown model|no endpoints found|deployment.{0,60}(?:does not exist|not found)/i,
    "model-not-found",
  ],
  [/content (?:policy|management policy)|safety system|flagged (?:for|by)|moderation/i, "content-policy"],
]

/** Fields that only models that think know. */
const saysOfThinking = /^reasoning(?:$|[_.])|^thinking/

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
  if (refusals.has(status) && saysOfThinking.test(param ?? "") && /support/i.test(`${code} ${message}`))
    return "thinking-rejected"
  if (status === 400 && param === "model") return "model-not-found"
  if (status === 404 && keepsObjects && param !== "model" && message !== "" && !/model|deployment/i.test(message))
    return "not-found"
  // events of a stream have no type, and only what is wrong with the request has a field
  if (status === 200) return type === "invalid_request_error" || param !== undefined ? "invalid-request" : "server-error"
  return kindOfStatus(status)
}

/** The `type` and `code` by which the official SDKs and agents know an error. */
export interface ErrorWords {
  readonly type: string
  readonly code: string | null
}

const refused = (code: string | null): ErrorWords => ({ type: "invalid_request_error", code })
const broken = (code: string): ErrorWords => ({ type: "server_error", code })

const words: Readonly<Record<ErrorKind, ErrorWords>> = {
  "invalid-request": refused(null),
  "invalid-json": refused(null),
  "method-not-allowed": refused(null),
  "not-found": refused(null),
  "upgrade-required": refused(null),
  "forbidden-origin": refused(null),
  unsupported: refused("unsupported_parameter"),
  "too-large": refused("request_too_large"),
  "model-not-found": refused("model_not_found"),
  "no-provider": refused("model_not_found"),
  "context-overflow": refused("context_length_exceeded"),
  "content-policy": refused("content_policy_violation"),
  "seal-rejected": refused("invalid_encrypted_content"),
  "thinking-rejected": refused("unsupported_parameter"),
  authentication: refused("invalid_api_key"),
  permission: { type: "permission_error", code: "permission_denied" },
  billing: { type: "insufficient_quota", code: "insufficient_quota" },
  quota: { type: "insufficient_quota", code: "insufficient_quota" },
  "rate-limit": { type: "rate_limit_error", code: "rate_limit_exceeded" },
  overloaded: broken("server_is_overloaded"),
  "queue-full": broken("server_is_overloaded"),
  "memory-full": broken("server_is_overloaded"),
  draining: broken("server_is_overloaded"),
  timeout: broken("timeout"),
  "credentials-exhausted": broken("upstream_credentials_exhausted"),
  truncated: broken("truncated"),
  cancelled: broken("cancelled"),
  "server-error": broken("server_error"),
  network: broken("server_error"),
  "bad-answer": broken("server_error"),
  internal: broken("server_error"),
}

export const wordsOfKind = (kind: ErrorKind): ErrorWords => words[kind]
