import { expect, test } from "bun:test"
import fc from "fast-check"
import { validUtf8 } from "../../src/lib/utf8.ts"

test("agrees with a fatal decoder", () => {
  const fatal = new TextDecoder("utf-8", { fatal: true })
  const decodes = (bytes: Uint8Array): boolean => {
    try {
      fatal.decode(bytes)
      return true
    } catch {
      return false
    }
  }
  const cut = fc
    .tuple(fc.string({ unit: "binary" }), fc.nat())
    .map(([text, at]) => new TextEncoder().encode(text).subarray(0, at % 20))
  fc.assert(fc.property(fc.oneof(fc.uint8Array(), cut), (bytes) => validUtf8(bytes) === decodes(bytes)))
  expect(validUtf8(Uint8Array.of(0xed, 0xa0, 0x80))).toBe(false)
  expect(validUtf8(Uint8Array.of(0xc0, 0x80))).toBe(false)
})
