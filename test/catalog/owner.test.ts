import { expect, test } from "bun:test"
import { limitsOf, ownerOf } from "../../src/catalog/owner.ts"

test.each([
  ["gpt-5-mini", "openai"],
  ["gpt-4o-2024-11-20", "openai"],
  ["o3", "openai"],
  ["o4-mini", "openai"],
  ["text-embedding-3-small", "openai"],
  ["gpt-7-turbo-invented", "openai"],
  ["claude-sonnet-4-5", "anthropic"],
  ["claude-opus-9", "anthropic"],
  ["gemini-2.5-pro", "gemini"],
  ["grok-4", "xai"],
  ["mistral-large-latest", "mistral"],
  ["codestral-latest", "mistral"],
  ["command-r-plus", "cohere"],
  ["deepseek-chat", "deepseek"],
  ["kimi-k2-0905-preview", "moonshotai"],
  ["sonar-pro", "perplexity"],
] as const)("%s is made by %s", (model, owner) => {
  expect(ownerOf(model)).toBe(owner)
  expect(ownerOf(model)).toBe(owner)
})

test.each(["llama3.2", "gpt-oss:20b", "meta-llama/llama-3", "openai/gpt-5", "my-model", "", "constructor"])(
  "nobody owns %p",
  (model) => {
    expect(ownerOf(model)).toBeUndefined()
    expect(ownerOf(model)).toBeUndefined()
  },
)

test("context windows, at the provider or else at the maker", () => {
  expect(limitsOf("claude-sonnet-4-5", "anthropic").context).toBeGreaterThanOrEqual(200_000)
  expect(limitsOf("claude-sonnet-4-5", "my-proxy")).toEqual(limitsOf("claude-sonnet-4-5"))
  expect(limitsOf("llama3.2", "ollama")).toEqual({})
})
