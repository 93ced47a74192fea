import { describe, expect, test } from "bun:test"
import fc from "fast-check"
import { type Edit, EditedBytes, editBytes, keptOf, largeBytes, lendTo } from "../../src/lib/edited-bytes.ts"

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)
const text = (body: Uint8Array): string => Buffer.from(body).toString("latin1")

/** What the edits ask for, said in the simplest way. */
function expected(source: Uint8Array, edits: readonly Edit[]): string {
  let made = text(source)
  for (const edit of edits.toReversed()) {
    made = made.slice(0, edit.start) + Buffer.from(edit.text).toString("latin1") + made.slice(edit.end)
  }
  return made
}

/** A source inside of a larger buffer, so that an edit that reaches past its borders shows. */
function embedded(length: number): { readonly source: Uint8Array; readonly around: Uint8Array } {
  const around = Uint8Array.from({ length: length + 200 }, (_, index) => (index * 31 + (index >> 8)) & 0xff)
  return { source: around.subarray(100, 100 + length), around }
}

const length = fc.oneof(fc.integer({ min: 0, max: 200 }), fc.integer({ min: largeBytes, max: largeBytes * 6 }))
const place = fc.oneof(
  fc.nat(200),
  fc.nat(200).map((back) => -back),
  fc.nat(largeBytes * 6),
)
const written = fc.oneof(fc.constant(""), fc.string({ unit: "binary", maxLength: 60 }), fc.constant("x".repeat(70_000)))

/** Edits in order that do not overlap, near either end or anywhere. */
const edited = fc.tuple(length, fc.array(fc.tuple(place, fc.nat(40), written), { maxLength: 4 })).map(([size, wanted]) => {
  const { source, around } = embedded(size)
  const edits: Edit[] = []
  const inside = wanted.map(([at, span, replacement]) => {
    const start = Math.min(size, Math.max(0, at < 0 ? size + at : at))
    return { start, end: Math.min(size, start + span), text: replacement }
  })
  for (const edit of inside.sort((left, right) => left.start - right.start)) {
    if (edit.start >= (edits.at(-1)?.end ?? 0)) edits.push(edit)
  }
  return { source, around, edits }
})

describe("editBytes", () => {
  test("lent or kept it is the edited text, and the source is what it was", () => {
    fc.assert(
      fc.property(
        edited,
        fc.array(fc.constantFrom("lend", "keep", "fail"), { maxLength: 4 }),
        ({ source, around, edits }, uses) => {
          const before = text(around)
          const wanted = expected(source, edits)
          const made = editBytes(source, edits)
          expect(made.length).toBe(wanted.length)
          for (const use of uses) {
            if (use === "lend") expect(lendTo(made, text) === wanted).toBe(true)
            else if (use === "keep") expect(text(keptOf(made)) === wanted).toBe(true)
            else expect(() => lendTo(made, failing)).toThrow("refused")
            expect(text(around) === before).toBe(true)
          }
          expect(text(keptOf(made)) === wanted).toBe(true)
        },
      ),
      { numRuns: 300 },
    )
  })

  test("a shorter text near either end is written into the source, whose memory is lent", () => {
    for (const start of [2, largeBytes * 4 - 20]) {
      const { source } = embedded(largeBytes * 4)
      const lent = lendTo(editBytes(source, [{ start, end: start + 10, text: "abc" }]), ({ buffer, byteOffset, length }) => ({
        buffer,
        byteOffset,
        length,
      }))
      expect(lent.buffer).toBe(source.buffer)
      expect(lent.length).toBe(source.length - 7)
      expect(lent.byteOffset - source.byteOffset).toBe(start === 2 ? 7 : 0)
    }
  })

  test("a longer text is lent as a copy, which is gone afterwards", () => {
    const { source } = embedded(largeBytes * 4)
    let lent: Uint8Array | undefined
    lendTo(editBytes(source, [{ start: 4, end: 5, text: "longer" }]), (given) => {
      lent = given
      expect(given.buffer).not.toBe(source.buffer)
    })
    expect(lent?.length).toBe(0)
  })

  test("what is kept stays the same, whatever becomes of the source", () => {
    const { source } = embedded(largeBytes * 4)
    const made = editBytes(source, [{ start: 4, end: 9, text: "a" }])
    const kept = keptOf(made)
    const wanted = text(kept)
    source.fill(0)
    expect(keptOf(made)).toBe(kept)
    expect(text(kept) === wanted).toBe(true)
    expect(lendTo(made, text) === wanted).toBe(true)
  })

  test("nothing to edit is the source itself, a small source and edits far apart a copy", () => {
    const { source } = embedded(largeBytes * 12)
    expect(editBytes(source, [])).toBe(source)
    expect(editBytes(bytes('{"a":1}'), [{ start: 5, end: 6, text: "2" }])).toBeInstanceOf(Uint8Array)
    const middle = source.length / 2
    expect(editBytes(source, [{ start: middle, end: middle + 1, text: "2" }])).toBeInstanceOf(Uint8Array)
    expect(editBytes(source, [{ start: 5, end: 6, text: "2" }])).toBeInstanceOf(EditedBytes)
  })
})

function failing(): never {
  throw new Error("refused")
}
