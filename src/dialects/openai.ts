import { openaiChat } from "../wires/openai-chat/index.ts"
import type { Dialect } from "./dialect.ts"
import { endpoints } from "./endpoints.ts"
import { openaiShape } from "./model-shapes.ts"

export const openaiDialect: Dialect = {
  id: "openai",
  vendor: "openai",
  prefixes: ["/openai/v1", "/openai"],
  endpoints,
  wire: openaiChat,
  models: openaiShape,
}
