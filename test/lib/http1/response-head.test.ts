import { describe, expect, test } from "bun:test"
import fc from "fast-check"
import { type BodyLength, headOf, ProtocolError, ResponseHead } from "../../../src/lib/http1/response-head.ts"

const ok = "HTTP/1.1 200 OK\r\n"
const withFields = (...lines: string[]) => new ResponseHead(ok + lines.map((line) => `${line}\r\n`).join(""))

describe("status lines", () => {
  const good: readonly (readonly [line: string, status: number])[] = [
    ["HTTP/1.1 200 OK", 200],
    ["HTTP/1.1 200 ", 200],
    ["HTTP/1.1 404", 404],
    ["HTTP/1.0 503 Service Unavailable", 503],
    ["HTTP/1.1 429 Zu viele \xe9\xff", 429],
    ["HTTP/1.1 999 Request denied", 999],
  ]
  for (const [line, status] of good)
    test(JSON.stringify(line), () => {
      expect(new ResponseHead(`${line}\r\n`).status).toBe(status)
      expect(new ResponseHead(`${line}\n`).status).toBe(status)
    })

  const bad = [
    "",
    "HTTP/2 200 OK",
    "HTTP/1.2 200 OK",
    "HTTP/1.1  200 OK",
    "HTTP/1.1 20 OK",
    "HTTP/1.1 2000 OK",
    "HTTP/1.1 099 OK",
    "HTTP/1.1 abc OK",
    "HTTP/1.1 200OK",
    "http/1.1 200 OK",
    " HTTP/1.1 200 OK",
    "ICY 200 OK",
    "SSH-2.0-OpenSSH_9.6",
    "HTTP/1.1 200 O\rK",
  ]
  for (const line of bad)
    test(`${JSON.stringify(line)} is refused`, () => expect(() => new ResponseHead(`${line}\r\n`)).toThrow(ProtocolError))
})

describe("fields", () => {
  test("have names in any case, and values without the blanks around them", () => {
    const head = withFields("Content-TYPE: \t text/plain \t", "X-Empty:", "x-colon:a:b")
    expect(head.get("content-type")).toBe("text/plain")
    expect(head.get("x-empty")).toBe("")
    expect(head.get("x-colon")).toBe("a:b")
    expect(head.get("content")).toBeNull()
    expect([...head]).toEqual([
      ["content-type", "text/plain"],
      ["x-empty", ""],
      ["x-colon", "a:b"],
    ])
  })

  test("of one name are joined by commas, in their order", () => {
    const head = withFields("a: 1", "b: x", "A: 2", "a:", "a: 3")
    expect(head.get("a")).toBe("1, 2, , 3")
    expect([...head]).toEqual([
      ["a", "1, 2, , 3"],
      ["b", "x"],
    ])
  })

  test("keep bytes at their ends that only look like blanks", () => {
    expect(withFields("x: caf\u00c3\u00a0").get("x")).toBe("caf\u00c3\u00a0")
    expect(withFields("x: \tpart\tpart\t").get("x")).toBe("part\tpart")
  })

  test("hold no control characters: to another reader they may be blanks, and callers could not be sent them", () => {
    for (const control of ["\x0b", "\x01", "\x1b", "\x7f", "\0"])
      for (const field of [`transfer-encoding: ${control}chunked`, `x: a${control}b`])
        expect(() => withFields(field)).toThrow(ProtocolError)
  })

  test("folded over several lines are one value", () => {
    const head = new ResponseHead(`${ok}a: one\r\n two\r\n\t three\r\nb: x\r\n`)
    expect(head.get("a")).toBe("one two three")
    expect(head.get("b")).toBe("x")
  })

  test("folded onto the status line are no fields", () => {
    const head = new ResponseHead(`${ok} content-length: 5\r\nb: x\r\n`)
    expect(head.get("content-length")).toBeNull()
    expect(head.get("b")).toBe("x")
  })

  test("may end in bare newlines", () => {
    const head = new ResponseHead("HTTP/1.1 200 OK\na: 1\nb: 2\r\nc: 3\n")
    expect([...head]).toEqual([
      ["a", "1"],
      ["b", "2"],
      ["c", "3"],
    ])
  })

  const bad = ["a b: 1", "a : 1", ": 1", "a", "a\x00: 1", "a: 1\x002", "a: 1\r2", "\xe9: 1", "a(b): 1", "a: 1\r\r"]
  for (const line of bad)
    test(`${JSON.stringify(line)} is refused`, () => expect(() => withFields("x: y", line, "z: y")).toThrow(ProtocolError))

  test("a thousand of them are read, and more are refused", () => {
    const lines = Array.from({ length: 1_000 }, (_, n) => `f${n}: ${n}`)
    expect(withFields(...lines).get("f999")).toBe("999")
    expect(() => withFields(...lines, "a: b")).toThrow(ProtocolError)
    expect(withFields(`long: ${"x".repeat(60_000)}`).get("long")).toHaveLength(60_000)
  })

  test("any that are well-formed come out as they went in", () => {
    const name = fc.stringMatching(/^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,12}$/)
    const value = fc.stringMatching(/^(?:[!-~\xa0-\xff](?:[\t -~\xa0-\xff]{0,20}[!-~\xa0-\xff])?)?$/)
    const blank = fc.constantFrom("", " ", "\t", "  \t ")
    fc.assert(
      fc.property(fc.array(fc.tuple(name, blank, value, blank), { maxLength: 12 }), (fields) => {
        const head = withFields(...fields.map(([key, before, text, after]) => `${key}:${before}${text}${after}`))
        const joined = new Map<string, string>()
        for (const [key, , text] of fields) {
          const known = joined.get(key.toLowerCase())
          joined.set(key.toLowerCase(), known === undefined ? text : `${known}, ${text}`)
        }
        expect([...head]).toEqual([...joined])
        for (const [key, text] of joined) expect(head.get(key)).toBe(text)
      }),
    )
  })
})

