import type { Blame, ErrorKind } from "../core/error.ts"

/** The closed list of `error_type` values that dashboards made for Bifrost know. */
export type ErrorType =
  | "caller_model_not_available"
  | "caller_model_unknown"
  | "caller_invalid_request"
  | "caller_cancelled"
  | "policy_access_denied"
  | "policy_rate_limited"
  | "provider_auth_failed"
  | "provider_billing"
  | "provider_rate_limited"
  | "provider_overloaded"
  | "provider_server_error"
  | "provider_timeout"
  | "provider_connection_failed"
  | "provider_credentials_exhausted"
  | "bifrost_dropped"
  | "bifrost_internal"

/** What a failure counts as. The same kind is a policy of ours or a trouble of the provider's, by who is to blame. */
export function errorTypeOf({ kind, blame }: { readonly kind: ErrorKind; readonly blame: Blame }): ErrorType {
  switch (kind) {
    case "invalid-request":
    case "invalid-json":
    case "unsupported":
    case "not-found":
    case "method-not-allowed":
    case "too-large":
    case "context-overflow":
    case "content-policy":
    case "seal-rejected":
    case "thinking-rejected":
    case "upgrade-required":
      return "caller_invalid_request"
    case "model-not-found":
      return "caller_model_unknown"
    case "no-provider":
      return "caller_model_not_available"
    case "cancelled":
      return "caller_cancelled"
    case "forbidden-origin":
      return "policy_access_denied"
    case "authentication":
    case "permission":
      return blame === "key" ? "provider_auth_failed" : "policy_access_denied"
    case "rate-limit":
      return blame === "key" || blame === "provider" ? "provider_rate_limited" : "policy_rate_limited"
    case "billing":
    case "quota":
      return "provider_billing"
    case "overloaded":
      return blame === "gateway" ? "bifrost_dropped" : "provider_overloaded"
    case "server-error":
    case "bad-answer":
    case "truncated":
      return "provider_server_error"
    case "timeout":
      return "provider_timeout"
    case "network":
      return "provider_connection_failed"
    case "credentials-exhausted":
      return "provider_credentials_exhausted"
    case "queue-full":
    case "memory-full":
    case "draining":
      return "bifrost_dropped"
    case "internal":
      return "bifrost_internal"
    default:
      return kind satisfies never
  }
}
