import { describe, expect, test } from "bun:test"
import fc from "fast-check"
import { indented, turnsOf } from "../../../web/state/conversation.ts"

describe("a decoded payload", () => {
  test("becomes turns, instructions first, answers too", () => {
    const text = (said: string) => ({ type: "text", text: said })
    expect(
      turnsOf({
        instructions: [text("be terse")],
        messages: [
          {
            role: "user",
            blocks: [text("hi"), { type: "media", kind: "image", mime: "image/png", source: { type: "base64", data: "AA==" } }],
          },
          { role: "assistant", blocks: [{ type: "tool-call", id: "c1", name: "ls", input: "{}" }] },
          { role: "user", blocks: [{ type: "tool-result", id: "c1", content: [text("a.txt")], failed: true }] },
        ],
      }),
    ).toEqual([
      { role: "system", parts: [{ type: "text", text: "be terse" }] },
      {
        role: "user",
        parts: [
          { type: "text", text: "hi" },
          { type: "picture", data: "data:image/png;base64,AA==" },
        ],
      },
      { role: "assistant", parts: [{ type: "call", name: "ls", input: "{}", id: "c1" }] },
      { role: "user", parts: [{ type: "result", id: "c1", failed: true, parts: [{ type: "text", text: "a.txt" }] }] },
    ])
    expect(turnsOf({ candidates: [{ messages: [{ role: "assistant", blocks: [text("yes")] }] }] })).toEqual([
      { role: "assistant", parts: [{ type: "text", text: "yes" }] },
    ])
  })

  test.each(["image/svg+xml", "text/html", "", "image/png;x"])("shows no picture of type %p", (mime) => {
    const media = { type: "media", kind: "image", mime, source: { type: "base64", data: "AA==" } }
    expect(turnsOf({ messages: [{ role: "user", blocks: [media] }] })[0]?.parts[0]?.type).toBe("other")
  })

  test("fetches no picture that is elsewhere", () => {
    const media = { type: "media", kind: "image", source: { type: "url", url: "https://other.test/x.png" } }
    expect(turnsOf({ messages: [{ role: "user", blocks: [media] }] })[0]?.parts).toEqual([
      { type: "picture", address: "https://other.test/x.png" },
    ])
  })

  test("may be anything at all", () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (blocks, whole) => {
        turnsOf(whole)
        turnsOf({ messages: [{ role: "user", blocks }], candidates: whole })
      }),
    )
  })
})

describe("indenting", () => {
  test("keeps every digit and the order of members", () => {
    expect(indented('{"b":12345678901234567890,"10":1.0,"a":[],"e":{},"l":[1,"x, {y}"]}')).toBe(
      '{\n  "b": 12345678901234567890,\n  "10": 1.0,\n  "a": [],\n  "e": {},\n  "l": [\n    1,\n    "x, {y}"\n  ]\n}',
    )
  })

  test("changes nothing but white space between lexemes", () => {
    fc.assert(
      fc.property(fc.json(), (source) => {
        expect(JSON.stringify(JSON.parse(indented(source)))).toBe(JSON.stringify(JSON.parse(source)))
      }),
    )
  })

  test("leaves alone what is no JSON", () => {
    for (const source of ["", "{", "plain, text: here", '{"a":']) expect(indented(source)).toBe(source)
  })
})
