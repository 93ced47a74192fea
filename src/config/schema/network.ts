import { z } from "zod"
import { milliseconds, needless, reference, seconds, unbuilt } from "./values.ts"

export const network = z.strictObject({
  base_url: reference
    .optional()
    .describe(
      "Where the provider is: the root before the vendor's own path, as in https://api.example.com. An address that already ends in a version (…/v1) is taken as meant. Default: the vendor's own.",
    ),
  extra_headers: z.record(z.string(), reference).optional().describe('Headers to add to every call. Values may be "env.NAME".'),
  default_request_timeout_in_seconds: seconds(1, 86_400)
    .optional()
    .describe(
      "How long an answer that is not a stream may take in all, and how long a stream may take to its first byte. Left out: 600 and 120 seconds.",
    ),
  connect_timeout_in_seconds: seconds(0.1, 300).default(5).describe("How long a connection may take to open."),
  first_byte_timeout_in_seconds: seconds(1, 86_400)
    .optional()
    .describe("How long a stream may take to its first byte. Default: default_request_timeout_in_seconds, or 120."),
  stream_idle_timeout_in_seconds: seconds(5, 3600).default(120).describe("How long a stream may stay silent between two chunks."),
  total_timeout_in_seconds: seconds(1, 86_400)
    .optional()
    .describe("How long one try may take in all, streams included. Default: 600, or more where another deadline here is longer."),
  max_retries: z
    .int()
    .min(0)
    .max(100)
    .default(1)
    .describe("Tries after the first one, when the provider itself has failed. Going over to another key does not count."),
  retry_backoff_initial: milliseconds
    .optional()
    .describe('Pause before the first retry: milliseconds, or "500ms". Default: 500 ms. Each further pause is twice as long.'),
  retry_backoff_max: milliseconds.optional().describe('Longest pause between two tries: milliseconds, or "5s". Default: 5 s.'),
  retry_backoff_initial_ms: z.number().min(0).optional().describe("Older spelling of retry_backoff_initial."),
  retry_backoff_max_ms: z.number().min(0).optional().describe("Older spelling of retry_backoff_max."),
  http2: z
    .enum(["auto", "on", "off"])
    .optional()
    .describe('HTTP/2 to the provider: "auto" takes it where offered, "on" insists, "off" forbids. Default: auto.'),
  enforce_http2: z.boolean().optional().describe('Older spelling of http2: "on".'),
  insecure_skip_verify: z
    .boolean()
    .default(false)
    .describe("Accept any TLS certificate. Better: name the authority in ca_cert_pem."),
  ca_cert_pem: reference.optional().describe('A certificate authority to trust as well, as PEM text or "env.NAME".'),
  allow_private_network: z
    .boolean()
    .default(false)
    .describe("Allow addresses in private ranges (10.x, 172.16.x, 192.168.x). Loopback always works, link-local never."),
  beta_header_overrides: z
    .record(z.string(), z.boolean())
    .optional()
    .describe("Prefixes of anthropic-beta values → whether this provider takes them."),
  keep_alive_timeout_in_seconds: needless("How long an idle connection is kept."),
  max_conns_per_host: needless("How many connections may be open."),
  http2_ping_interval_in_seconds: needless("How often an idle HTTP/2 connection is asked whether it is there."),
  stream_throughput_guard: unbuilt("Gives up on streams that are too slow."),
})

export const concurrency = z.strictObject({
  concurrency: z.int().min(1).max(1_000_000).default(5000).describe("How many calls to this provider may run at once."),
  buffer_size: z
    .int()
    .min(1)
    .max(1_000_000)
    .default(5000)
    .describe("How many more calls may wait for their turn; client.drop_excess_requests says what becomes of further ones."),
})

export const proxy = z.strictObject({
  type: z
    .enum(["none", "http", "socks5", "environment", ""])
    .optional()
    .describe(
      '"http", "socks5": the proxy in `url`. "environment": what HTTP_PROXY, HTTPS_PROXY and NO_PROXY say. Default: none.',
    ),
  url: reference.optional().describe("Address of the proxy, for instance http://proxy.example.com:3128."),
  username: reference.optional().describe("Name to sign in to the proxy."),
  password: reference.optional().describe("Password to sign in to the proxy."),
  ca_cert_pem: reference.optional().describe("A certificate authority to trust when the proxy is behind TLS."),
})

export type NetworkInput = z.infer<typeof network>
export type ProxyInput = z.infer<typeof proxy>
