import { describe, expect, test } from "bun:test"
import { notices } from "../../src/core/notice.ts"

const loss = { code: "field-unsupported", effect: "dropped", side: "request" } as const

describe("notices", () => {
  test("are counted by code, path and side, not repeated", () => {
    const book = notices()
    book.note({ ...loss, path: "seed" })
    book.note({ ...loss, path: "seed" })
    book.note({ ...loss, path: "seed", side: "response" })
    expect(book.list().map(({ side, count }) => [side, count])).toEqual([
      ["request", 2],
      ["response", 1],
    ])
  })

  test("name a field from the root, whether or not its encoder names the root", () => {
    const book = notices()
    book.note({ ...loss, path: "request.seed" })
    book.note({ ...loss, path: "seed" })
    expect(book.list()).toEqual([{ ...loss, path: "seed", count: 2 }])
  })

  test("are at most 64", () => {
    const book = notices()
    for (let index = 0; index < 100; index++) book.note({ ...loss, path: `field${index}` })
    expect(book.list().length).toBe(64)
  })
})
