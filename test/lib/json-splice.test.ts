import { describe, expect, test } from "bun:test"
import fc from "fast-check"
import { keptOf, lendTo } from "../../src/lib/edited-bytes.ts"
import { JsonScanError, type Patch, scanTopLevel, splice, spliceLater, valueText } from "../../src/lib/json-splice.ts"

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)
const text = (body: Uint8Array): string => new TextDecoder().decode(body)
const KEYS = ["model", "stream", "a", "é"]

const edit = (source: string, patch: Patch) => text(splice(bytes(source), scanTopLevel(bytes(source), KEYS), patch))

const space = fc.constantFrom("", "", " ", "\n\t", "\r\n ")
const scalar = fc.oneof(
  fc.constantFrom(
    "null",
    "true",
    "-1.50e3",
    '"\\\\"',
    '"\\""',
    '"}"',
    '"[,:"',
    '""',
    `"${'long \\\\\\" \\u0022 '.repeat(20)}"`,
    "[[]]",
  ),
  fc.jsonValue().map((value) => JSON.stringify(value)),
  fc.jsonValue().map((value) => JSON.stringify(value, null, 2)),
)
const member = fc.tuple(
  fc.oneof(
    fc.constantFrom('"model"', '"stream"', '"mod\\u0065l"', '"a"', '"\\u00e9"', '"é"'),
    fc.string().map((key) => JSON.stringify(key)),
  ),
  scalar,
  space,
)
const object = fc
  .tuple(fc.array(member, { maxLength: 8 }), space, space)
  .map(
    ([members, before, after]) =>
      `${before}{${before}${members.map(([key, value, pad]) => `${pad}${key}${pad}:${pad}${value}${pad}`).join(`,${after}`)}${after}}${after}`,
  )

describe("scanTopLevel", () => {
  test("finds the spans of the keys asked for, at the top level only", () => {
    const source = ' { "x":{"model":1,"y":["model"]} , "mod\\u0065l" : "a\\"b" ,"model":[1,{}],"s":"\\"model\\":2"} '
    const scan = scanTopLevel(bytes(source), new Set(["model"]))
    expect(
      scan.members.map(({ key, ...at }) => [key, source.slice(at.keyStart, at.keyEnd), source.slice(at.valueStart, at.valueEnd)]),
    ).toEqual([
      ["model", '"mod\\u0065l"', '"a\\"b"'],
      ["model", '"model"', "[1,{}]"],
    ])
    expect(scan).toMatchObject({ open: 1, close: source.length - 2, count: 4, empty: false })
    expect(scanTopLevel(bytes("{ }"), KEYS)).toEqual({ open: 0, close: 2, count: 0, empty: true, members: [] })
  })

  test("spans of any object hold what JSON.parse sees", () => {
    fc.assert(
      fc.property(object, (source) => {
        const body = bytes(source)
        const scan = scanTopLevel(body, KEYS)
        const parsed = JSON.parse(source) as Record<string, unknown>
        const last = new Map(scan.members.map((each) => [each.key, JSON.parse(valueText(body, each)) as unknown]))
        for (const key of KEYS) {
          expect(last.has(key)).toBe(Object.hasOwn(parsed, key))
          expect(last.get(key)).toEqual(parsed[key])
        }
        expect(scan.empty).toBe(Object.keys(parsed).length === 0)
      }),
      { numRuns: 500 },
    )
  })

  test("malformed bodies give the typed error and no other", () => {
    for (const source of [
      "",
      "  ",
      "[]",
      "null",
      '"a"',
      "{",
      "{}}",
      "{} x",
      '{"a"}',
      '{"a":}',
      '{"a":1,}',
      "{,}",
      '{"a":1 2}',
      '{"a":[}',
      '{"a":"}',
      '{"a":"\\"}',
      '{"a":1]',
      "{a:1}",
      '{"a":[1,2',
      '{"\\x":1}',
      `{"a":"${"x".repeat(100)}`,
      `{"a":"${"x".repeat(100)}\\"}`,
      "\ufeff{}",
      '{"a":[\\"]}',
      '{"a":\\"}',
      `{"a":[${" ".repeat(100)}\\"]}`,
    ]) {
      expect(() => scanTopLevel(bytes(source), KEYS)).toThrow(JsonScanError)
    }
    const soup = fc.array(fc.constantFrom("{", "}", "[", "]", '"', "\\", ":", ",", "1", " ", '"a"', "x".repeat(40)), {
      maxLength: 30,
    })
    const broken = fc.oneof(
      fc.uint8Array({ maxLength: 100 }),
      soup.map((parts) => bytes(`{"a":${parts.join("")}`)),
      fc.tuple(object, fc.nat()).map(([source, cut]) => bytes(source).slice(0, cut % (source.length + 1))),
    )
    fc.assert(
      fc.property(broken, (body) => scansOrFails(body)),
      { numRuns: 2000 },
    )
  })

  test("a truncated object is always refused", () => {
    fc.assert(
      fc.property(object, fc.nat(), (source, cut) => {
        const trimmed = bytes(source.trimEnd())
        expect(() => scanTopLevel(trimmed.slice(0, cut % trimmed.length), KEYS)).toThrow(JsonScanError)
      }),
    )
  })
})

