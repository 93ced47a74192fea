import { type ClientInput, client as clientSchema } from "../schema/client.ts"
import type { ClientConfig } from "../types.ts"

const KIB = 1024
const MIB = 1024 * KIB

/** In milliseconds and bytes, names in lower case; an absent section is one with every default. */
export function compileClient(given: ClientInput | undefined): ClientConfig {
  const input = given ?? clientSchema.parse({})
  return {
    dropExcessRequests: input.drop_excess_requests,
    prometheusLabels: [...new Set(input.prometheus_labels.map((name) => name.toLowerCase().replaceAll("-", "_")))],
    allowedHosts: input.allowed_hosts.map((host) => host.toLowerCase()),
    allowedOrigins: input.allowed_origins.map((origin) => origin.toLowerCase().replace(/\/+$/, "")),
    allowDirectKeys: input.allow_direct_keys,
    enforceAuthOnInference:
      input.enforce_auth_on_inference ?? (input.enforce_governance_header === true || input.enforce_scim_auth === true),
    maxRequestBodyBytes: Math.round(input.max_request_body_size_mb * MIB),
    heldBodyLimitBytes: input.held_body_limit_mb === undefined ? undefined : Math.round(input.held_body_limit_mb * MIB),
    streamKeepAliveMs: input.stream_keep_alive_seconds * 1000,
    drainMs: input.drain_seconds * 1000,
    logging: {
      enabled: input.enable_logging,
      content: !input.disable_content_logging,
      callersDecide: input.allow_per_request_content_storage_override,
      retentionDays: input.log_retention_days,
      payloadLimitBytes: Math.round(input.log_payload_limit_kb * KIB),
      errorsToConsole: input.dump_errors_in_console_logs,
    },
    perRequestRawOverride: input.allow_per_request_raw_override,
    headerFilter: {
      allow: (input.header_filter_config?.allowlist ?? []).map((name) => name.toLowerCase()),
      deny: (input.header_filter_config?.denylist ?? []).map((name) => name.toLowerCase()),
    },
  }
}
