import { z } from "zod"
import { reference, unbuilt } from "./values.ts"

const deployments = z.record(z.string().min(1), z.string().min(1)).optional().describe("Older spelling of the key's `aliases`.")

const awsFields = {
  access_key: reference.optional().describe("AWS access key id. Without it, the machine's own credentials are used."),
  secret_key: reference.optional().describe("AWS secret access key."),
  session_token: reference.optional().describe("AWS session token, for temporary credentials."),
  region: reference.optional().describe("AWS region, for instance us-east-1."),
  role_arn: reference.optional().describe("A role to assume first."),
  external_id: reference.optional().describe("The external id that the role asks for."),
  session_name: reference.optional().describe("The session name under which the role is assumed."),
  project_id: reference.optional().describe("The project that calls are booked on."),
}

const azure = z.strictObject({
  endpoint: reference.describe("The resource's address, for instance https://my-resource.openai.azure.com."),
  client_id: reference.optional().describe("Entra application id, when no API key is used."),
  client_secret: reference.optional().describe("Entra client secret."),
  tenant_id: reference.optional().describe("Entra tenant id."),
  scopes: z.array(z.string()).optional().describe("Scopes to ask the token for."),
  api_version: reference.optional().describe("The api-version to name in calls. Default: the v1 API, which needs none."),
  deployments,
})

const bedrock = z.strictObject({
  ...awsFields,
  arn: reference.optional().describe("Prefix of the inference profiles' ARNs."),
  deployments,
  batch_s3_config: unbuilt("Buckets for batch jobs."),
})

const vertex = z.strictObject({
  project_id: reference.describe("Google Cloud project id."),
  project_number: reference.optional().describe("Google Cloud project number, for fine-tuned models."),
  region: reference.describe("Location, for instance us-central1 or global."),
  auth_credentials: reference
    .optional()
    .describe("A service account's JSON. Left out or empty: application default credentials."),
  force_single_region: z.boolean().optional().describe("Call the region as written, also for models that live in several."),
  deployments,
})

const served = (what: string) => z.strictObject({ url: reference.describe(`Address of the ${what} server.`) }).optional()

/** The vendors' own sections of a key, by their names in the file. */
export const keySettingsShape = {
  azure_key_config: azure.optional().describe("For Azure."),
  bedrock_key_config: bedrock.optional().describe("For AWS Bedrock."),
  bedrock_mantle_key_config: z.strictObject(awsFields).optional().describe("For AWS Bedrock's OpenAI-compatible endpoint."),
  vertex_key_config: vertex.optional().describe("For Google Vertex AI."),
  ollama_key_config: served("Ollama").describe("For Ollama."),
  sgl_key_config: served("SGLang").describe("For SGLang."),
  vllm_key_config: z
    .strictObject({
      url: reference.describe("Address of the vLLM server."),
      model_name: reference.optional().describe("The one model that this server has."),
    })
    .optional()
    .describe("For vLLM."),
  replicate_key_config: z
    .strictObject({
      use_deployments_endpoint: z.boolean().optional().describe("Call deployments instead of models."),
      deployments,
    })
    .optional()
    .describe("For Replicate."),
  huggingface_key_config: unbuilt("For Hugging Face."),
  databricks_key_config: unbuilt("For Databricks."),
  github_copilot_key_config: unbuilt("For GitHub Copilot."),
}

/** The provider-wide section of early files; it holds for every key of the provider. */
export const metaConfig = z.strictObject({
  endpoint: reference.optional(),
  api_version: reference.optional(),
  client_id: reference.optional(),
  client_secret: reference.optional(),
  tenant_id: reference.optional(),
  deployments,
  inference_profiles: deployments,
  secret_access_key: reference.optional(),
  session_token: reference.optional(),
  region: reference.optional(),
  arn: reference.optional(),
  project_id: reference.optional(),
  auth_credentials: reference.optional(),
})

export type MetaConfigInput = z.infer<typeof metaConfig>
