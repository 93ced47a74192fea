import type { Blame, ErrorKind } from "../../src/core/error.ts"

/** An error answer as a vendor documents it, and what it must be read as. */
export interface ErrorCase {
  readonly name: string
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body: string
  readonly kind: ErrorKind
  readonly blame: Blame
  readonly retryAfterMs?: number
}

const openai = (message: string, type: string, code: string | null = null, param: string | null = null): string =>
  JSON.stringify({ error: { message, type, param, code } })

const anthropic = (type: string, message: string): string =>
  JSON.stringify({ type: "error", error: { type, message }, request_id: "req_011CSHoEeqs5C35K2UUqR7Fy" })

const page = "<html><head><title>502 Bad Gateway</title></head><body>nginx</body></html>"

const anyVendor: readonly ErrorCase[] = [
  {
    name: "a proxy's page",
    status: 502,
    headers: { "content-type": "text/html" },
    body: page,
    kind: "server-error",
    blame: "provider",
  },
  { name: "an empty 500", status: 500, body: "", kind: "server-error", blame: "provider" },
  { name: "a gateway timeout", status: 504, body: "", kind: "timeout", blame: "provider" },
]

/** https://platform.openai.com/docs/guides/error-codes */
const openaiCases: readonly ErrorCase[] = [
  ...anyVendor,
  {
    name: "invalid key",
    status: 401,
    body: openai("Incorrect API key provided.", "invalid_request_error", "invalid_api_key"),
    kind: "authentication",
    blame: "key",
  },
  {
    name: "rate limit",
    status: 429,
    headers: { "retry-after": "7" },
    body: openai("Rate limit reached for requests", "requests", "rate_limit_exceeded"),
    kind: "rate-limit",
    blame: "key",
    retryAfterMs: 7_000,
  },
  {
    name: "exact retry time",
    status: 429,
    headers: { "retry-after-ms": "1500", "retry-after": "2" },
    body: openai("Rate limit reached for requests", "tokens", "rate_limit_exceeded"),
    kind: "rate-limit",
    blame: "key",
    retryAfterMs: 1_500,
  },
  {
    name: "no credit left",
    status: 429,
    body: openai(
      "You exceeded your current quota, please check your plan and billing details.",
      "insufficient_quota",
      "insufficient_quota",
    ),
    kind: "quota",
    blame: "key",
  },
  {
    name: "context overflow",
    status: 400,
    body: openai(
      "This model's maximum context length is 8192 tokens.",
      "invalid_request_error",
      "context_length_exceeded",
      "messages",
    ),
    kind: "context-overflow",
    blame: "request",
  },
  {
    name: "unknown model",
    status: 404,
    body: openai(
      "The model `gpt-nope` does not exist or you do not have access to it.",
      "invalid_request_error",
      "model_not_found",
    ),
    kind: "model-not-found",
    blame: "request",
  },
  {
    name: "wrong field",
    status: 400,
    body: openai("Invalid type for 'temperature'.", "invalid_request_error", "invalid_type", "temperature"),
    kind: "invalid-request",
    blame: "request",
  },
  {
    name: "content policy",
    status: 400,
    body: openai("Your request was rejected by the safety system.", "invalid_request_error", "content_policy_violation"),
    kind: "content-policy",
    blame: "request",
  },
  {
    name: "server error",
    status: 500,
    body: openai("The server had an error while processing your request.", "server_error"),
    kind: "server-error",
    blame: "provider",
  },
  {
    name: "overloaded",
    status: 503,
    body: openai("The engine is currently overloaded, please try again later.", "server_error"),
    kind: "overloaded",
    blame: "provider",
  },
]

/** https://docs.anthropic.com/en/api/errors */
const anthropicCases: readonly ErrorCase[] = [
  ...anyVendor,
  {
    name: "invalid key",
    status: 401,
    body: anthropic("authentication_error", "invalid x-api-key"),
    kind: "authentication",
    blame: "key",
  },
  { name: "no permission", status: 403, body: anthropic("permission_error", "not allowed"), kind: "permission", blame: "key" },
  {
    name: "rate limit",
    status: 429,
    headers: { "retry-after": "12" },
    body: anthropic("rate_limit_error", "This request would exceed your organization's rate limit"),
    kind: "rate-limit",
    blame: "key",
    retryAfterMs: 12_000,
  },
  { name: "overloaded", status: 529, body: anthropic("overloaded_error", "Overloaded"), kind: "overloaded", blame: "provider" },
  {
    name: "server error",
    status: 500,
    body: anthropic("api_error", "Internal server error"),
    kind: "server-error",
    blame: "provider",
  },
  {
    name: "unknown model",
    status: 404,
    body: anthropic("not_found_error", "model: claude-nope"),
    kind: "model-not-found",
    blame: "request",
  },
  {
    name: "too large",
    status: 413,
    body: anthropic("request_too_large", "Request exceeds the maximum size"),
    kind: "too-large",
    blame: "request",
  },
  {
    name: "context overflow",
    status: 400,
    body: anthropic("invalid_request_error", "prompt is too long: 210000 tokens > 200000 maximum"),
    kind: "context-overflow",
    blame: "request",
  },
  {
    name: "rejected signature",
    status: 400,
    body: anthropic("invalid_request_error", "messages.1.content.0: Invalid `signature` in `thinking` block"),
    kind: "seal-rejected",
    blame: "request",
  },
  {
    name: "thinking that a model does not know",
    status: 400,
    body: anthropic("invalid_request_error", "This model does not support the effort parameter."),
    kind: "thinking-rejected",
    blame: "request",
  },
  {
    name: "wrong field",
    status: 400,
    body: anthropic("invalid_request_error", "max_tokens: Field required"),
    kind: "invalid-request",
    blame: "request",
  },
]

const sealRejected: ErrorCase = {
  name: "rejected reasoning",
  status: 400,
  body: openai("The encrypted content could not be verified.", "invalid_request_error", "invalid_encrypted_content"),
  kind: "seal-rejected",
  blame: "request",
}

export const errorCases: Readonly<Record<string, readonly ErrorCase[]>> = {
  "openai-chat": openaiCases,
  "openai-responses": [...openaiCases, sealRejected],
  "anthropic-messages": anthropicCases,
}

const isText = (value: unknown): boolean => typeof value === "string" && value !== ""

/** Whether a body has the wire's own error shape, as the vendor's SDKs read it. */
export function hasErrorShape(wire: string, body: unknown): boolean {
  if (typeof body !== "object" || body === null || !("error" in body)) return false
  const { error } = body
  if (typeof error !== "object" || error === null || !("message" in error) || !("type" in error)) return false
  if (!isText(error.message) || !isText(error.type)) return false
  return wire === "anthropic-messages" ? "type" in body && body.type === "error" : "code" in error && "param" in error
}
