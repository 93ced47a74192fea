import { expect, test } from "bun:test"
import { errorTypeOf } from "../../src/plugins/error-type.ts"

test.each([
  ["invalid-request", "request", "caller_invalid_request"],
  ["model-not-found", "request", "caller_model_unknown"],
  ["no-provider", "gateway", "caller_model_not_available"],
  ["cancelled", "caller", "caller_cancelled"],
  ["authentication", "key", "provider_auth_failed"],
  ["authentication", "caller", "policy_access_denied"],
  ["rate-limit", "key", "provider_rate_limited"],
  ["rate-limit", "gateway", "policy_rate_limited"],
  ["overloaded", "provider", "provider_overloaded"],
  ["overloaded", "gateway", "bifrost_dropped"],
  ["truncated", "provider", "provider_server_error"],
  ["network", "provider", "provider_connection_failed"],
  ["queue-full", "gateway", "bifrost_dropped"],
  ["internal", "gateway", "bifrost_internal"],
] as const)("%s, for which the %s is to blame, counts as %s", (kind, blame, type) => {
  expect(errorTypeOf({ kind, blame })).toBe(type)
})
