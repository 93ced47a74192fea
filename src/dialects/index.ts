import { anthropicDialect } from "./anthropic.ts"
import type { Dialect } from "./dialect.ts"
import { openaiDialect } from "./openai.ts"
import { unifiedDialect } from "./unified.ts"

export const dialects: readonly Dialect[] = [unifiedDialect, openaiDialect, anthropicDialect]
