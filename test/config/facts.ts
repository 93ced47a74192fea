import type { ProviderFacts } from "../../src/config/facts.ts"
import { type ParseResult, parseConfig } from "../../src/config/load.ts"
import type { Problem } from "../../src/config/problem.ts"
import type { Config, ProviderConfig } from "../../src/config/types.ts"

export const FACTS: readonly ProviderFacts[] = [
  { id: "openai", env: "OPENAI_API_KEY", needsKey: true, defaultBaseUrl: "https://api.openai.com" },
  { id: "anthropic", env: "ANTHROPIC_API_KEY", needsKey: true, defaultBaseUrl: "https://api.anthropic.com" },
  { id: "groq", env: "GROQ_API_KEY", needsKey: true, defaultBaseUrl: "https://api.groq.com/openai" },
  { id: "ollama", needsKey: false, defaultBaseUrl: "http://localhost:11434" },
  { id: "vllm", needsKey: false, needsBaseUrl: true },
  { id: "azure", needsKey: true },
  { id: "bedrock", needsKey: true },
  { id: "vertex", needsKey: true },
  { id: "replicate", needsKey: true, unbuilt: true },
  { id: "mock", needsKey: false },
]

export const ENV = { OPENAI_API_KEY: "sk-test-0123456789abcdefghij", ANTHROPIC_API_KEY: "sk-ant-test-0123456789abcdef" }

export function parse(document: unknown, env: Readonly<Record<string, string>> = ENV): ParseResult {
  const text = typeof document === "string" ? document : JSON.stringify(document, null, 2)
  return parseConfig(text, { env, file: "config.json", providers: FACTS })
}

export function accept(
  document: unknown,
  env?: Readonly<Record<string, string>>,
): { config: Config; warnings: readonly Problem[] } {
  const result = parse(document, env)
  if (!result.ok) throw new Error(`refused: ${JSON.stringify(result.problems, null, 1)}`)
  return result
}

export function refuse(document: unknown, env?: Readonly<Record<string, string>>): readonly Problem[] {
  const result = parse(document, env)
  if (result.ok) throw new Error("accepted")
  return result.problems
}

export function provider(config: Config, id: string): ProviderConfig {
  const found = config.providers.find((entry) => entry.id === id)
  if (found === undefined) throw new Error(`no provider ${id}`)
  return found
}
