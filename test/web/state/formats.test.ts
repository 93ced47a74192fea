import { describe, expect, test } from "bun:test"
import fc from "fast-check"
import { eventReader } from "../../../web/state/formats/events.ts"
import { formats } from "../../../web/state/formats/index.ts"
import { answerStream } from "../stand-in/answers.ts"

const stream = async (path: string): Promise<string> => {
  let text = ""
  for await (const piece of answerStream(path, ["Hel", "lo"], async () => {})) text += piece
  return text
}

describe.each(formats.map((format) => [format.wire, format] as const))("%s", (_, format) => {
  test("reads text, figures and errors of a streamed answer, however it is cut", async () => {
    const whole = await stream(format.path)
    fc.assert(
      fc.property(fc.array(fc.nat(whole.length), { maxLength: 20 }), (cuts) => {
        const reader = eventReader()
        const places = [0, ...cuts.sort((a, b) => a - b), whole.length]
        const pieces = places.slice(1).map((end, index) => whole.slice(places[index], end))
        const steps = pieces.flatMap((piece) => reader.push(piece)).map(format.step)
        expect(steps.map(({ text = "" }) => text).join("")).toBe("Hello")
        expect(Object.assign({}, ...steps.map(({ figures }) => figures))).toEqual({ input: 9, output: 3 })
        expect(steps.filter(({ error }) => error !== undefined)).toEqual([])
      }),
    )
  })

  test("asks one thing, streamed", () => {
    const body = format.body("a/b", "Hi")
    expect(body).toMatchObject({ model: "a/b", stream: true })
    expect(JSON.stringify(body)).toContain('"Hi"')
  })

  test("takes any event", () => {
    fc.assert(fc.property(fc.jsonValue(), (event) => void format.step(event)))
    expect(format.step({ type: "error", error: { message: "no" } }).error).toBe("no")
  })
})

test("events may have carriage returns, comments and a closing word that is no JSON", () => {
  const text = ': hi\r\n\r\nevent: x\r\ndata: {"a":\r\ndata: 1}\r\n\r\ndata: [DONE]\n\ndata: {"b":2}\n\n'
  expect(eventReader().push(text)).toEqual([{ a: 1 }, { b: 2 }])
})
