import { describe, expect, test } from "bun:test"
import fc from "fast-check"
import { encodeSse, type SseFrame, SseFrameTooLargeError, sseComment, sseDecoder } from "../../src/lib/sse.ts"

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)
const text = (raw: Uint8Array): string => new TextDecoder("utf-8", { ignoreBOM: true }).decode(raw)

function decode(chunks: readonly Uint8Array[], maxFrameBytes = 1 << 20): SseFrame[] {
  const decoder = sseDecoder({ maxFrameBytes })
  return [...chunks.flatMap((chunk) => decoder.push(chunk)), ...decoder.flush()]
}

/** The frames with raw as text, so that failures can be read. */
const shown = (frames: readonly SseFrame[]) => frames.map((frame) => ({ ...frame, raw: [...frame.raw].join() }))

function slices(input: Uint8Array, cuts: readonly number[]): Uint8Array[] {
  const places = [...new Set(cuts.map((cut) => cut % (input.length + 1)))].sort((a, b) => a - b)
  return [0, ...places].map((from, index) => input.slice(from, places[index] ?? input.length))
}

const stream = fc
  .array(
    fc.oneof(
      { weight: 3, arbitrary: fc.constantFrom("\n", "\r", "\r\n", "\n\n", "\r\n\r\n", "\r\r") },
      fc.constantFrom(
        "data: ",
        "data:",
        "data",
        "event: ping",
        "id: 7",
        "id: a\0b",
        ": note",
        "retry: 10",
        "\ufeff",
        "é😀",
        "{}",
      ),
      fc.string({ unit: "grapheme", maxLength: 5 }),
    ),
    { maxLength: 40 },
  )
  .map((parts) => bytes(parts.join("")))

describe("sseDecoder", () => {
  test("reads events, ids, several data lines and comments", () => {
    const frames = decode([bytes(": hello\n\nevent: a\nid: 1\ndata: x\ndata:  y\ndata\n\ndata: z\r\n\r\ndata:1\rdata:2\r\r")])
    expect(frames.map(({ raw: _, ...frame }) => frame)).toEqual([
      { data: "", comment: true },
      { event: "a", id: "1", data: "x\n y\n" },
      { data: "z" },
      { data: "1\n2" },
    ])
  })

  test("skips a byte order mark at the start only", () => {
    expect(decode([bytes("\ufeffdata: a\n\n\ufeffdata: b\n\n")]).map((frame) => frame.data)).toEqual(["a", ""])
  })

  test("gives a frame at its blank line and the tail on flush", () => {
    const decoder = sseDecoder({ maxFrameBytes: 100 })
    expect(decoder.push(bytes("data: a\n"))).toEqual([])
    expect(decoder.push(bytes("\ndata: b")).map((frame) => frame.data)).toEqual(["a"])
    expect(decoder.flush().map((frame) => frame.data)).toEqual(["b"])
    expect(decoder.flush()).toEqual([])
    expect(decoder.push(bytes("data: c\n\n")).map((frame) => frame.data)).toEqual(["c"])
  })

  test("an event without a data line is not an event; one with an empty data line is", () => {
    expect(decode([bytes("event: ping\n\n")])[0]).toMatchObject({ event: "ping", comment: true })
    expect(decode([bytes("data:\n\n")])[0]?.comment).toBeUndefined()
  })

  test("cutting the bytes anywhere changes nothing, and raw bytes add up to the input", () => {
    fc.assert(
      fc.property(fc.oneof(stream, fc.uint8Array({ maxLength: 60 })), fc.array(fc.nat(), { maxLength: 20 }), (input, cuts) => {
        const whole = decode([input])
        expect(Buffer.concat(whole.map((frame) => frame.raw))).toEqual(Buffer.from(input))
        expect(shown(decode(slices(input, cuts)))).toEqual(shown(whole))
        expect(shown(decode(Array.from(input, (byte) => Uint8Array.of(byte))))).toEqual(shown(whole))
      }),
      { numRuns: 500 },
    )
  })

  test("what encodeSse writes is read back", () => {
    const field = fc.string({ unit: "grapheme" }).filter((value) => !/[\r\n\0]/.test(value))
    const frame = fc.record({ event: field, id: field, data: fc.string().map((value) => value.replaceAll("\r", "\n")) })
    fc.assert(
      fc.property(fc.array(frame), (frames) => {
        const read = decode(frames.flatMap((each) => [encodeSse(each), sseComment("keep\nalive")]))
        expect(read.filter((each) => !each.comment).map(({ event, id, data }) => ({ event, id, data }))).toEqual(frames as never)
        expect(read.length).toBe(2 * frames.length)
      }),
    )
    expect(text(encodeSse({ data: "{}" }))).toBe("data: {}\n\n")
    expect(text(encodeSse({ event: "a\ndata: forged", data: "x\r\ny" }))).toBe("event: a data: forged\ndata: x\ndata: y\n\n")
    expect(text(sseComment("ping"))).toBe(": ping\n\n")
  })

  test("a frame past the bound is an error after the frames before it, however it is cut", () => {
    const input = bytes(`data: a\n\ndata: ${"b".repeat(40)}\n\ndata: c\n\n`)
    for (const size of [1, 7, 20, 45, 100]) {
      const decoder = sseDecoder({ maxFrameBytes: 40 })
      const seen: string[] = []
      const feed = () => {
        for (let from = 0; from < input.length; from += size) {
          for (const frame of decoder.push(input.slice(from, from + size))) seen.push(frame.data)
        }
        decoder.flush()
      }
      expect(feed).toThrow(SseFrameTooLargeError)
      expect(seen).toEqual(["a"])
      expect(() => decoder.push(bytes("data: d\n\n"))).toThrow(SseFrameTooLargeError)
    }
    expect(decode([bytes("data: abc\n\n")], 11).length).toBe(1)
    expect(() => decode([bytes("data: abc\n\n")], 10)).toThrow(SseFrameTooLargeError)
  })
})
