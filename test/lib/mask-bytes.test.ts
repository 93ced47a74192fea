import { describe, expect, test } from "bun:test"
import fc from "fast-check"
import { byteMask } from "../../src/lib/mask-bytes.ts"

const bytesOf = (text: string) => new TextEncoder().encode(text)
const textOf = (bytes: Uint8Array) => new TextDecoder().decode(bytes)

function masked(text: string, secrets: readonly string[]): string {
  const bytes = bytesOf(text)
  const found = byteMask(secrets).whole(bytes)
  expect(found).toBe(textOf(bytes) !== text)
  return textOf(bytes)
}

test.each([
  ["one", `{"key":"sk-0123456789abcdef"}`, ["sk-0123456789abcdef"], `{"key":"[redacted]*********"}`],
  ["one at both ends", "0123456789abcdef..0123456789abcdef", ["0123456789abcdef"], "[redacted]******..[redacted]******"],
  ["the longer of two", "key-0123456789ab-longer", ["key-0123456789ab", "key-0123456789ab-longer"], "[redacted]*************"],
  ["two that overlap", "abcdefgh12345678ABCDEFGH.", ["abcdefgh12345678", "12345678ABCDEFGH"], "[redacted]**************."],
  ["no part of one", "0123456789abcdef 01234567", ["0123456789abcdef"], "[redacted]****** 01234567"],
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

test("in base64, whatever stands before and after it, all that tells of it alone", () => {
  const any = fc.string({ unit: fc.constantFrom("x", "y", "é", "~"), maxLength: 12 })
  const key = fc.string({ unit: fc.constantFrom(..."0123456789abcdef/?>"), minLength: 16, maxLength: 60 })
  fc.assert(
    fc.property(key, any, any, fc.boolean(), (secret, before, after, url) => {
      const encoded = Buffer.from(before + secret + after).toString(url ? "base64url" : "base64")
      const result = masked(`{"authorization":"Basic ${encoded}"}`, [secret]).slice(24, -2)
      expect(result).toHaveLength(encoded.length)
      const start = Math.ceil((Buffer.byteLength(before) * 8) / 6)
      const end = Math.floor((Buffer.byteLength(before + secret) * 8) / 6)
      expect(result.slice(start, end)).toBe("[redacted]".padEnd(end - start, "*"))
      expect(result.slice(0, start) + result.slice(end)).toBe(encoded.slice(0, start) + encoded.slice(end))
    }),
  )
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

describe("the end of what was cut off", () => {
  const secret = "sk-0123456789abcdef"
  const ended = (text: string, secrets: readonly string[] = [secret]) => {
    const bytes = bytesOf(text)
    byteMask(secrets).end(bytes)
    return textOf(bytes)
  }

  test.each(Array.from({ length: secret.length - 1 }, (_, index) => index + 1))(
    "hides the first %d bytes of a secret, from 5 on",
    (length) => {
      const part = secret.slice(0, length)
      expect(ended(`say ${part}`)).toBe(`say ${length < 5 ? part : "*".repeat(length)}`)
      expect(ended(part)).toBe(length < 5 ? part : "*".repeat(length))
      expect(ended(`${part} `)).toBe(`${part} `)
    },
  )

  test("hides the longest part, of whichever secret", () => {
    expect(ended("aabaabaab", ["aabaabaabaabaabX"])).toBe("*********")
    expect(ended("no: one-two-thr", ["two-three-four-five", "one-two-three-four"])).toBe("no: ***********")
    expect(ended("anything", [])).toBe("anything")
  })
})

describe("a stream of events", () => {
  const secret = "sk-0123456789abcdef"
  const spread = (text: string, { cut = false, secrets = [secret] } = {}) => {
    const bytes = bytesOf(text)
    byteMask(secrets).spread(bytes, cut)
    return textOf(bytes)
  }
  const frame = (text: string) => `data: {"id":"call-1","delta":{"text":${JSON.stringify(text)}},"stop":null}\n\n`

  test("has no secret left that it says in pieces, and is else as it was", () => {
    const pieces = ["Key: sk", "-01", "2345", "6", "", "789abcd", "ef, quoted"]
    const hidden = ["Key: **", "***", "****", "*", "", "*******", "**, quoted"]
    expect(spread(pieces.map(frame).join(""))).toBe(hidden.map(frame).join(""))
  })

  test("wherever it is cut in pieces, also beside what is escaped", () => {
    const said = `"\\" ${secret}\n${secret}ü`
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: said.length }), { maxLength: 30 }), (cuts) => {
        const edges = [0, ...cuts.sort((left, right) => left - right), said.length]
        const pieces = edges.slice(1).map((end, index) => said.slice(edges[index], end))
        const result = spread(pieces.map(frame).join(""))
        const told = [...result.matchAll(/^data: (.*)$/gm)].map(
          ([, data = ""]) => (JSON.parse(data) as { delta: { text: string } }).delta.text,
        )
        expect(told.map(({ length }) => length)).toEqual(pieces.map(({ length }) => length))
        expect(told.join("")).toBe(said.replaceAll(secret, "*".repeat(secret.length)))
      }),
    )
  })

  test("keeps strings of other names and what is no JSON apart", () => {
    const text = `: a "comment\ndata: {"a":"sk-0123456","b":"789abcdef"}\r\n\r\nevent: "x\ndata: {"a" : "b\\"","b": ["sk-0123456"]}\n\n`
    expect(spread(text)).toBe(text)
  })

  test("has none left either where it gives several answers in turns", () => {
    const indexed = (index: number, text: string) =>
      `data: {"choices":[{"index":${index},"delta":{"content":${JSON.stringify(text)}}}]}\n\n`
    const last = (index: number, text: string) => `data: {"text":${JSON.stringify(text)},"output_index": ${index}}\n\n`
    for (const line of [indexed, last]) {
      const [text, hidden] = [
        [
          line(0, "Key: sk-0"),
          line(1, "The key is sk-01"),
          line(0, "123456"),
          line(1, "23456789abc"),
          line(0, "789abcdef!"),
          line(1, "def"),
        ],
        [
          line(0, "Key: ****"),
          line(1, "The key is *****"),
          line(0, "******"),
          line(1, "***********"),
          line(0, "*********!"),
          line(1, "***"),
        ],
      ]
      expect(spread(text?.join("") ?? "")).toBe(hidden?.join("") ?? "")
    }
  })

  test("has no base64 of one left", () => {
    const said = Buffer.from(`me:${secret}`).toString("base64")
    const result = spread([said.slice(0, 7), said.slice(7, 15), said.slice(15)].map(frame).join(""))
    expect(result).toContain(frame("********"))
    expect(result).not.toContain(said.slice(15, -4))
  })

  test("that was cut has no beginning of a secret at its end", () => {
    const text = `${frame("Key: sk-0")}${frame("123")}`
    expect(spread(text)).toBe(text)
    expect(spread(text, { cut: true })).toBe(`${frame("Key: ****")}${frame("***")}`)
    expect(spread(`${text}data: {"id":"call-1","delta":{"text":"45`, { cut: true })).toBe(
      `${frame("Key: ****")}${frame("***")}data: {"id":"call-1","delta":{"text":"**`,
    )
  })
})
