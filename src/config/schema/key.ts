import { z } from "zod"
import { keySettingsShape } from "./key-settings.ts"
import { ineffective, needless, reference, unbuilt } from "./values.ts"

const aliasFields = z.strictObject({
  model_id: z.string().min(1).describe("The vendor's own name: a deployment, an inference profile, a fine-tuned model."),
  description: z.string().optional().describe("A note for people."),
  model_name: ineffective(z.string(), "The common name of the model, for prices and logs."),
  model_family: ineffective(
    z.enum(["anthropic", "openai", "mistral", "cohere", "gemini", "nova", "titan"]),
    "Whose request format the model speaks where one vendor hosts several.",
  ),
  region: ineffective(reference, "The region for this model only."),
  endpoint: ineffective(reference, "The endpoint for this model only."),
  api_version: ineffective(z.string(), "The api-version for this model only."),
  anthropic_version: ineffective(z.string(), "The anthropic-version header for this model only."),
  project_id: ineffective(reference, "The project for this model only."),
  project_number: ineffective(reference, "The project number for this model only."),
  force_single_region: ineffective(z.boolean(), "Call the region as written, also for models that live in several."),
  inference_profile_arn: ineffective(reference, "The inference profile for this model only."),
  use_deployments_endpoint: ineffective(z.boolean(), "Call the vendor's deployments instead of its predictions."),
})

const alias = z.union([z.string().min(1), aliasFields])

export const key = z.strictObject({
  id: z.string().min(1).max(255).optional().describe("Identity of the key in logs and metrics. Default: its name."),
  name: z.string().min(1).max(255).optional().describe("How people call the key; `x-bf-api-key` asks for it by this name."),
  value: reference
    .optional()
    .describe('The credential. "env.NAME" reads it from the environment variable NAME, which keeps it out of this file.'),
  models: z
    .array(z.string())
    .optional()
    .describe(
      'Models this key may serve; left out, or ["*"]: all. An empty list means none under version 2 and all under version 1. An entry "regex:…" matches whole names.',
    ),
  blacklisted_models: z
    .array(z.string())
    .optional()
    .describe('Models this key must not serve, whatever `models` says. An empty list blocks none, ["*"] blocks all.'),
  weight: z
    .number()
    .optional()
    .describe("Share of the calls, relative to the other keys. 0: only when asked for by name. Default: 1."),
  aliases: z
    .record(z.string().min(1), alias)
    .optional()
    .describe("Names that callers use → the vendor's own name for the model."),
  enabled: z.boolean().optional().describe("false takes the key out of use without deleting it. Default: true."),
  use_for_batch_api: ineffective(z.boolean(), "Whether batch jobs may run on this key."),
  use_anthropic_endpoints: unbuilt("Calls the provider's Anthropic endpoints instead of its OpenAI ones."),
  ...keySettingsShape,
  description: z.string().optional().describe("A note for people."),
  status: unbuilt("The state another gateway last saw the key in.", () => false),
  config_hash: needless("How another gateway knows that its file has changed."),
})

export type KeyInput = z.infer<typeof key>
