import { describe, expect, test } from "bun:test"
import type { ErrorKind, GatewayError } from "../../src/core/error.ts"
import { openaiChat } from "../../src/wires/openai-chat/index.ts"
import { openaiResponses } from "../../src/wires/openai-responses/index.ts"

const said = (message: string, more: object = {}) => JSON.stringify({ error: { message, ...more } })

describe.each([openaiChat, openaiResponses])("errors of $label", ({ id, error }) => {
  test.each<[string, number, string, ErrorKind]>([
    ["a named overload whatever the status", 500, said("Please slow down.", { code: "slow_down" }), "overloaded"],
    ["an overload told in words", 500, said("The model is at capacity right now."), "overloaded"],
    ["a failure that speaks of a missing model", 500, said("worker: model shard not found"), "server-error"],
    ["an overflow of a server that fails on it", 500, said("input exceeds the available context size"), "context-overflow"],
    ["details in a list's place", 422, JSON.stringify({ detail: { message: "no such field", code: "bad" } }), "invalid-request"],
    ["a wrong prompt", 400, said("Flagged.", { code: "invalid_prompt" }), "content-policy"],
    ["a proxy's words", 502, "upstream connect error", "server-error"],
  ])("%s", (_, status, body, kind) => {
    expect(error.decode(status, body, new Headers()).kind).toBe(kind)
  })

  test("another format's status and words are not shown", () => {
    const foreign: GatewayError = {
      kind: "rate-limit",
      blame: "key",
      message: "slow",
      upstream: { status: 529, type: "teapot", code: "x", wire: "elsewhere" },
    }
    expect(error.encode(foreign)).toEqual({
      status: 429,
      body: { error: { message: "slow", type: "rate_limit_error", param: null, code: "rate_limit_exceeded" } },
    })
    expect(error.encode({ ...foreign, upstream: { status: 403, type: "t", wire: id } }).status).toBe(403)
  })
})

test("what a vendor keeps may be missing, where it keeps anything", () => {
  const body = said("Response with id 'resp_1' not found.")
  expect(openaiResponses.error.decode(404, body, new Headers()).kind).toBe("not-found")
  expect(openaiChat.error.decode(404, body, new Headers()).kind).toBe("model-not-found")
})
