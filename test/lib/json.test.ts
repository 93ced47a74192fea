import { describe, expect, test } from "bun:test"
import fc from "fast-check"
import {
  asArray,
  asBoolean,
  asNumber,
  asObject,
  asString,
  equalJson,
  isJsonText,
  JsonDepthError,
  JsonSyntaxError,
  parseJson,
  RawJson,
  stringifyJson,
} from "../../src/lib/json.ts"

const HARD = '{"b":1,"10":2,"id":12345678901234567890,"x":1.0}'

/** JSON source text, compact, with the tokens JavaScript loses. */
const source = fc.letrec<{ value: string }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    fc.constantFrom(
      "null",
      "true",
      "false",
      "1.0",
      "-0",
      "0",
      "1e5",
      "1E-7",
      "0.00000012",
      "12345678901234567890",
      "0.30000000000000004",
    ),
    fc.stringMatching(/^-?(?:0|[1-9]\d{0,20})(?:\.\d{1,20})?(?:[eE][+-]?\d{1,3})?$/),
    fc.double({ noNaN: true, noDefaultInfinity: true }).map((number) => JSON.stringify(number)),
    fc.string({ unit: "binary" }).map((text) => JSON.stringify(text)),
    fc.array(tie("value")).map((items) => `[${items.join(",")}]`),
    fc
      .uniqueArray(fc.tuple(fc.oneof(fc.constantFrom("10", "2", "a", "__proto__", "toJSON"), fc.string()), tie("value")), {
        selector: ([key]) => key,
      })
      .map((members) => `{${members.map(([key, value]) => `${JSON.stringify(key)}:${value}`).join(",")}}`),
  ),
})).value

describe("parseJson and stringifyJson", () => {
  test("keep number tokens and the order of keys", () => {
    for (const text of [
      HARD,
      `[${HARD}]`,
      `{"a":${HARD}}`,
      "-0",
      "[-0]",
      "1e400",
      '{"\\u0031":1,"0":2}'.replace("\\u0031", "1"),
    ]) {
      expect(stringifyJson(parseJson(text))).toBe(text)
    }
  })

  test("any source text comes back as it was", () => {
    fc.assert(
      fc.property(source, (text) => expect(stringifyJson(parseJson(text))).toBe(text)),
      { numRuns: 500 },
    )
  })

  test("a key that escapes spell as an integer keeps its place", () => {
    expect(stringifyJson(parseJson('{"b":1,"\\u0031":2}'))).toBe('{"b":1,"\\u0031":2}')
    expect(stringifyJson(parseJson('{"b":1,"\\u005f_proto__":2}'))).toBe('{"b":1,"\\u005f_proto__":2}')
  })

  test("agree with JSON.parse on what is JSON, and say where it stops being so", () => {
    const almost = fc.oneof(fc.string(), fc.tuple(source, fc.nat(), fc.constantFrom("", ",", "}", "]", '"', "0", "\\", "\u0001")))
    fc.assert(
      fc.property(almost, (given) => {
        const text = typeof given === "string" ? given : given[0].slice(0, given[1] % (given[0].length + 1)) + given[2]
        if (isJsonText(text)) {
          expect(equalLoosely(parseJson(text), JSON.parse(text))).toBe(true)
        } else {
          expect(() => parseJson(text)).toThrow(JsonSyntaxError)
        }
      }),
      { numRuns: 500 },
    )
    expect(syntaxError('{"a": 1,\n  x}')).toMatchObject({ line: 2, column: 3, offset: 11 })
    expect(syntaxError('{"a": 1')).toMatchObject({ line: 1, offset: 7 })
    expect(syntaxError('["secret')?.message).not.toContain("secret")
  })

  test("refuse depth past the limit without overflowing the stack", () => {
    expect(() => parseJson("[".repeat(100_000))).toThrow(JsonDepthError)
    expect(() => parseJson("[".repeat(100_000) + "]".repeat(100_000))).toThrow(JsonDepthError)
    expect(() => parseJson(`${'{"a":'.repeat(600)}1${"}".repeat(600)}`)).toThrow(JsonDepthError)
    expect(() => parseJson(`[1.0,${"[".repeat(600)}${"]".repeat(600)}]`)).toThrow(JsonDepthError)
    const deepest = "[".repeat(512) + "]".repeat(512)
    expect(stringifyJson(parseJson(deepest))).toBe(deepest)
  })

  test("write raw text verbatim, also in a nested call, and let no data forge it", () => {
    const raw = new RawJson('{ "z":1.0,"1":2 }')
    expect(stringifyJson({ a: raw, b: [raw, "x"] })).toBe('{"a":{ "z":1.0,"1":2 },"b":[{ "z":1.0,"1":2 },"x"]}')
    expect(stringifyJson(new RawJson("1.0"))).toBe("1.0")
    expect(stringifyJson(parseJson('{"rawJson":"1.0"}'))).toBe('{"rawJson":"1.0"}')
    const nested = { toJSON: () => stringifyJson([new RawJson("1.0")]) } as unknown as string
    expect(stringifyJson([new RawJson("2.0"), nested, new RawJson("3.0")])).toBe('[2.0,"[1.0]",3.0]')
    expect(JSON.stringify({ a: new RawJson("1.0") })).toBe('{"a":1}')
  })
})

