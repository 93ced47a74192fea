import type { Provider } from "../core/provider.ts"
import type { Request } from "../core/request.ts"
import { anthropicMessages } from "../wires/anthropic-messages/index.ts"
import { keyHeader } from "./auth.ts"
import { anthropicModels } from "./model-lists.ts"

/** Up to 4.5 thinking is asked for by budget; from 4.7 on by effort alone; 4.6 takes both. */
const byBudget = /claude-(3|(opus|sonnet|haiku)-4(-(0|1|5|2025\d{4})\b|$|@))/
const byEffort = /claude-((opus|sonnet|haiku)-(4-[7-9]|[5-9])|[5-9]|fable|mythos)/

const features = (model: string): readonly string[] => [
  "mid-system",
  "cache-marks",
  "web-search",
  "code-execution",
  "mcp",
  ...(byBudget.test(model) ? ["thinking-budget"] : byEffort.test(model) ? ["thinking-adaptive"] : []),
]

/** What a model answers with at most, the first that fits. https://platform.claude.com/docs/en/about-claude/models/overview */
const mostOutput: readonly (readonly [RegExp, number])[] = [
  [/claude-3-(opus|sonnet|haiku)/, 4_096],
  [/claude-3-5/, 8_192],
  [/claude-opus-4(-[01])?(-2025\d{4})?$/, 32_000],
  [/claude-(3-7|(sonnet|haiku)-4(?!-[7-9])|opus-4-5|haiku-5)/, 64_000],
  [/claude-(opus-4-[6-9]|sonnet-4-[7-9]|(opus|sonnet)-[5-9]|fable|mythos)/, 128_000],
]

const maxOutput = (model: string): number | undefined => mostOutput.find(([models]) => models.test(model))?.[1]

const midSystem = "mid-conversation-system-2026-04-07"
/** https://platform.claude.com/docs/en/agents-and-tools/mcp-connector */
const mcpClient = "mcp-client-2025-11-20"

const betas = ({ tools }: Request): readonly string[] =>
  tools?.some((tool) => tool.type === "hosted" && tool.use?.type === "mcp") ? [midSystem, mcpClient] : [midSystem]

/** https://docs.anthropic.com/en/api/messages */
export const anthropic: Provider = {
  id: "anthropic",
  label: "Anthropic",
  env: "ANTHROPIC_API_KEY",
  defaultBaseUrl: "https://api.anthropic.com",
  needsKey: true,
  routes: [
    {
      wire: anthropicMessages,
      operation: "chat_completion",
      path: "/v1/messages",
      auth: keyHeader("x-api-key"),
      headers: { "anthropic-version": "2023-06-01" },
      betas,
      features,
      maxOutput,
    },
  ],
  models: anthropicModels,
  verified: "docs",
}
