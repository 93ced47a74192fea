import { z } from "zod"
import { needless, unbuilt } from "./values.ts"

const names = z.array(z.string().min(1))

const doors = {
  allowed_hosts: names
    .default([])
    .describe("Host names under which callers reach the gateway, besides localhost. *.example.com is all below it."),
  allowed_origins: names
    .default([])
    .describe(
      'Web pages that may call from a browser, as in https://app.example.com; https://*.example.com allows those below it. "*" allows all of them to call models, and the rest too where it asks for a credential. Default: none but the dashboard.',
    ),
  allowed_headers: needless("Further request headers that browsers may send: those of allowed_origins may send any."),
  allow_direct_keys: z
    .boolean()
    .default(false)
    .describe("Callers may bring a provider's key of their own, with the header x-bf-direct-key: true."),
  enforce_auth_on_inference: z.boolean().optional().describe("Refuse calls without a key of this gateway. Default: false."),
  enforce_governance_header: z.boolean().optional().describe("Older spelling of enforce_auth_on_inference."),
  enforce_scim_auth: z.boolean().optional().describe("Older spelling of enforce_auth_on_inference."),
  max_request_body_size_mb: z.number().min(0.001).max(4096).default(100).describe("Larger request bodies are refused, in MiB."),
  held_body_limit_mb: z
    .number()
    .min(1)
    .max(1_048_576)
    .optional()
    .describe("Bound on all bodies held in memory together, in MiB. Default: a quarter of the memory, at most 1024."),
  header_filter_config: z
    .strictObject({
      allowlist: z
        .array(z.string())
        .default([])
        .describe("Headers that may go on to providers, with or without x-bf-eh- before them. Empty: all that have it."),
      denylist: z.array(z.string()).default([]).describe("Headers that never go on."),
    })
    .optional()
    .describe("Which of the caller's headers reach providers."),
}

const logging = {
  enable_logging: z.boolean().default(true).describe("Keep a log of every call."),
  disable_content_logging: z.boolean().default(false).describe("Keep no request and response bodies in the log."),
  log_retention_days: z.number().min(1).max(36_500).default(30).describe("After so many days log entries are deleted."),
  log_payload_limit_kb: z.number().min(0).max(1_048_576).default(512).describe("Longer bodies are cut in the log, in KiB."),
  dump_errors_in_console_logs: z.boolean().default(false).describe("Print the details of failed calls to the console."),
  allow_per_request_content_storage_override: z
    .boolean()
    .default(false)
    .describe(
      "Callers may decide for each call whether its bodies are logged, with the header x-bf-disable-content-logging: true or false.",
    ),
  allow_per_request_raw_override: z
    .boolean()
    .default(false)
    .describe("Callers may ask with a header for the raw request and response."),
}

const later = {
  retain_content_in_object_storage: unbuilt("Keeps bodies in object storage."),
  enable_governance: unbuilt("Switch of early versions."),
  enable_caching: unbuilt("Switch of early versions."),
  dual_credential_conflict_behavior: unbuilt("What to do with two identities in one call."),
  enable_litellm_fallbacks: unbuilt("Switch of earlier versions, now in compat."),
  enable_local_cache: unbuilt("Answers from a cache."),
  compat: unbuilt("Adapts requests to what a model takes.", someTrue),
  async_job_result_ttl: unbuilt("How long results of asynchronous jobs are kept."),
  required_headers: unbuilt("Headers without which a call is refused."),
  logging_headers: unbuilt("Request headers to keep in the log."),
  redact_sensitive_headers: unbuilt("Request headers whose values the log blanks."),
  hidden_request_types: unbuilt("Request types to leave out of the log view."),
  whitelisted_routes: unbuilt("Paths that need no credential."),
  delete_expired_virtual_keys: unbuilt("Deletes virtual keys when they expire."),
  vk_rotation_cooldown: unbuilt("How long a replaced virtual key still works."),
  hide_deleted_virtual_keys_in_filters: unbuilt("Leaves deleted virtual keys out of filters."),
  routing_chain_max_depth: unbuilt("How many routing rules may follow one another."),
  webhook_config: unbuilt("How long webhook deliveries are remembered."),
  mcp_agent_depth: unbuilt("Rounds of tool calls."),
  mcp_tool_execution_timeout: unbuilt("How long a tool may take."),
  mcp_code_mode_binding_level: unbuilt("How tools appear to code."),
  mcp_tool_sync_interval: unbuilt("How often tool lists are read again."),
  mcp_disable_auto_tool_inject: unbuilt("Offers tools only when asked to."),
  mcp_enable_temp_token_auth: unbuilt("Temporary tokens for MCP sign-in."),
  mcp_external_client_url: unbuilt("Address for MCP sign-in."),
  mcp_server_auth_mode: unbuilt("How MCP clients sign in."),
  oauth2_server_config: unbuilt("Sign-in server for MCP clients."),
}

export const client = z.strictObject({
  ...doors,
  ...logging,
  drop_excess_requests: z
    .boolean()
    .default(false)
    .describe(
      "What becomes of a call when a provider's queue (buffer_size) is full and there is nowhere else to send it. true: it is refused with 503 at once. false: it waits for room in the queue, up to routing.queue_wait_in_seconds in all; as many may wait so as have room in the queue, and further ones are refused. A call with another target left goes there at once either way.",
    ),
  prometheus_labels: z
    .array(z.string().regex(/^(?!(?:le|__.*)$)[A-Za-z_][\w-]*$/, { error: "must be a name that a label can have" }))
    .max(8)
    .default([])
    .describe("Further labels for the metrics; callers give their values in headers x-bf-dim-<name>."),
  stream_keep_alive_seconds: z
    .number()
    .min(0)
    .max(3600)
    .default(15)
    .describe("Send a comment into a silent stream after so many seconds; 0: never."),
  drain_seconds: z
    .number()
    .min(0)
    .max(3600)
    .default(30)
    .describe("How long running calls may go on when the gateway is told to stop."),
  initial_pool_size: needless("How many objects to make in advance."),
  disable_db_pings_in_health: needless("Leaves the store out of the health check."),
  ...later,
})

export type ClientInput = z.infer<typeof client>

function someTrue(value: unknown): boolean {
  return typeof value === "object" && value !== null && Object.values(value).includes(true)
}
