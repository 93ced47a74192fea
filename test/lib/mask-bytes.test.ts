import { expect, test } from "bun:test"
import fc from "fast-check"
import { byteMask } from "../../src/lib/mask-bytes.ts"

function masked(text: string, secrets: readonly string[]): string {
  const bytes = new TextEncoder().encode(text)
  byteMask(secrets)(bytes)
  return new TextDecoder().decode(bytes)
}

test.each([
  ["one", `{"key":"sk-0123456789abcdef"}`, ["sk-0123456789abcdef"], `{"key":"[redacted]*********"}`],
  ["one at both ends", "0123456789abcdef..0123456789abcdef", ["0123456789abcdef"], "[redacted]******..[redacted]******"],
  ["the longer of two", "key-0123456789ab-longer", ["key-0123456789ab", "key-0123456789ab-longer"], "[redacted]*************"],
  ["two that overlap", "abcdefgh12345678ABCDEFGH.", ["abcdefgh12345678", "12345678ABCDEFGH"], "[redacted]**************."],
  ["what is cut off", "0123456789abcdef 01234567", ["0123456789abcdef"], "[redacted]****** 01234567"],
  ["other alphabets", "der schlüßel-größe", ["schlüßel-größe"], "der [redacted]********"],
  [
    "nothing short: a key that may be a word",
    "try lm-studio or localserver1234",
    ["lm-studio", "localserver1234"],
    "try lm-studio or localserver1234",
  ],
  ["nothing without secrets", "0123456789", [], "0123456789"],
  ["one longer than a step of the table", `(${"x1".repeat(300)})`, ["x1".repeat(300)], `([redacted]${"*".repeat(590)})`],
])("masks %s", (_, text, secrets, expected) => {
  expect(masked(text, secrets)).toBe(expected)
})

test("every text, wherever it stands, and no other byte", () => {
  // few letters, so that texts begin, overlap and nearly match often
  const word = fc.string({ unit: fc.constantFrom("a", "b"), minLength: 16, maxLength: 20 })
  const text = fc.string({ unit: fc.constantFrom("a", "b", "c"), maxLength: 200 })
  fc.assert(
    fc.property(fc.array(word, { maxLength: 4 }), fc.array(fc.oneof(word, text)), (secrets, parts) => {
      const plain = [...parts, ...secrets].join("")
      const hidden = new Set<number>()
      for (const secret of secrets)
        for (let at = plain.indexOf(secret); at >= 0; at = plain.indexOf(secret, at + 1))
          for (let index = at; index < at + secret.length; index++) hidden.add(index)
      const result = masked(plain, secrets)
      expect(result).toHaveLength(plain.length)
      for (let index = 0; index < plain.length; index++) {
        if (hidden.has(index)) expect("[redacted]*").toContain(result[index] ?? "")
        else expect(result[index]).toBe(plain[index])
      }
      for (const secret of secrets) expect(result).not.toContain(secret)
    }),
  )
})
