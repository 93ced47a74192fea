import { describe, expect, test } from "bun:test"
import { GatewayFault } from "../../src/core/error.ts"
import { type Expected, expectJson } from "../../src/core/expected.ts"
import { parseJson } from "../../src/lib/json.ts"

/** What is said about a JSON text; undefined when all is as expected. */
function said(text: string, expected: Expected): string | undefined {
  try {
    expectJson(parseJson(text), expected, "")
    return undefined
  } catch (error) {
    if (!(error instanceof GatewayFault)) throw error
    expect(error.error).toMatchObject({ kind: "invalid-request", blame: "request" })
    expect(error.message).toStartWith(error.error.param ?? "-")
    return error.message
  }
}

const block: Expected = { types: { text: { text: "string" }, empty: {} } }
const body: Expected = {
  fields: { n: "number", on: "boolean", any: "any", content: { either: ["string", { list: block }] }, o: "object" },
  required: ["content"],
}

describe("JSON as expected", () => {
  for (const text of [
    '{"content":"x"}',
    '{"content":[],"n":1,"on":false,"o":{},"any":[{}]}',
    '{"content":[{"type":"text","text":"x"},{"type":"empty"},{"type":"invented","text":7}]}',
    '{"content":"x","n":null,"on":null,"o":null}',
    '{"content":"x","n":12345678901234567890,"unknown":{"n":"x"}}',
    '{"content":"x","o":{"10":1,"2":2},"n":1e400}',
    '{"content":[{"type":"text","text":null}]}',
    '{"content":[{"type":"__proto__"},{"type":"constructor"}]}',
  ])
    test(text, () => expect(said(text, body)).toBeUndefined())
})

describe("the first thing that is not", () => {
  const table: readonly (readonly [string, string])[] = [
    ['{"n":"1","content":"x"}', "n: expected a number"],
    ['{"on":"true","content":"x"}', "on: expected true or false"],
    ['{"content":7}', "content: expected a string or a list"],
    ['{"content":{}}', "content: expected a string or a list"],
    ['{"content":[7]}', "content[0]: expected an object"],
    ['{"content":[null]}', "content[0]: expected an object"],
    ['{"content":[{"type":"text","text":"x"},{"text":"x"}]}', "content[1].type: expected a string"],
    ['{"content":[{"type":7}]}', "content[0].type: expected a string"],
    ['{"content":[{"type":"text","text":{"10":1}}]}', "content[0].text: expected a string"],
    ['{"content":"x","o":[]}', "o: expected an object"],
    ['{"content":"x","o":12345678901234567890}', "o: expected an object"],
    ["{}", "content is required"],
    ['{"content":null}', "content is required"],
  ]
  for (const [text, message] of table) test(`${text}: ${message}`, () => expect(said(text, body)).toBe(message))
})

test("what has no type is read as what it then is, where there is such a thing", () => {
  const untyped: Expected = { list: { types: { a: { x: "string" } }, untyped: { y: "string" } } }
  expect(said('[{"y":"1"},{"type":"a","y":2}]', untyped)).toBeUndefined()
  expect(said('[{"y":1}]', untyped)).toBe("[0].y: expected a string")
})