describe("readers", () => {
  test("open raw values and refuse other kinds", () => {
    expect(asNumber(parseJson("1.0"))).toBe(1)
    expect(asNumber(parseJson("12345678901234567890"))).toBe(12345678901234567000)
    expect(asNumber("1")).toBeUndefined()
    expect(asString("a")).toBe("a")
    expect(asString(new RawJson('"a"'))).toBe("a")
    expect(asString(undefined)).toBeUndefined()
    expect(asBoolean(false)).toBe(false)
    expect(asArray([1])).toEqual([1])
    expect(asArray({})).toBeUndefined()
    expect(asObject([])).toBeUndefined()
    expect(asObject(null)).toBeUndefined()
  })

  test("a raw object opens one level and stays exact below", () => {
    const object = asObject(parseJson('{"b":1.0,"1":{"2":1,"1":2}}'))
    expect(Object.keys(object ?? {})).toEqual(["1", "b"])
    expect(stringifyJson(object?.b ?? null)).toBe("1.0")
    expect(stringifyJson(object?.["1"] ?? null)).toBe('{"2":1,"1":2}')
    const hostile = asObject(parseJson('{"__proto__":{"admin":true}}'))
    expect(Object.hasOwn(hostile ?? {}, "__proto__")).toBe(true)
    expect(hostile?.admin).toBeUndefined()
  })
})

test("equalJson compares raw values by their tokens", () => {
  expect(equalJson(parseJson(HARD), new RawJson(HARD.replaceAll(",", " ,\n")))).toBe(true)
  expect(equalJson(new RawJson("1.0"), 1)).toBe(false)
  expect(equalJson(new RawJson("1"), 1)).toBe(true)
  expect(equalJson(new RawJson('"a b"'), new RawJson('"ab"'))).toBe(false)
  expect(equalJson({ a: 1, b: [null] }, { b: [null], a: 1 })).toBe(true)
  expect(equalJson({ a: 1 }, { b: 1 })).toBe(false)
  expect(equalJson([1], [1, 2])).toBe(false)
  expect(equalJson([], {})).toBe(false)
  fc.assert(fc.property(source, (text) => equalJson(parseJson(text), parseJson(` ${text}\n`))))
})

function syntaxError(text: string): JsonSyntaxError | undefined {
  try {
    parseJson(text)
  } catch (error) {
    return error instanceof JsonSyntaxError ? error : undefined
  }
  return undefined
}

function equalLoosely(exact: unknown, loose: unknown): boolean {
  return JSON.stringify(JSON.parse(stringifyJson(exact as string))) === JSON.stringify(loose)
}
