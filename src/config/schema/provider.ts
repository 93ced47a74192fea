import { z } from "zod"
import { key } from "./key.ts"
import { metaConfig } from "./key-settings.ts"
import { concurrency, network, proxy } from "./network.ts"
import { needless, unbuilt } from "./values.ts"

export const customProvider = z.strictObject({
  base_provider_type: z.string().min(1).describe("The built-in provider whose API this one speaks, for instance openai."),
  is_key_less: z.boolean().default(false).describe("The provider asks for no credential."),
  allowed_requests: z
    .record(z.string(), z.boolean())
    .optional()
    .describe(
      "Request types the provider has. Left out: all. Given: only those set to true, and those whose pair, as chat_completion and chat_completion_stream are one, is.",
    ),
  request_path_overrides: z
    .record(z.string(), z.string().min(1))
    .optional()
    .describe(
      "Request type → the path, or the whole URL, to call instead of the usual one. Streams go where the others do, unless theirs says otherwise.",
    ),
  does_not_send_done_marker: needless("Whether the provider's streams end without [DONE], which is never waited for."),
})

const fallback = z.union([
  z.string().min(1),
  z.strictObject({
    provider: z.string().min(1).describe("A provider of this file."),
    model: z.string().min(1).optional().describe("Left out: the model that was asked for."),
  }),
])

export const fallbacks = z.array(fallback).max(16)

export const provider = z.strictObject({
  keys: z
    .array(key)
    .max(1000)
    .optional()
    .describe("The credentials to share calls among. Left out: the vendor's customary environment variable, if it is set."),
  enabled: z.boolean().default(true).describe("false takes the provider out of use without deleting it."),
  network_config: network.optional().describe("Address, deadlines, retries and TLS."),
  concurrency_and_buffer_size: concurrency.optional().describe("How much runs and waits at once."),
  proxy_config: proxy.optional().describe("A proxy between the gateway and the provider."),
  send_back_raw_request: z.boolean().default(false).describe("Show callers the request as it went to the provider."),
  send_back_raw_response: z.boolean().default(false).describe("Show callers the answer as the provider gave it."),
  store_raw_request_response: needless(
    "Whether the log keeps bodies as they went to the provider and came back, which it does unless client.disable_content_logging is set.",
  ),
  custom_provider_config: customProvider.optional().describe("Makes this name a provider of your own that speaks a known API."),
  fallbacks: fallbacks
    .optional()
    .describe(
      'Where a call goes when this provider fails and the caller named no fallbacks: "provider/model", or "provider" for the same model.',
    ),
  openai_config: unbuilt("Settings for OpenAI only."),
  prompt_cache: unbuilt("Puts prompt cache marks into requests."),
  pricing_overrides: unbuilt("Prices of the provider's models that differ from those of the catalog."),
  meta_config: metaConfig.optional().describe("Older spelling of the keys' own settings."),
  description: z.string().optional().describe("A note for people."),
  status: unbuilt("The state another gateway last saw the provider in.", () => false),
  provider_status: unbuilt("The state another gateway last saw the provider in.", () => false),
  config_hash: needless("How another gateway knows that its file has changed."),
})

export type ProviderInput = z.infer<typeof provider>
export type CustomProviderInput = z.infer<typeof customProvider>
