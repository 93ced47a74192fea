import { z } from "zod"
import { KNOWN_PROVIDERS } from "./known-providers.ts"
import { document } from "./schema/document.ts"

type JsonSchema = z.core.JSONSchema.BaseSchema

const PROVIDER_REF = "#/definitions/provider"

/**
 * The JSON Schema (draft 7, which editors know best) of a configuration file, help texts and defaults included. The provider
 * names that are known are offered under `providers`; others stay allowed.
 */
export function configJsonSchema(): JsonSchema {
  const schema: JsonSchema = z.toJSONSchema(document, { io: "input", target: "draft-7" })
  const providers = schema.properties?.providers
  if (typeof providers !== "object" || typeof providers.additionalProperties !== "object") return schema
  const properties = Object.fromEntries(KNOWN_PROVIDERS.map((id) => [id, { $ref: PROVIDER_REF }]))
  return {
    title: "Gantry configuration",
    ...schema,
    definitions: { ...(schema.definitions as object | undefined), provider: providers.additionalProperties },
    properties: { ...schema.properties, providers: { ...providers, properties, additionalProperties: { $ref: PROVIDER_REF } } },
  }
}

/** The same as the text of a file, without its last line feed. */
export const configJsonSchemaText = (): string => JSON.stringify(configJsonSchema(), null, 2)
