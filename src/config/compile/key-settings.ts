import type { Path, Report } from "../problem.ts"
import type { KeyInput } from "../schema/key.ts"
import type { MetaConfigInput } from "../schema/key-settings.ts"
import type { Reference } from "../schema/values.ts"
import type { Secret } from "../secret.ts"
import type { KeySettings } from "../types.ts"
import { readAddress } from "./base-url.ts"
import { present } from "./present.ts"
import type { KeyReferences } from "./references.ts"

/** All that the vendors' sections of a key may hold, whichever section it stands in. */
interface Fields {
  readonly url?: Reference | undefined
  readonly model_name?: Reference | undefined
  readonly endpoint?: Reference | undefined
  readonly api_version?: Reference | undefined
  readonly client_id?: Reference | undefined
  readonly client_secret?: Reference | undefined
  readonly tenant_id?: Reference | undefined
  readonly scopes?: readonly string[] | undefined
  readonly access_key?: Reference | undefined
  readonly secret_key?: Reference | undefined
  readonly session_token?: Reference | undefined
  readonly region?: Reference | undefined
  readonly arn?: Reference | undefined
  readonly role_arn?: Reference | undefined
  readonly external_id?: Reference | undefined
  readonly session_name?: Reference | undefined
  readonly project_id?: Reference | undefined
  readonly project_number?: Reference | undefined
  readonly auth_credentials?: Reference | undefined
  readonly force_single_region?: boolean | undefined
  readonly use_deployments_endpoint?: boolean | undefined
  readonly deployments?: Readonly<Record<string, string>> | undefined
}

function sections(input: KeyInput): readonly (readonly [name: string, fields: Fields])[] {
  const all: Record<string, Fields | undefined> = {
    azure_key_config: input.azure_key_config,
    bedrock_key_config: input.bedrock_key_config,
    bedrock_mantle_key_config: input.bedrock_mantle_key_config,
    vertex_key_config: input.vertex_key_config,
    ollama_key_config: input.ollama_key_config,
    sgl_key_config: input.sgl_key_config,
    vllm_key_config: input.vllm_key_config,
    replicate_key_config: input.replicate_key_config,
  }
  return Object.entries(all).flatMap(([name, fields]) => (fields === undefined ? [] : [[name, fields] as const]))
}

/** The vendors' sections of a key as one; of two that overlap the later wins, with a warning. Faults are reported at their places under `path`. */
export function compileSettings(input: KeyInput, path: Path, references: KeyReferences, report: Report): KeySettings {
  const given = sections(input)
  const second = given[1]
  if (second !== undefined)
    report.warn([...path, second[0]], "a second vendor's settings in one key: later ones win where they overlap")
  let settings: KeySettings = {}
  for (const [name, fields] of given) settings = { ...settings, ...compileFields(fields, [...path, name], references, report) }
  return settings
}

/** The names that callers use → the vendors' own, of all sections; of two for one name the later wins. */
export function settingsDeployments(input: KeyInput): Record<string, string> {
  return Object.assign({}, ...sections(input).map(([, fields]) => fields.deployments ?? {}))
}

function compileFields(fields: Fields, path: Path, references: KeyReferences, report: Report): KeySettings {
  const text = (name: Exclude<keyof Fields, "scopes" | "deployments" | "force_single_region" | "use_deployments_endpoint">) =>
    references.text(fields[name], [...path, name])
  const secret = (
    name: "client_secret" | "access_key" | "secret_key" | "session_token" | "auth_credentials",
  ): Secret | undefined => references.secret(fields[name], [...path, name])
  return present<KeySettings>({
    url: readAddress(text("url"), [...path, "url"], report),
    modelName: text("model_name"),
    endpoint: readAddress(text("endpoint"), [...path, "endpoint"], report),
    apiVersion: text("api_version"),
    clientId: text("client_id"),
    clientSecret: secret("client_secret"),
    tenantId: text("tenant_id"),
    scopes: fields.scopes,
    accessKey: secret("access_key"),
    secretKey: secret("secret_key"),
    sessionToken: secret("session_token"),
    region: text("region"),
    arn: text("arn"),
    roleArn: text("role_arn"),
    externalId: text("external_id"),
    sessionName: text("session_name"),
    projectId: text("project_id"),
    projectNumber: text("project_number"),
    authCredentials: secret("auth_credentials"),
    forceSingleRegion: fields.force_single_region,
    useDeploymentsEndpoint: fields.use_deployments_endpoint,
  })
}

/** The provider-wide section of early files: there a key's `value` was the access key that belongs to `secret_access_key`. */
export function metaSettings(
  meta: MetaConfigInput | undefined,
  path: Path,
  value: Secret | undefined,
  references: KeyReferences,
  report: Report,
): KeySettings {
  if (meta === undefined) return {}
  const text = (name: "endpoint" | "api_version" | "client_id" | "tenant_id" | "region" | "arn" | "project_id") =>
    references.text(meta[name], [...path, name])
  const secretKey = references.secret(meta.secret_access_key, [...path, "secret_access_key"])
  return present<KeySettings>({
    endpoint: readAddress(text("endpoint"), [...path, "endpoint"], report),
    apiVersion: text("api_version"),
    clientId: text("client_id"),
    clientSecret: references.secret(meta.client_secret, [...path, "client_secret"]),
    tenantId: text("tenant_id"),
    secretKey,
    accessKey: secretKey === undefined ? undefined : value,
    sessionToken: references.secret(meta.session_token, [...path, "session_token"]),
    region: text("region"),
    arn: text("arn"),
    projectId: text("project_id"),
    authCredentials: references.secret(meta.auth_credentials, [...path, "auth_credentials"]),
  })
}
