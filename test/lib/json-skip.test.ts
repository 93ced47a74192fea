import { describe, expect, test } from "bun:test"
import fc from "fast-check"
import { bracketEnd, stringEnd } from "../../src/lib/json-skip.ts"

/** The same by the definition, byte by byte. */
function naiveEnd(body: Uint8Array, from: number, levels: number, startsInString = levels === 0): number {
  let depth = levels
  let inString = startsInString
  for (let at = from; at < body.length; at++) {
    const character = String.fromCharCode(body[at] ?? 0)
    if (inString) {
      if (character === "\\") at++
      else if (character === '"') {
        inString = false
        if (levels === 0) return at + 1
      }
    } else if (character === '"') inString = true
    else if (character === "\\") return -1
    else if ("[{".includes(character)) depth++
    else if ("]}".includes(character) && --depth === 0) return at + 1
  }
  return -1
}

const piece = fc.oneof(
  fc.constantFrom('"', "\\", "\\\\", '\\"', "{", "}", "[", "]", "[[[[", "x", "é", " "),
  fc
    .tuple(fc.constantFrom("a", "\\", "\\\\", "[]", '""', '"a"', "x".repeat(63)), fc.nat(300))
    .map(([text, times]) => text.repeat(times)),
)
const body = fc.array(piece, { maxLength: 60 }).map((pieces) => new TextEncoder().encode(pieces.join("")))

describe("stringEnd and bracketEnd", () => {
  test("agree with the definition on any text and depth", () => {
    fc.assert(
      fc.property(body, fc.nat(200), fc.integer({ min: 1, max: 5 }), (bytes, from, depth) => {
        expect(bracketEnd(bytes, from, depth)).toBe(naiveEnd(bytes, from, depth))
        expect(bracketEnd(bytes, from, depth, true)).toBe(naiveEnd(bytes, from, depth, true))
        expect(stringEnd(bytes, from)).toBe(naiveEnd(bytes, from, 0))
      }),
      { numRuns: 1000 },
    )
  })

  test("carry a string, an escape and the depth over the ends of blocks", () => {
    for (const border of [64, 1024, 1024 + 16_384, 1024 + 2 * 16_384]) {
      for (let before = border - 4; before <= border + 4; before++) {
        for (const text of ['\\"]"]x', '\\\\"]x', '"]x', '\\\\\\""]"', '"{"}]']) {
          const bytes = new TextEncoder().encode(`"${"a".repeat(before - 1)}${text}`)
          expect(bracketEnd(bytes, 0, 1)).toBe(naiveEnd(bytes, 0, 1))
          expect(stringEnd(bytes, 1)).toBe(naiveEnd(bytes, 1, 0))
        }
        const nested = new TextEncoder().encode("[".repeat(before) + "]".repeat(before + 1))
        expect(bracketEnd(nested, 0, 1)).toBe(nested.length)
      }
    }
  })

  test("what one search leaves behind does not reach the next", () => {
    const quote = new TextEncoder().encode(`${"a".repeat(5000)}"`)
    expect(stringEnd(quote.subarray(0, 5000), 0)).toBe(-1)
    expect(bracketEnd(new TextEncoder().encode("{}]"), 0, 1)).toBe(3)
    expect(bracketEnd(new TextEncoder().encode("{"), 0, 1)).toBe(-1)
  })
})
