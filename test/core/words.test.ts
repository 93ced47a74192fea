import { expect, test } from "bun:test"
import type { Block } from "../../src/core/block.ts"
import { wordsOf } from "../../src/core/words.ts"

const page = { type: "media", kind: "document", source: { type: "url", url: "https://example.com/" } } as const

test.each([
  [{ type: "text", text: "high" }, "high"],
  [{ type: "data", json: '{"level":4.20}' }, '{"level":4.20}'],
  [{ type: "data", json: "[]" }, ""],
  [{ type: "data", json: "null" }, ""],
  [page, "https://example.com/"],
  [{ ...page, name: "Tides" }, "Tides: https://example.com/"],
  [{ ...page, source: { type: "text", text: "low" } }, "low"],
  [{ ...page, source: { type: "base64", data: "aGk=" } }, undefined],
  [{ type: "foreign", wire: "w", value: { secret: 1 } }, undefined],
  [{ type: "reasoning", parts: [{ text: "hm" }] }, undefined],
] as readonly (readonly [Block, string | undefined])[])("%j says %p", (block, words) => {
  expect(wordsOf(block)).toBe(words as string)
})
