import { describe, expect, test } from "bun:test"
import fc from "fast-check"
import { signFinder } from "../../src/lib/sign-finder.ts"

const holdsSign = signFinder([{ word: 'son"', unless: "n" }, { word: "rror" }])
const asked = (text: string) => holdsSign(Buffer.from(text))

describe("signs", () => {
  test("are found wherever they stand", () => {
    for (let before = 0; before < 70; before += 1)
      for (let after = 0; after < 20; after += 1) expect(asked(`${" ".repeat(before)}error${" ".repeat(after)}`)).toBe(true)
  })

  test("are none before a colon and the value that says nothing", () => {
    expect(asked('"reason":null,')).toBe(false)
    expect(asked('"reason": null,')).toBe(false)
    for (const value of [':"stop"', ': "stop"', ":  null", ":\nnull", " :null", ":", ""])
      expect(asked(`"reason"${value}`)).toBe(true)
  })

  test("are not those of what was looked through before", () => {
    expect(asked(`${" ".repeat(40)}error`)).toBe(true)
    for (let size = 0; size < 40; size += 1) expect(asked(" ".repeat(size))).toBe(false)
    expect(asked(`${" ".repeat(37)}err`)).toBe(false)
  })

  test("may be in what is too long", () => {
    expect(asked(" ".repeat(60_000))).toBe(false)
    expect(asked(" ".repeat(70_000))).toBe(true)
  })

  test("are those that a regular expression finds", () => {
    const pieces = fc.constantFrom('son"', "son", '"', ":", " ", "n", "null", "error", "rro", "r", "x".repeat(13), "é")
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 40 }), (parts) => {
        const text = parts.join("")
        expect(asked(text)).toBe(/son"(?!: ?n)|rror/.test(text))
      }),
      { numRuns: 500 },
    )
  })
})
