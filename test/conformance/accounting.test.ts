import { describe, expect, test } from "bun:test"
import type { Message } from "../../src/core/message.ts"
import type { Request } from "../../src/core/request.ts"
import { differingPaths, noticePaths, related } from "./accounting.ts"
import { regroupRequest } from "./regroup.ts"

const text = (text: string) => ({ type: "text", text }) as const
const request = (...messages: Message[]): Request => ({ model: "m", messages, pins: [] })
const call = (id: string) => ({ type: "tool-call", id, name: "look", input: '{"a": 1}' }) as const
const result = (id: string) => ({ type: "tool-result", id, content: [text("found")] }) as const

const paths = (left: Request, right: Request) => differingPaths(regroupRequest(left), regroupRequest(right))

describe("regrouping", () => {
  test("makes instructions and a leading system message one", () => {
    const instructed: Request = { ...request({ role: "user", blocks: [text("hi")] }), instructions: [text("be brief")] }
    expect(
      paths(instructed, request({ role: "system", blocks: [text("be brief")] }, { role: "user", blocks: [text("hi")] })),
    ).toEqual([])
  })

  test("does not see containers, spacing of inputs, names of ids or where in a turn results stand", () => {
    const items = request(
      { role: "assistant", blocks: [call("a")] },
      { role: "assistant", blocks: [call("b")] },
      { role: "user", blocks: [text("and")] },
      { role: "user", blocks: [result("a"), result("b")] },
    )
    const turned = request(
      { role: "assistant", blocks: [{ ...call("x"), input: '{"a":1}' }, call("y")] },
      { role: "user", blocks: [result("x"), result("y"), text("and")] },
    )
    expect(paths(items, turned)).toEqual([])
  })

  test("sees a result that answers another call", () => {
    const right = request({ role: "assistant", blocks: [call("a"), call("b")] }, { role: "user", blocks: [result("a")] })
    const wrong = request({ role: "assistant", blocks: [call("a"), call("b")] }, { role: "user", blocks: [result("b")] })
    expect(paths(right, wrong)).toEqual(["messages[*].blocks[*].id"])
  })

  test("does not merge the text of neighbours", () => {
    expect(
      paths(request({ role: "user", blocks: [text("a"), text("b")] }), request({ role: "user", blocks: [text("ab")] })),
    ).not.toEqual([])
  })
})

describe("differing paths", () => {
  test("name the missing block, field, tool and role", () => {
    const full: Request = {
      ...request({ role: "developer", blocks: [{ ...text("a"), cache: { ttl: "5m" } }, text("b")] }),
      temperature: 1,
      tools: [{ type: "function", name: "look", strict: true }],
    }
    const less: Request = { ...request({ role: "system", blocks: [text("a")] }), tools: [{ type: "function", name: "look" }] }
    expect([...paths(full, less)].sort()).toEqual([
      "messages[*].blocks[*]",
      "messages[*].blocks[*].cache",
      "messages[*].role",
      "temperature",
      "tools[*].strict",
    ])
  })
})

describe("a notice", () => {
  test("covers what lies at, above or below its path", () => {
    expect(related("messages[*].blocks[*]", "messages[*].blocks[*].cache")).toBe(true)
    expect(related("reasoning.effort", "reasoning")).toBe(true)
    expect(related("reasoning", "reasoningBudget")).toBe(false)
  })

  test("about instructions is about messages here", () => {
    expect(noticePaths({ path: "request.instructions[*].cache" })).toEqual(["messages[*].blocks[*].cache"])
    expect(noticePaths({ path: "candidates[*].messages[*].blocks[*]" })).toEqual(["messages[*].blocks[*]"])
  })
})
