import { describe, expect, test } from "bun:test"
import fc from "fast-check"
import type { TextBlock } from "../../src/core/block.ts"
import { lending } from "../../src/core/lend.ts"
import { project } from "../../src/core/lens.ts"
import type { Message } from "../../src/core/message.ts"
import { attach, lostOrigin, type Node, originOf, untouched } from "../../src/core/node.ts"
import { notices } from "../../src/core/notice.ts"
import { RawJson } from "../../src/lib/json.ts"
import { response } from "./arbitrary.ts"

const cross = <T>(value: T): T => JSON.parse(JSON.stringify(value)) as T
const from = { wire: "w", place: "request" } as const

interface Sample extends Node {
  readonly messages: readonly Message[]
  readonly value: RawJson
}

function sample() {
  const block = (text: string) =>
    attach<TextBlock>({ type: "text", text }, { ...from, json: { type: "text", text, extra: 1 }, rest: ["extra"] })
  const message = attach<Message>(
    { role: "user", blocks: [block("one"), block("two")] },
    { ...from, json: { role: "user", content: ["one", "two"] } },
  )
  return attach<Sample>({ messages: [message], value: new RawJson("1.0") }, { ...from, json: {} })
}

describe("lending", () => {
  for (const [how, border] of [
    ["JSON", cross],
    ["structuredClone", structuredClone],
  ] as const) {
    test(`an unedited value comes back over ${how} as the very one that was lent`, () => {
      const desk = lending()
      const value = sample()
      expect(desk.reclaim(border(desk.lend(value)))).toBe(value)
    })
  }

  test("an edited node keeps its origin and shows exactly the edit", () => {
    const desk = lending()
    const value = sample()
    const away = cross(desk.lend(value)) as unknown as { messages: { blocks: { text: string }[] }[] }
    const edited = away.messages[0]?.blocks[1]
    if (edited) edited.text = "three"
    const back = desk.reclaim(away) as unknown as typeof value
    const blocks = back.messages[0]?.blocks ?? []
    expect(blocks[0]).toBe(value.messages[0]?.blocks[0] as (typeof blocks)[0])
    expect(blocks[1]).toMatchObject({ text: "three" })
    expect(blocks[1] && originOf(blocks[1])?.json).toEqual({ type: "text", text: "two", extra: 1 })
    expect(blocks[1] && untouched(blocks[1])).toBe(false)
    expect(back.value).toBe(value.value)
  })

  test("a field taken out stays out", () => {
    const desk = lending()
    const lent = attach<TextBlock>({ type: "text", text: "x", phase: "final" }, { ...from, json: {} })
    const { phase: _, ...less } = cross(desk.lend(lent))
    expect("phase" in desk.reclaim(less)).toBe(false)
  })

  test("after the release nothing comes back, and the encoder says so", () => {
    const desk = lending()
    const away = cross(desk.lend(sample()))
    desk.release()
    expect(desk.size).toBe(0)
    const back = desk.reclaim(away)
    expect(lostOrigin(back)).toBe(true)
    expect(JSON.stringify(back)).not.toContain("$lent")
    const held = notices()
    project(back, { wire: "w", place: "request", side: "request", note: held.note, path: "request" }, {}, () => ({}))
    expect(held.list()).toMatchObject([{ code: "origin-lost", path: "request" }])
  })

  test("holds no more nodes than its bound", () => {
    const desk = lending({ maxNodes: 2 })
    const away = cross(desk.lend(sample()))
    expect(desk.size).toBe(2)
    expect(lostOrigin(desk.reclaim(away))).toBe(true)
  })

  test("values without origins cross unchanged", () => {
    fc.assert(
      fc.property(response, (value) => {
        const desk = lending()
        expect(desk.reclaim(structuredClone(desk.lend(value)))).toEqual(value)
        expect(desk.size).toBe(0)
      }),
    )
  })
})
