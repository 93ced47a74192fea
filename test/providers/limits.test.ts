import { expect, test } from "bun:test"
import { anthropic } from "../../src/providers/anthropic.ts"
import { customProvider } from "../../src/providers/custom.ts"

const [route] = anthropic.routes

/** https://platform.claude.com/docs/en/about-claude/models/overview */
test.each([
  ["claude-3-haiku-20240307", 4_096],
  ["claude-3-5-haiku-latest", 8_192],
  ["claude-3-7-sonnet-20250219", 64_000],
  ["claude-opus-4-20250514", 32_000],
  ["claude-opus-4-0", 32_000],
  ["claude-opus-4-1-20250805", 32_000],
  ["claude-sonnet-4-20250514", 64_000],
  ["claude-sonnet-4-5", 64_000],
  ["claude-haiku-4-5-20251001", 64_000],
  ["claude-opus-4-5-20251101", 64_000],
  ["claude-opus-4-6", 128_000],
  ["claude-opus-5-5", 128_000],
  ["claude-sonnet-5", 128_000],
  ["claude-fable-5-1", 128_000],
  ["some-other-model", undefined],
])("%s answers with at most %p tokens", (model, most) => {
  expect(route?.maxOutput?.(model)).toBe(most)
})

test("a server that speaks like the vendor is not said to stop where the vendor does, unless it has the vendor's models", () => {
  const [own] = customProvider("mine", "anthropic")?.routes ?? []
  expect(own?.maxOutput?.("deepseek-chat")).toBeUndefined()
  expect(own?.maxOutput?.("claude-sonnet-4-5")).toBe(64_000)
})
