import { z } from "zod"
import { client } from "./client.ts"
import { fallbacks, provider } from "./provider.ts"
import { ineffective, needless, reference, seconds, unbuilt } from "./values.ts"

const authConfig = z.strictObject({
  is_enabled: z.boolean().optional().describe("Whether the dashboard and the admin API ask for a credential."),
  admin_username: reference.optional().describe("Name to sign in with."),
  admin_password: reference.optional().describe("Password to sign in with."),
  disable_auth_on_inference: needless("Whether calls to models go without."),
})

const admin = z.strictObject({
  token: reference
    .optional()
    .describe(
      "The credential for the dashboard, the admin API and the metrics. One is made and printed if it is needed and not set.",
    ),
})

const server = z.strictObject({
  host: z.string().min(1).optional().describe("Address to listen on. A command-line flag wins. Default: localhost."),
  port: z.int().min(0).max(65_535).optional().describe("Port to listen on. A command-line flag wins. Default: 8080."),
  read_buffer_size: needless("Size of the buffer for request headers."),
  plugin_download_private_allowlist: unbuilt("Private addresses that plugins may come from."),
})

export const routing = z.strictObject({
  order: z
    .array(z.string().min(1))
    .default([])
    .describe("Providers to prefer, in this order, when several could serve a model. Default: the order of this file."),
  fallbacks: fallbacks
    .default([])
    .describe('Where calls go when a provider without fallbacks of its own fails: "provider/model", or "provider".'),
  max_targets: z.int().min(1).max(16).default(5).describe("How many providers or models one call may go through."),
  max_tries: z.int().min(1).max(64).default(8).describe("How many upstream calls one call may cost."),
  total_timeout_in_seconds: seconds(1, 86_400)
    .optional()
    .describe(
      "How long one call may take in all, retries and fallbacks included. Default: 900, or as long as the most patient provider is given for one try.",
    ),
  queue_wait_in_seconds: z.number().min(0).max(3600).default(10).describe("How long a call may wait for its turn at a provider."),
})

const governance = z
  .looseObject({ auth_config: authConfig.optional().describe("Who may open the dashboard and the admin API.") })
  .optional()
  .describe("Virtual keys, budgets and limits. Everything but auth_config is accepted; this version does nothing with it yet.")

/** A store that this build keeps anyway: embedded, or switched off. */
function isForeignStore(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false
  const { enabled, type } = value as { enabled?: unknown; type?: unknown }
  return enabled !== false && type !== undefined && type !== "sqlite"
}

/** The whole file. The JSON Schema, the checks and the help texts of editors all come from here. */
export const document = z.strictObject({
  $schema: z.string().optional().describe("Where editors find the schema of this file."),
  version: z
    .union([z.literal(1), z.literal(2)])
    .default(2)
    .describe('What an empty list of models means: 2, none (["*"] is all); 1, all.'),
  env_label: ineffective(z.string().max(10), 'A short label that the dashboard shows, for instance "staging".'),
  server: server.optional().describe("Where the gateway listens."),
  client: client.optional().describe("What holds for everybody who calls the gateway."),
  providers: z.record(z.string(), provider).optional().describe("Where calls can go, by name. The order decides ties."),
  routing: routing.optional().describe("How calls find a provider, and how far they may go when one fails."),
  admin: admin.optional().describe("Who may open the dashboard and the admin API."),
  auth_config: authConfig.optional().describe("Who may open the dashboard and the admin API, as name and password."),
  setup_token: unbuilt("What a first sign-in asks for, where an administrator is still to be made."),
  encryption_key: ineffective(reference, "Secrets that the dashboard stores are encrypted with this."),
  governance,
  source_of_truth: unbuilt("How this file and the store relate.", (value) => value === "config.json"),
  config_store: unbuilt("Where settings made in the dashboard are kept.", isForeignStore),
  logs_store: unbuilt("Where the log is kept.", isForeignStore),
  framework: unbuilt("Where prices come from."),
  mcp: unbuilt("MCP servers and their tools."),
  vector_store: unbuilt(
    "A vector database for the semantic cache.",
    (value) => (value as { enabled?: unknown } | null)?.enabled !== false,
  ),
  local_cache: unbuilt("A cache of answers."),
  plugins: unbuilt("Plugins."),
  websocket: unbuilt("Limits of WebSocket sessions."),
  large_payload_optimization: unbuilt("Streams large bodies."),
  webhooks: unbuilt("Addresses to call when asynchronous jobs end."),
  skills_registry: unbuilt("Skills."),
  feature_flags: unbuilt("Switches for unfinished features."),
  guardrails_config: unbuilt("Checks on what goes in and out."),
  audit_logs: unbuilt("A log of administrative changes."),
  cluster_config: unbuilt("Several gateways that work as one."),
  load_balancer_config: unbuilt("Adaptive load balancing."),
  scim_config: unbuilt("Users from a directory."),
  saml_config: unbuilt("Sign-in with SAML."),
  access_profiles: unbuilt("Sets of permissions."),
  circuit_breaker_config: unbuilt("Circuit breakers."),
  alerting: unbuilt("Alerts."),
})

export type DocumentInput = z.infer<typeof document>
