import { expect, test } from "bun:test"
import { problemLine, renderProblems } from "../../src/config/render-problems.ts"
import { refuse } from "./facts.ts"

test("one block a problem: what, where, how to mend it", () => {
  const problems = refuse(`{\n  "clent": {},\n  "providers": { "deepgram": {} }\n}`)
  expect(renderProblems(problems, { colour: false })).toBe(`error  clent: "clent" is not a setting of this file
   at  config.json:2:3
  fix  did you mean "client"?

warning  providers.deepgram: the provider deepgram is known, but this version cannot call it yet; it is left out
   at  config.json:3:30

1 error, 1 warning
`)
})

test("nothing to say is no text, colours only where asked for", () => {
  expect(renderProblems([], { colour: true })).toBe("")
  expect(renderProblems([{ severity: "error", path: "", message: "m" }], { colour: true })).toContain("\u001b[31m")
})

test("control sequences in names are shown, not sent to the terminal", () => {
  const [problem] = refuse({ "\u001b[2Jx": 1 })
  if (problem === undefined) throw new Error("no problem")
  expect(renderProblems([problem], { colour: false })).not.toContain("\u001b")
  expect(problemLine(problem)).not.toContain("\u001b")
})
