import { anthropicMessages } from "../wires/anthropic-messages/index.ts"
import type { Dialect } from "./dialect.ts"
import { endpoints } from "./endpoints.ts"
import { anthropicShape } from "./model-shapes.ts"

export const anthropicDialect: Dialect = {
  id: "anthropic",
  vendor: "anthropic",
  prefixes: ["/anthropic/v1", "/anthropic"],
  endpoints,
  wire: anthropicMessages,
  claims: (headers) => headers.has("anthropic-version"),
  models: anthropicShape,
}