describe("the length of a body (RFC 9112 §6.3)", () => {
  const cases: readonly (readonly [lines: string[], length: BodyLength | "refused"])[] = [
    [[], "until-close"],
    [["content-length: 0"], 0],
    [["content-length: 17"], 17],
    [["content-length: 017"], 17],
    [["content-length: 5", "content-length: 5"], 5],
    [["content-length: 5, 5"], 5],
    [["content-length: 5,5"], 5],
    [["content-length: 5", "content-length: 6"], "refused"],
    [["content-length: 5, 6"], "refused"],
    [["content-length: 5", "content-length:"], "refused"],
    [["content-length:"], "refused"],
    [["content-length: -5"], "refused"],
    [["content-length: +5"], "refused"],
    [["content-length: 5.0"], "refused"],
    [["content-length: 0x5"], "refused"],
    [["content-length: 5 5"], "refused"],
    [["content-length: 99999999999999999999"], "refused"],
    [["transfer-encoding: chunked"], "chunked"],
    [["Transfer-Encoding: CHUNKED"], "chunked"],
    [["transfer-encoding: chunked", "content-length: 5"], "chunked"],
    [["content-length: 5", "content-length: 6", "transfer-encoding: chunked"], "chunked"],
    [["transfer-encoding: chunked, chunked"], "refused"],
    [["transfer-encoding: chunked", "transfer-encoding: chunked"], "refused"],
    [["transfer-encoding: gzip, chunked"], "refused"],
    [["transfer-encoding: chunked, identity"], "refused"],
    [["transfer-encoding: gzip"], "refused"],
    [["transfer-encoding: xchunked"], "refused"],
    [["transfer-encoding: \x0bchunked"], "refused"],
    [["transfer-encoding:"], "refused"],
    [["transfer-encoding: identity", "content-length: 5"], 5],
    [["transfer-encoding: identity"], "until-close"],
  ]
  for (const [lines, length] of cases)
    test(`${JSON.stringify(lines)} ${length}`, () => {
      const read = () => withFields(...lines).bodyLength()
      if (length === "refused") expect(read).toThrow(ProtocolError)
      else expect(read()).toBe(length)
    })

  for (const status of [204, 304])
    test(`${status} has none, whatever it says`, () => {
      const head = new ResponseHead(`HTTP/1.1 ${status} X\r\ncontent-length: 50\r\ntransfer-encoding: chunked\r\n`)
      expect(head.bodyLength()).toBe(0)
      expect(head.hasBody).toBe(false)
    })
})

