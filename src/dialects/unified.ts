import { openaiChat } from "../wires/openai-chat/index.ts"
import type { Dialect } from "./dialect.ts"
import { endpoints } from "./endpoints.ts"
import { openaiShape } from "./model-shapes.ts"

/** The gateway's own face: every format, no vendor of its own. */
export const unifiedDialect: Dialect = { id: "v1", prefixes: ["/v1"], endpoints, wire: openaiChat, models: openaiShape }
