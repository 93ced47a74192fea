import { describe, expect, test } from "bun:test"
import { checkWords, meant } from "../../src/cli/words.ts"

const flags = {
  port: { type: "string", alias: "p" },
  "strict-config": { type: "boolean" },
} as const

const check = (...words: string[]) => checkWords(words, flags, "serve")

test("a word that looks like a file is answered with the flag for it", () => {
  const withFile = { ...flags, config: { type: "string" } } as const
  expect(() => checkWords(["own.json"], withFile, "serve")).toThrow(
    'serve takes no argument "own.json"; did you mean --config own.json?',
  )
  expect(() => checkWords(["own.json"], flags, "schema")).toThrow(/"own.json"$/)
})

describe("words of the command line", () => {
  test.each([
    [["--port", "1"]],
    [["--port=1"]],
    [["-p", "1", "--strict-config"]],
    [["--strict-config=false"]],
    [["--port", "-1"]],
    [[]],
  ])("%p are fine", (words) => {
    expect(() => check(...words)).not.toThrow()
  })

  test.each([
    [["--prot", "1"], "there is no flag --prot; did you mean --port?"],
    [["--strict"], "there is no flag --strict"],
    [["--port"], "--port needs a value"],
    [["--port="], "--port needs a value"],
    [["--port", "--strict-config"], "--port needs a value"],
    [["--strict-config=maybe"], "--strict-config takes no value"],
    [["8080"], 'serve takes no argument "8080"'],
  ])("%p are refused: %s", (words, message) => {
    expect(() => check(...words)).toThrow(message)
  })

  test("a name is suggested only when one is near", () => {
    expect(meant("doctr", ["doctor", "serve"])).toBe("; did you mean doctor?")
    expect(meant("elephant", ["doctor", "serve"])).toBe("")
  })
})