describe("whether the connection goes on", () => {
  const cases: readonly (readonly [head: string, kept: boolean])[] = [
    ["HTTP/1.1 200 OK\r\n", true],
    ["HTTP/1.1 200 OK\r\nConnection: keep-alive\r\n", true],
    ["HTTP/1.1 200 OK\r\nConnection: Close\r\n", false],
    ["HTTP/1.1 200 OK\r\nconnection: upgrade, close\r\n", false],
    ["HTTP/1.1 200 OK\r\nconnection: keep-alive\r\nconnection: close\r\n", false],
    ["HTTP/1.0 200 OK\r\n", false],
    ["HTTP/1.0 200 OK\r\nconnection: Keep-Alive\r\n", true],
    ["HTTP/1.0 200 OK\r\nconnection: keep-alive, close\r\n", false],
    ["HTTP/1.0 200 OK\r\nconnection: keep-alive\r\ntransfer-encoding: chunked\r\n", false],
    ["HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\ncontent-length: 5\r\n", false],
    ["HTTP/1.1 200 OK\r\ntransfer-encoding: identity\r\ncontent-length: 5\r\n", false],
    ["HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n", true],
  ]
  for (const [head, kept] of cases) test(JSON.stringify(head), () => expect(new ResponseHead(head).keepsAlive()).toBe(kept))

  const times: readonly (readonly [value: string, ms: number | undefined])[] = [
    ["timeout=5", 5_000],
    ["timeout=5, max=1000", 5_000],
    ["max=100, TIMEOUT=72", 72_000],
    ["timeout=0", 0],
    ["timeout=", undefined],
    ["max=3", undefined],
  ]
  for (const [value, ms] of times)
    test(`keep-alive: ${value}`, () => expect(withFields(`keep-alive: ${value}`).idleMs()).toBe(ms))
})

describe("where a head ends", () => {
  const heads = [
    "HTTP/1.1 200 OK\r\na: 1\r\n\r\n",
    "HTTP/1.1 200 OK\na: 1\n\n",
    "HTTP/1.1 200 OK\na: 1\n\r\n",
    "HTTP/1.1 200 OK\r\na: 1\r\n\n",
    "HTTP/1.1 200 OK\r\n\r\n",
    "HTTP/1.1 200 OK\n\n",
  ]
  const bodies = ["", "body", "\r\n", "\n\n", "a: 2\r\n\r\n", "x\r\n\r\ny\n\nz"]
  for (const head of heads)
    test(JSON.stringify(head), () => {
      for (const body of bodies) {
        const found = headOf(Buffer.from(head + body, "latin1"))
        expect(found?.end).toBe(head.length)
        expect(new ResponseHead(found?.text ?? "").status).toBe(200)
      }
      for (let cut = 0; cut < head.length; cut += 1) expect(headOf(Buffer.from(head.slice(0, cut), "latin1"))).toBeUndefined()
    })

  test("what cannot become one is refused at once", () => {
    for (const start of ["S", "\r\nHTTP/1.1 200 OK", "HTTP/2", "\x15\x03\x01\x00\x02\x02", "<html>", "5\r\nhello"])
      expect(() => headOf(Buffer.from(start, "latin1"))).toThrow(ProtocolError)
  })

  test("any bytes at all are a head, the beginning of one, or refused", () => {
    const word = fc.constantFrom("HTTP/1.1 200 OK", "\r\n", "\n", "\r", "a: b", " ", ":", "\0", "x", "content-length: 5", "\xff")
    fc.assert(
      fc.property(fc.array(word, { maxLength: 20 }), (words) => {
        const bytes = Buffer.from(words.join(""), "latin1")
        try {
          const found = headOf(bytes)
          if (!found) return
          expect(found.end).toBeLessThanOrEqual(bytes.length)
          const head = new ResponseHead(found.text)
          for (const [name, value] of head) expect(name + value).not.toMatch(/[\r\n\0]/)
          head.bodyLength()
        } catch (error) {
          expect(error).toBeInstanceOf(ProtocolError)
        }
      }),
      { numRuns: 500 },
    )
  })
})
