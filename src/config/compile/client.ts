import { ownMetricLabels } from "../../core/metric-labels.ts"
import type { Report } from "../problem.ts"
import { type ClientInput, client as clientSchema } from "../schema/client.ts"
import type { ClientConfig } from "../types.ts"

const KIB = 1024
const MIB = 1024 * KIB

/** In milliseconds and bytes, names in lower case; an absent section is one with every default. What cannot work is reported. */
export function compileClient(given: ClientInput | undefined, report: Report): ClientConfig {
  const input = given ?? clientSchema.parse({})
  return {
    dropExcessRequests: input.drop_excess_requests,
    prometheusLabels: compileLabels(input.prometheus_labels, report),
    allowedHosts: input.allowed_hosts.flatMap((host, index) => compileHost(host, index, report)),
    allowedOrigins: input.allowed_origins.flatMap((origin, index) => compileOrigin(origin, index, report)),
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

function compileLabels(given: readonly string[], report: Report): readonly string[] {
  const names = given.map((name) => name.toLowerCase().replaceAll("-", "_"))
  for (const [index, name] of names.entries())
    if (ownMetricLabels.has(name))
      report.warn(
        ["client", "prometheus_labels", index],
        `the metrics have a label ${name} of their own, so this one is left out`,
      )
  return [...new Set(names)].filter((name) => !ownMetricLabels.has(name))
}

/** Without a port: the gateway has one, and whoever forwards to it another. */
function compileHost(written: string, index: number, report: Report): readonly string[] {
  const url = bareUrl(written.includes("://") ? written : `http://${written}`)
  if (url) return [url.hostname]
  report.error(["client", "allowed_hosts", index], "must be the name of a host", "as in gateway.example.com, or *.example.com")
  return []
}

function compileOrigin(written: string, index: number, report: Report): readonly string[] {
  if (written === "*" || written === "null") return [written]
  const url = bareUrl(written)
  // the parser's own `origin` is "null" for schemes that are not the web's, such as a browser extension's
  if (url) return [`${url.protocol}//${url.host}`]
  report.error(
    ["client", "allowed_origins", index],
    'must be the origin of pages, which is their scheme and host, with the port if there is one; or "*"',
    "as in https://app.example.com, or https://*.example.com",
  )
  return []
}

/** An address of nothing but a scheme and a host, whose `*` stands for its first labels if it has one. */
function bareUrl(text: string): URL | undefined {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (!url || url.host === "" || url.username + url.password + url.search + url.hash !== "" || !/^\/*$/.test(url.pathname))
    return undefined
  return /^(?:\*\.)?[^*]+$/.test(url.hostname) ? url : undefined
}
