import type { ErrorAnswer, Failure } from "./turn.ts"

interface Row {
  readonly status: number
  readonly type: string
  readonly code: string | null
  readonly param?: string
  readonly message: string
  readonly retryAfter?: number
}

/** OpenAI's errors by cause (platform.openai.com/docs/guides/error-codes). */
const rows: Record<Failure, Row> = {
  "bad request": {
    status: 400,
    type: "invalid_request_error",
    code: "unsupported_value",
    param: "temperature",
    message: "Unsupported value: 'temperature' does not support 7 with this model.",
  },
  unauthorized: {
    status: 401,
    type: "invalid_request_error",
    code: "invalid_api_key",
    message: "Incorrect API key provided: sk-wrong. You can find your API key at https://platform.openai.com/account/api-keys.",
  },
  "payment required": { status: 402, type: "insufficient_quota", code: "insufficient_balance", message: "Insufficient Balance" },
  forbidden: {
    status: 403,
    type: "request_forbidden",
    code: "unsupported_country_region_territory",
    message: "Country, region, or territory not supported",
  },
  "model not found": {
    status: 404,
    type: "invalid_request_error",
    code: "model_not_found",
    message: "The model `no-such-model` does not exist or you do not have access to it.",
  },
  conflict: { status: 409, type: "invalid_request_error", code: null, message: "The resource was updated by another request." },
  "too large": { status: 413, type: "invalid_request_error", code: null, message: "Maximum content size limit exceeded." },
  unprocessable: {
    status: 422,
    type: "invalid_request_error",
    code: null,
    message: "The request was well-formed but could not be followed.",
  },
  "context overflow": {
    status: 400,
    type: "invalid_request_error",
    code: "context_length_exceeded",
    param: "messages",
    message: "This model's maximum context length is 128000 tokens. However, your messages resulted in 130112 tokens.",
  },
  "content policy": {
    status: 400,
    type: "invalid_request_error",
    code: "content_policy_violation",
    message: "Your request was rejected as a result of our safety system.",
  },
  "rate limited": {
    status: 429,
    type: "requests",
    code: "rate_limit_exceeded",
    message:
      "Rate limit reached for gpt-5 in organization org-x on requests per min (RPM): Limit 3, Used 3, Requested 1. Please try again in 1s.",
    retryAfter: 1,
  },
  "quota exhausted": {
    status: 429,
    type: "insufficient_quota",
    code: "insufficient_quota",
    message: "You exceeded your current quota, please check your plan and billing details.",
  },
  timeout: { status: 408, type: "server_error", code: "timeout", message: "The request timed out." },
  "server error": {
    status: 500,
    type: "server_error",
    code: null,
    message: "The server had an error while processing your request. Sorry about that!",
  },
  "bad gateway": { status: 502, type: "server_error", code: null, message: "Bad gateway." },
  unavailable: {
    status: 503,
    type: "server_error",
    code: "server_overloaded",
    message: "The engine is currently overloaded, please try again later.",
  },
  overloaded: {
    status: 503,
    type: "service_unavailable_error",
    code: "slow_down",
    message: "Slow down: reduce your request rate.",
  },
}

export const openaiHeaders = {
  "x-request-id": "req_5d1c3a0f6b7e4c2d9a8f001122334455",
  "openai-version": "2020-10-01",
  "openai-processing-ms": "211",
  "x-ratelimit-limit-requests": "10000",
  "x-ratelimit-remaining-requests": "9999",
  "set-cookie": "__cf_bm=opaque; path=/; HttpOnly; Secure",
}

export function openaiError(failure: Failure): ErrorAnswer {
  const { status, retryAfter, ...row } = rows[failure]
  const error = { message: row.message, type: row.type, param: row.param ?? null, code: row.code }
  const headers = retryAfter === undefined ? openaiHeaders : { ...openaiHeaders, "retry-after": String(retryAfter) }
  return { status, body: { error }, headers }
}

/** The four fields of an error in OpenAI's shape. */
export function openaiErrorFields(failure: Failure): {
  message: string
  type: string
  param: string | null
  code: string | null
} {
  const row = rows[failure]
  return { message: row.message, type: row.type, param: row.param ?? null, code: row.code }
}
