import { describe, expect, test } from "bun:test"
import type { Frame } from "../../../src/core/event.ts"
import type { Mark } from "../../../src/core/wire.ts"
import { openaiResponses as wire } from "../../../src/wires/openai-responses/index.ts"

const frame = (type: string, fields: object, named = true): Frame => ({
  ...(named ? { event: type } : {}),
  data: JSON.stringify({ type, ...fields }),
})
const usage = { input_tokens: 7, output_tokens: 3, total_tokens: 10 }
const call = { type: "function_call", id: "fc", call_id: "c", name: "n", arguments: "{}" }
const created = (named?: boolean) => frame("response.created", { response: { id: "r1", model: "m1" } }, named)
const delta = (named?: boolean) => frame("response.output_text.delta", { delta: "Hi" }, named)

function run(frames: readonly Frame[]): Mark[] {
  const tap = wire.stream.tap()
  return [...frames.flatMap((one) => [...tap.push(one)]), ...tap.flush("eof")]
}

describe("a stream", () => {
  test.each([true, false])("is told by name, first content and closing frame; event lines: %p", (named) => {
    const closing = frame(
      "response.completed",
      { response: { id: "r1", model: "m1", status: "completed", output: [], usage } },
      named,
    )
    const marks = run([
      created(named),
      frame("response.in_progress", { response: {} }, named),
      delta(named),
      delta(named),
      closing,
    ])
    expect(marks.slice(0, 2)).toEqual([{ id: "r1", model: "m1" }, { content: true }])
    expect(marks.at(-1)).toMatchObject({ end: true, stop: { reason: "end", raw: "completed" } })
    expect(marks.at(-1)?.usage?.lines).toEqual([{ kind: "answer", tokens: { input: 7, output: 3 } }])
  })

  test("the announcement of a call is content, and makes the end one of tools though the closing frame repeats nothing", () => {
    const added = frame("response.output_item.added", { output_index: 0, item: call })
    const marks = run([created(), added, frame("response.completed", { response: { status: "completed", output: [] } })])
    expect(marks[1]).toEqual({ toolCall: true, content: true })
    expect(marks.at(-1)).toMatchObject({ stop: { reason: "tool" }, end: true })
  })

  test("an error commits nothing and ends the reading", () => {
    const failed = frame("response.failed", {
      response: { status: "failed", error: { code: "rate_limit_exceeded", message: "slow" } },
    })
    const marks = run([created(), failed, delta()])
    expect(marks).toHaveLength(2)
    expect(marks[1]).toMatchObject({ error: { kind: "rate-limit" } })
    expect(marks[1]?.content).toBeUndefined()
  })
})

describe("a whole body", () => {
  const peek = (body: object) => wire.response.peek(Buffer.from(JSON.stringify(body)))
  const answer = { id: "r1", object: "response", status: "completed", model: "m1", output: [call], usage }

  test("small or large, says the same", () => {
    const large = { ...answer, output: [{ type: "reasoning", summary: [{ text: "x".repeat(100_000) }] }, call] }
    expect(peek(answer)).toMatchObject({ id: "r1", model: "m1", end: true, toolCall: true, stop: { reason: "tool" } })
    expect(peek(large)).toEqual(peek(answer))
  })

  test("that is an error or no answer says so", () => {
    expect(peek({ error: { message: "no", code: "insufficient_quota" } }).error).toMatchObject({ kind: "quota", blame: "key" })
    expect(peek({ hello: 1 }).error).toMatchObject({ kind: "bad-answer" })
    expect(wire.response.peek(Buffer.from("<html>")).error).toMatchObject({ kind: "bad-answer", blame: "provider" })
  })
})
