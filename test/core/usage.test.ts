import { expect, test } from "bun:test"
import fc from "fast-check"
import { sides, tokenClasses, totals } from "../../src/core/usage.ts"

const tokens = fc.dictionary(fc.constantFrom(...tokenClasses), fc.nat(1_000_000), { noNullPrototype: true })
const lines = fc.array(fc.record({ kind: fc.constant("generation"), tokens }), { maxLength: 4 })

test("both ways to sum a usage say the same of its two sides, and nothing is in neither", () => {
  fc.assert(
    fc.property(lines, (lines) => {
      const { input, output } = totals({ lines, unexplained: 0, raw: null, wire: "openai-chat" })
      expect(sides({ lines })).toEqual({ input, output })
      const all = lines.flatMap(({ tokens }) => Object.values(tokens))
      expect(input + output).toBe(all.reduce((sum, count) => sum + count, 0))
    }),
  )
})