describe("splice", () => {
  test("replaces, adds and removes and leaves every other byte", () => {
    expect(edit('{"model" : "a" , "x":1.0}', { set: { model: '"b"' } })).toBe('{"model" : "b" , "x":1.0}')
    expect(edit('{"model":1,"mod\\u0065l":2}', { set: { model: "3" } })).toBe('{"model":3,"mod\\u0065l":3}')
    expect(edit("{}", { set: { model: "1", a: "2" } })).toBe('{"model":1,"a":2}')
    expect(edit('{ "x":1\n}\n', { set: { a: "[2]" } })).toBe('{ "x":1,"a":[2]\n}\n')
    expect(edit('{ "a":1 , "x":2 }', { remove: ["a"] })).toBe('{ "x":2 }')
    expect(edit('{ "x":2 , "a":1 }', { remove: ["a"] })).toBe('{ "x":2  }')
    expect(edit('{"x":1,"a":1,"model":2,"a":3}', { remove: ["a", "model"] })).toBe('{"x":1}')
    expect(edit('{"a":1,"model":2}', { remove: ["a", "model"], set: { stream: "true" } })).toBe('{"stream":true}')
    expect(edit('{"a":1,"model":2}', { remove: ["a", "stream"], set: { a: "4" } })).toBe('{"a":4,"model":2}')
    const untouched = bytes('{"x":1}')
    expect(splice(untouched, scanTopLevel(untouched, KEYS), { remove: ["a"] })).toBe(untouched)
  })

  test("agrees with the same edit on the parsed value", () => {
    const patch = fc.record({
      set: fc.dictionary(fc.constantFrom(...KEYS), fc.constantFrom("1", '"two"', "[3]", '{"é":4}')),
      remove: fc.subarray(KEYS),
    })
    fc.assert(
      fc.property(object, patch, (source, given) => {
        const expected = JSON.parse(source) as Record<string, unknown>
        for (const key of given.remove) delete expected[key]
        for (const [key, value] of Object.entries(given.set)) expected[key] = JSON.parse(value)
        expect(JSON.parse(edit(source, given))).toEqual(expected)
      }),
      { numRuns: 500 },
    )
  })

  test("made later it is the same, also of a long body, and the body stays as it was", () => {
    const long = `"long":"${"words \\n ".repeat(3_000)}"`
    const patch = fc.record({
      set: fc.dictionary(fc.constantFrom(...KEYS), fc.constantFrom("1", '"two"', `"${"three".repeat(20)}"`)),
      remove: fc.subarray(KEYS),
    })
    fc.assert(
      fc.property(fc.array(member, { maxLength: 5 }), fc.nat(5), patch, (members, place, given) => {
        const texts = members.map(([key, value, pad]) => `${pad}${key}:${value}`)
        const source = `{${texts.toSpliced(place, 0, long).join(",")}}`
        const body = bytes(source)
        const scan = scanTopLevel(body, KEYS)
        const wanted = text(splice(bytes(source), scan, given))
        const later = spliceLater(body, scan, given)
        expect(lendTo(later, text) === wanted).toBe(true)
        expect(text(body) === source).toBe(true)
        expect(text(keptOf(later)) === wanted).toBe(true)
      }),
      { numRuns: 200 },
    )
  })

  test("what was added can be taken out again", () => {
    fc.assert(
      fc.property(object, (source) => {
        fc.pre(!scanTopLevel(bytes(source), ["new"]).members.length)
        const body = bytes(source)
        const added = splice(body, scanTopLevel(body, ["new"]), { set: { new: "1" } })
        expect(text(splice(added, scanTopLevel(added, ["new"]), { remove: ["new"] }))).toBe(source)
      }),
    )
  })
})

function scansOrFails(body: Uint8Array): boolean {
  try {
    const scan = scanTopLevel(body, KEYS)
    return scan.close < body.length
  } catch (error) {
    return error instanceof JsonScanError && error.offset <= body.length
  }
}
