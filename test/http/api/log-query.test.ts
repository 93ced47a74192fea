import { expect, test } from "bun:test"
import fc from "fast-check"
import { GatewayFault } from "../../../src/core/error.ts"
import { filterNames, logQueryOf, parametersOf } from "../../../src/http/api/log-query.ts"

test("every filter by its name", () => {
  const query = logQueryOf({
    limit: "20",
    cursor: "abc",
    start_time: "2026-11-22T10:00:00Z",
    end_time: "1795345200000",
    providers: "north,south",
    models: "model-a",
    selected_key_ids: "key-1",
    dialects: "v1,openai",
    status: "error",
    error_kinds: "timeout,network",
    stop_reasons: "length",
    session_id: "s1",
    request_id: "call-1",
    stream: "false",
    min_latency: "10",
    max_latency: "20.5",
    min_tokens: "1",
    max_tokens: "2",
    min_cost: "0.001",
    max_cost: "1",
    missing_cost_only: "true",
    search: " gpt  timeout ",
  })
  expect(query).toEqual({
    limit: 20,
    cursor: "abc",
    from: Date.UTC(2026, 10, 22, 10),
    to: 1_795_345_200_000,
    providers: ["north", "south"],
    models: ["model-a"],
    keys: ["key-1"],
    dialects: ["v1", "openai"],
    status: "error",
    errorKinds: ["timeout", "network"],
    stopReasons: ["length"],
    sessionId: "s1",
    requestId: "call-1",
    stream: false,
    minDurationMs: 10,
    maxDurationMs: 20.5,
    minTokens: 1,
    maxTokens: 2,
    minCost: 0.001,
    maxCost: 1,
    missingCost: true,
    search: ["gpt", "timeout"],
  })
  expect(Object.keys(query)).toHaveLength(filterNames.length)
})

test("without any, the newest 50", () => {
  expect(logQueryOf({})).toEqual({ limit: 50 })
  expect(logQueryOf({ providers: undefined })).toEqual({ limit: 50 })
})

test.each([
  ["limit", "0"],
  ["limit", "1001"],
  ["limit", "1.5"],
  ["limit", "many"],
  ["start_time", "yesterday"],
  ["end_time", "-5"],
  ["start_time", "2026-11-22T10:00:00"],
  ["end_time", "42"],
  ["error_kinds", "timeout,nope"],
  ["stop_reasons", "stop"],
  ["dialects", "v2"],
  ["error_kind", "timeout"],
  ["models", Array.from({ length: 101 }, (_, index) => index).join(",")],
  ["status", "processing"],
  ["stream", "yes"],
  ["max_latency", "-1"],
  ["min_tokens", "NaN"],
  ["max_cost", "Infinity"],
  ["missing_cost_only", "1"],
  ["session_id", "x".repeat(513)],
  ["search", "a ".repeat(11)],
  ["search", "x".repeat(513)],
  ["no_such_filter", "x"],
  ["constructor", "x"],
])("%s=%s is refused by name", (name, text) => {
  let thrown: unknown
  try {
    logQueryOf({ [name]: text })
  } catch (problem) {
    thrown = problem
  }
  expect(thrown).toBeInstanceOf(GatewayFault)
  expect(thrown).toMatchObject({ error: { kind: "invalid-request", param: name } })
})

test("seconds and milliseconds are the same time", () => {
  expect(logQueryOf({ start_time: "1795345200", end_time: "1795345200000" })).toMatchObject({
    from: 1_795_345_200_000,
    to: 1_795_345_200_000,
  })
})

test.each([
  ["end_time", { start_time: "2026-11-22", end_time: "2026-11-21" }],
  ["max_latency", { min_latency: "2", max_latency: "1" }],
  ["max_tokens", { min_tokens: "1", max_tokens: "0" }],
  ["max_cost", { min_cost: "0.2", max_cost: "0.1" }],
])("a range that ends before it begins is refused by the name of its end, %s", (name, parameters) => {
  expect(() => logQueryOf(parameters)).toThrow(`${name} must be no less than`)
  expect(logQueryOf({ min_cost: "1", max_cost: "1" })).toMatchObject({ minCost: 1, maxCost: 1 })
})

test("an empty filter is none, as forms send it", () => {
  for (const name of filterNames) for (const text of ["", " "]) expect(logQueryOf({ [name]: text })).toEqual({ limit: 50 })
  expect(logQueryOf({ providers: ", ,", search: "," })).toEqual({ limit: 50, search: [","] })
  expect(() => logQueryOf({ no_such_filter: "" })).toThrow("there is no filter no_such_filter")
  const form = new URLSearchParams("search=&search=x&models=&models=a&models=&status=error&status=&limit=")
  expect(logQueryOf(parametersOf(form))).toEqual({ limit: 50, search: ["x"], models: ["a"], status: "error" })
})

test("a word that is none of the known ones is named beside them", () => {
  expect(() => logQueryOf({ error_kinds: "timeout,rate_limit" })).toThrow(
    /^error_kinds holds "rate_limit", which is none of .*rate-limit, /,
  )
  expect(() => logQueryOf({ error_kind: "timeout" })).toThrow("there is no filter error_kind: did you mean error_kinds?")
})

test("lists may come in parts, anything else only once", () => {
  expect(parametersOf(new URLSearchParams("models=a&limit=5&models=b,c"))).toEqual({ models: "a,b,c", limit: "5" })
  expect(() => parametersOf(new URLSearchParams("limit=5&limit=6"))).toThrow("limit must be given once")
  expect(() => parametersOf(new URLSearchParams("start_time=0&start_time=0"))).toThrow("start_time must be given once")
})

test("whatever is asked is a query or names the parameter that is wrong", () => {
  const name = fc.oneof(fc.constantFrom(...filterNames), fc.string())
  const text = fc.oneof(
    fc.string(),
    fc.constantFrom("", "1", "-1", "1e999", "true", "2026-11-22", "error", "timeout", "v1,openai"),
  )
  fc.assert(
    fc.property(fc.array(fc.tuple(name, text), { maxLength: 6 }), (pairs) => {
      const asked = new URLSearchParams(pairs)
      try {
        expect(logQueryOf(parametersOf(asked)).limit).toBeGreaterThan(0)
      } catch (problem) {
        expect(problem).toBeInstanceOf(GatewayFault)
        const { kind, param = "" } = (problem as GatewayFault).error
        expect(kind).toBe("invalid-request")
        expect([...asked.keys()].map((given) => given.slice(0, 80))).toContain(param)
      }
    }),
  )
})
