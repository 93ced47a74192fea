import { describe, expect, test } from "bun:test"
import type { Notice } from "../../src/core/notice.ts"
import { inCallersWords, spellNotices, spellPath } from "../../src/core/notice-path.ts"

const table = {
  "turns[*].parts[*]": "items[*]",
  "turns[*].parts[*].": "items[*].content[*]",
  "turns[*].parts[*].mark": "items[*].cache",
  "answers[*]": "",
  size: "max_size",
}

describe("a path of the hub", () => {
  test("is spelled by the longest beginning that has a name", () => {
    expect(spellPath("turns[*].parts[*]", table)).toBe("items[*]")
    expect(spellPath("turns[*].parts[*].detail", table)).toBe("items[*].content[*].detail")
    expect(spellPath("turns[*].parts[*].mark.ttl", table)).toBe("items[*].cache.ttl")
    expect(spellPath("size", table)).toBe("max_size")
  })
  test("loses what the wire has no level for", () => {
    expect(spellPath("answers[*].score", table)).toBe("score")
  })
  test("stays as it is where nothing names it", () => {
    expect(spellPath("sizes.x", table)).toBe("sizes.x")
    expect(spellPath("toString", {})).toBe("toString")
  })
})

const notice = (side: Notice["side"], path: string, count = 1): Notice => ({
  code: "field-unsupported",
  path,
  effect: "dropped",
  side,
  count,
})

describe("notices", () => {
  const caller = { request: { size: "max_size" }, response: { size: "never" } }
  const upstream = { request: { size: "never" }, response: { size: "n", sizes: "n" } }

  test("speak of the request as its caller wrote it, of the answer as its vendor did, and are counted once", () => {
    const told = spellNotices([notice("request", "size"), notice("response", "size", 2), notice("response", "sizes")], {
      caller,
      upstream,
    })
    expect(told).toEqual([notice("request", "max_size"), notice("response", "n", 3)])
  })

  test("raised while a request is read speak as its caller does", () => {
    const heard: string[] = []
    inCallersWords(({ path }) => heard.push(path), caller)(notice("request", "size"))
    expect(heard).toEqual(["max_size"])
  })
})
