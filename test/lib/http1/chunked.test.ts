import { describe, expect, test } from "bun:test"
import fc from "fast-check"
import { ChunkedDecoder } from "../../../src/lib/http1/chunked.ts"
import { ProtocolError } from "../../../src/lib/http1/response-head.ts"
import { cutAt } from "./pieces.ts"

interface Chunk {
  readonly data: Uint8Array
  readonly upper: boolean
  readonly zeros: number
  readonly extension: string
}

const chunk: fc.Arbitrary<Chunk> = fc.record({
  data: fc.uint8Array({ minLength: 1, maxLength: 60 }),
  upper: fc.boolean(),
  zeros: fc.nat({ max: 4 }),
  extension: fc.constantFrom("", ";a", ";a=b", " ; a = b", '; a="x;y"', "\t", ";\xff"),
})
const trailers = fc.array(fc.constantFrom("a: b", "x-sum: 12", "0", "f"), { maxLength: 3 })

function written(chunks: readonly Chunk[], fields: readonly string[]): Buffer {
  const parts: Uint8Array[] = []
  for (const { data, upper, zeros, extension } of chunks) {
    const size = data.length.toString(16).padStart(zeros, "0")
    parts.push(Buffer.from(`${upper ? size.toUpperCase() : size}${extension}\r\n`, "latin1"), data, Buffer.from("\r\n"))
  }
  return Buffer.concat([...parts, Buffer.from(`0\r\n${fields.map((field) => `${field}\r\n`).join("")}\r\n`)])
}

/** Each piece in memory of its own, as it is from a socket. */
function decoded(decoder: ChunkedDecoder, pieces: readonly Uint8Array[]): Buffer {
  const data: Uint8Array[] = []
  for (const piece of pieces) data.push(Buffer.from(decoder.push(Buffer.from(piece))))
  return Buffer.concat(data)
}

const cuts = fc.array(fc.nat({ max: 2_000 }), { maxLength: 40 })

test("any body in any chunks, cut anywhere, is the same bytes", () => {
  fc.assert(
    fc.property(fc.array(chunk, { maxLength: 12 }), trailers, cuts, (chunks, fields, places) => {
      const decoder = new ChunkedDecoder()
      const bytes = decoded(decoder, cutAt(written(chunks, fields), places))
      expect(bytes.equals(Buffer.concat(chunks.map(({ data }) => data)))).toBe(true)
      expect(decoder.done).toBe(true)
      expect(decoder.surplus).toBe(0)
    }),
    { numRuns: 300 },
  )
})

test("byte by byte", () => {
  const body = written([{ data: Buffer.from("hello, hello, hello"), upper: true, zeros: 0, extension: ";q" }], ["a: b"])
  const decoder = new ChunkedDecoder()
  expect(
    decoded(
      decoder,
      [...body].map((byte) => Buffer.of(byte)),
    ).toString(),
  ).toBe("hello, hello, hello")
  expect(decoder.done).toBe(true)
})

test("what follows the end is counted and not touched", () => {
  fc.assert(
    fc.property(fc.array(chunk, { maxLength: 4 }), fc.uint8Array({ maxLength: 40 }), (chunks, after) => {
      const body = written(chunks, [])
      const piece = Buffer.concat([body, after])
      const decoder = new ChunkedDecoder()
      decoder.push(piece)
      expect(decoder.done).toBe(true)
      expect(decoder.surplus).toBe(after.length)
      expect(piece.subarray(body.length).equals(Buffer.from(after))).toBe(true)
    }),
  )
})

test("a body that goes on is not over, wherever it is cut", () => {
  const body = written([{ data: Buffer.from("hello"), upper: false, zeros: 0, extension: "" }], ["a: b"])
  for (let cut = 0; cut < body.length; cut += 1) {
    const decoder = new ChunkedDecoder()
    expect("hello".startsWith(decoder.push(Buffer.from(body.subarray(0, cut))).toString())).toBe(true)
    expect(decoder.done).toBe(false)
  }
})

describe("damaged framing is refused", () => {
  const damaged = [
    "\r\n",
    ";a\r\n",
    " 5\r\nhello\r\n",
    "x\r\n",
    "-5\r\nhello\r\n",
    "+5\r\nhello\r\n",
    "0x5\r\nhello\r\n",
    "5x\r\nhello\r\n",
    "5 5\r\nhello\r\n",
    "5\nhello\r\n",
    "5\rhello\r\n",
    "5\r\rhello",
    "5\r\nhello!\r\n",
    "5\r\nhello\n",
    "5\r\nhello\r!",
    "5\r\nhello0\r\n\r\n",
    "5;a\nhello\r\n",
    "5;a\rb\r\nhello\r\n",
    "10000000000000\r\n",
    "ffffffffffffffffffff\r\n",
    "00000000000000\r\n",
    `5;${"a".repeat(5_000)}\r\n`,
    `5${" ".repeat(5_000)}\r\n`,
    "0\r\na: b\n\n",
    "0\r\na: b\rc: d\r\n\r\n",
    "0\r\n\r\r\n",
    `0\r\n${"a: b\r\n".repeat(20_000)}`,
    `0\r\na: ${"b".repeat(70_000)}`,
  ]
  for (const body of damaged)
    test(JSON.stringify(body.length > 40 ? `${body.slice(0, 40)}…` : body), () => {
      expect(() => new ChunkedDecoder().push(Buffer.from(body))).toThrow(ProtocolError)
      expect(() => decoded(new ChunkedDecoder(), cutAt(Buffer.from(body), [1, 2, 3, 4, 5, 6, 7, 8]))).toThrow(ProtocolError)
    })

  test("or changes nothing: any flipped byte ends in the same data, other data, waiting or a ProtocolError", () => {
    fc.assert(
      fc.property(fc.array(chunk, { maxLength: 4 }), fc.nat(), fc.nat({ max: 255 }), cuts, (chunks, at, byte, places) => {
        const body = written(chunks, ["a: b"])
        body[at % body.length] = byte
        const decoder = new ChunkedDecoder()
        try {
          expect(decoded(decoder, cutAt(body, places)).length).toBeLessThanOrEqual(body.length)
        } catch (error) {
          expect(error).toBeInstanceOf(ProtocolError)
        }
      }),
      { numRuns: 500 },
    )
  })
})
