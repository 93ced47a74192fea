import { describe, expect, test } from "bun:test"
import type { Wire } from "../../../src/core/wire.ts"
import { asArray, asObject, type Json, type JsonObject } from "../../../src/lib/json.ts"
import { anthropicMessages } from "../../../src/wires/anthropic-messages/index.ts"
import { openaiChat } from "../../../src/wires/openai-chat/index.ts"
import { type Trial, trial } from "../../conformance/exchange.ts"

interface Sent {
  readonly body: JsonObject
  readonly exchange: Trial
}

function sent(client: Wire, body: JsonObject): Sent {
  const request = client.request.decode(body, () => {})
  const exchange = trial(client, anthropicMessages, { request })
  return { body: anthropicMessages.request.encode(request, exchange) as JsonObject, exchange }
}

const messages = [{ role: "user", content: "Hi." }]
const strictTool = (name: string, parameters: JsonObject): JsonObject => ({
  type: "function",
  function: { name, strict: true, parameters },
})
const closed = (properties: JsonObject, required = Object.keys(properties)): JsonObject => ({
  type: "object",
  properties,
  required,
  additionalProperties: false,
})
const maybe: JsonObject = { anyOf: [{ type: "string" }, { type: "null" }] }

const asks = (schema: JsonObject): JsonObject => ({
  model: "m",
  messages,
  response_format: { type: "json_schema", json_schema: { name: "x", schema } },
})
const schemaSent = (schema: JsonObject): Json | undefined =>
  asObject(asObject(sent(openaiChat, asks(schema)).body.output_config)?.format)?.schema

describe("the schema of an answer from another format", () => {
  test("says in words what the vendor would refuse", () => {
    const list = { type: "array", minItems: 2, maxItems: 3, items: { type: "string", minLength: 1, format: "regex" } }
    const schema = closed({ n: { type: "integer", description: "How many", minimum: 1, exclusiveMaximum: 1.5 }, list })
    expect(schemaSent(schema)).toEqual(
      closed({
        n: { type: "integer", description: "How many (minimum: 1, exclusiveMaximum: 1.5)" },
        list: {
          type: "array",
          items: { type: "string", description: '(minLength: 1, format: "regex")' },
          description: "(minItems: 2, maxItems: 3)",
        },
      }),
    )
  })

  test("keeps what it takes", () => {
    const schema = closed({
      list: { type: "array", minItems: 1, items: { type: "string", format: "date", pattern: "^2", enum: ["2026-01-01"] } },
      minimum: { type: "number", default: 2 },
    })
    expect(schemaSent(schema)).toEqual(schema)
  })

  test("has one word for alternatives, and closes objects wherever they are", () => {
    const open = { type: "object", properties: { a: { type: "string" } } }
    expect(schemaSent({ oneOf: [open], $defs: { open } })).toEqual({
      anyOf: [{ ...open, additionalProperties: false }],
      $defs: { open: { ...open, additionalProperties: false } },
    })
  })

  test("loses none of two lists of alternatives", () => {
    const both = { anyOf: [{ minimum: 1 }, { type: "null" }], oneOf: [{ type: "integer" }, { type: "null" }] }
    expect(schemaSent(closed({ both }))).toEqual(
      closed({
        both: {
          anyOf: [{ description: "(minimum: 1)" }, { type: "null" }],
          description: '(oneOf: [{"type":"integer"},{"type":"null"}])',
        },
      }),
    )
  })

  test("is told of", () => {
    expect(sent(openaiChat, asks({ type: "number", minimum: 1 })).exchange.list()).toContainEqual(
      expect.objectContaining({ code: "field-adapted", path: "output.schema" }),
    )
  })

  test("of a caller of the vendor's own is as it was", () => {
    const format = { type: "json_schema", schema: { type: "number", minimum: 1 } }
    const body = { model: "m", max_tokens: 9, messages, output_config: { format } }
    expect(sent(anthropicMessages, body).body.output_config).toEqual({ format })
  })
})

const strictOnes = ({ body }: Sent): readonly Json[] =>
  (asArray(body.tools) ?? []).flatMap((tool) => (asObject(tool)?.strict === true ? [asObject(tool)?.name ?? null] : []))

describe("strict tools from another format", () => {
  test("are as strict as they were where the vendor takes them so", () => {
    const made = sent(openaiChat, { model: "m", messages, tools: [strictTool("f", closed({ a: { type: "string" } }))] })
    expect(strictOnes(made)).toEqual(["f"])
    expect(made.exchange.list().map(({ path }) => path)).not.toContain("tools[*].strict")
  })

  test("are not strict where the vendor would refuse their schema, which they keep", () => {
    const limited = closed({ n: { type: "integer", minimum: 1 } })
    const made = sent(openaiChat, { model: "m", messages, tools: [strictTool("f", limited), strictTool("g", closed({}))] })
    expect(strictOnes(made)).toEqual(["g"])
    expect(asObject(asArray(made.body.tools)?.[0])?.input_schema).toEqual(limited)
    expect(made.exchange.list()).toContainEqual(expect.objectContaining({ path: "tools[*].strict", effect: "dropped", count: 1 }))
  })

  test("are closed where they do not say that they are open", () => {
    const inner = { type: "object", properties: { a: { type: "string" } }, required: ["a"] }
    const made = sent(openaiChat, { model: "m", messages, tools: [strictTool("f", { ...closed({ inner }) })] })
    expect(strictOnes(made)).toEqual(["f"])
    expect(asObject(asArray(made.body.tools)?.[0])?.input_schema).toEqual(
      closed({ inner: { ...inner, additionalProperties: false } }),
    )
    const open = closed({ inner: { ...inner, additionalProperties: { type: "string" } } })
    expect(strictOnes(sent(openaiChat, { model: "m", messages, tools: [strictTool("f", open)] }))).toEqual([])
  })

  const many = (count: number, schema: JsonObject) =>
    sent(openaiChat, {
      model: "m",
      messages,
      tools: Array.from({ length: count }, (_, index) => strictTool(`f${index}`, schema)),
    })

  test("are no more than the vendor takes", () => {
    expect(strictOnes(many(25, closed({ a: { type: "string" } })))).toHaveLength(20)
  })

  test("have together no more members of two types than the vendor takes", () => {
    expect(strictOnes(many(6, closed({ a: maybe, b: maybe, c: { type: ["string", "null"] } })))).toHaveLength(5)
  })

  test("have together no more members that may be left out than the vendor takes, those of the answer's schema counted", () => {
    const loose = closed({ a: { type: "string" }, b: { type: "string" } }, [])
    expect(strictOnes(many(13, loose))).toHaveLength(12)
    const tools = Array.from({ length: 13 }, (_, index) => strictTool(`f${index}`, loose))
    expect(strictOnes(sent(openaiChat, { ...asks(loose), tools }))).toHaveLength(11)
  })

  test("of the vendor's own callers are theirs to count", () => {
    const tools = Array.from({ length: 25 }, (_, index) => ({ name: `f${index}`, strict: true, input_schema: closed({}) }))
    expect(strictOnes(sent(anthropicMessages, { model: "m", max_tokens: 9, messages, tools }))).toHaveLength(25)
  })
})
