import fc from "fast-check"
import type { Block, Citation, Logprob, Pin, Seal } from "../../src/core/block.ts"
import type { Message, Tool } from "../../src/core/message.ts"
import type { Request } from "../../src/core/request.ts"
import type { Candidate, Response, Stop } from "../../src/core/response.ts"
import type { Usage } from "../../src/core/usage.ts"
import { type Json, stringifyJson } from "../../src/lib/json.ts"

/** Drops the keys that a model may or may not have. */
const optional = <T extends object, K extends keyof T>(
  model: { [P in keyof T]: fc.Arbitrary<T[P]> },
  required: K[],
): fc.Arbitrary<T> => fc.record(model, { requiredKeys: required }) as unknown as fc.Arbitrary<T>

export const text = fc.oneof(
  fc.string({ unit: "grapheme", maxLength: 24 }),
  fc.constantFrom("", "Hello", "naïve café", "👩‍👩‍👧 family", "line\r\nbreak\u2028", '<tag> & "quote"'),
)
export const words = fc.constantFrom("Hello there", "The weather is fine.", "One, two, three", "Sì, 12 °C ☂")
export const id = fc.stringMatching(/^[A-Za-z0-9_-]{6,20}$/)
export const name = fc.stringMatching(/^[a-z][a-z_]{2,12}$/)
export const exactJson = fc.constantFrom(
  '{"b":1,"10":2,"id":12345678901234567890,"x":1.0}',
  '{"city":"Paris"}',
  "{}",
  '{"nested":{"list":[1,2,{"a":null}],"e":1e5}}',
)
export const toolInput = fc.oneof(
  exactJson,
  fc.dictionary(name, fc.jsonValue({ maxDepth: 2 })).map((value) => stringifyJson(value as Json)),
)
const base64 = fc.uint8Array({ maxLength: 24 }).map((bytes) => Buffer.from(bytes).toString("base64"))

export const seal: fc.Arbitrary<Seal> = optional(
  {
    issuer: fc.constantFrom("anthropic", "openai", "google"),
    kind: fc.constantFrom("signature", "encrypted", "redacted"),
    data: fc.base64String({ minLength: 4, maxLength: 32 }),
    id,
  },
  ["issuer", "kind", "data"],
)
export const pin: fc.Arbitrary<Pin> = fc.record({
  kind: fc.constantFrom<Pin["kind"][]>("response", "conversation", "file", "container"),
  id,
  issuer: fc.constantFrom("anthropic", "openai"),
})
const logprob: fc.Arbitrary<Logprob> = fc.record({ token: words, logprob: fc.integer({ min: -20, max: 0 }) })
const citation: fc.Arbitrary<Citation> = optional<Citation, "source">(
  {
    span: fc.constant([0, 3] as const),
    quote: words,
    seal,
    source: fc.record({ kind: fc.constant("url" as const), url: fc.webUrl(), title: words }),
  } as never,
  ["source"],
)

const textBlock: fc.Arbitrary<Block> = fc
  .record({
    text,
    citations: fc.option(fc.array(citation, { minLength: 1, maxLength: 2 })),
    logprobs: fc.option(fc.array(logprob, { minLength: 1, maxLength: 3 })),
  })
  .map(({ text, citations, logprobs }) => ({
    type: "text",
    text,
    ...(citations ? { citations } : {}),
    ...(logprobs ? { logprobs } : {}),
  }))
const reasoningBlock: fc.Arbitrary<Block> = fc
  .record({
    parts: fc.array(fc.oneof(fc.record({ text }), fc.record({ text, summary: fc.constant(true as const) })), { maxLength: 3 }),
    seal: fc.option(seal),
  })
  .map(({ parts, seal }) => ({ type: "reasoning", parts, ...(seal ? { seal } : {}) }))
export const toolCallBlock: fc.Arbitrary<Block> = fc.record({
  type: fc.constant("tool-call" as const),
  id,
  name,
  input: toolInput,
})
const imageBlock: fc.Arbitrary<Block> = fc.record({
  type: fc.constant("media" as const),
  kind: fc.constantFrom("image" as const, "audio" as const),
  mime: fc.constantFrom("image/png", "audio/wav"),
  source: fc.record({ type: fc.constant("base64" as const), data: base64 }),
})
const refusalBlock: fc.Arbitrary<Block> = fc.record({ type: fc.constant("refusal" as const), text })
const compactionBlock: fc.Arbitrary<Block> = fc.record({ type: fc.constant("compaction" as const), text })
const foreignBlock: fc.Arbitrary<Block> = fc.record({
  type: fc.constant("foreign" as const),
  wire: fc.constant("somewhere"),
  value: fc.jsonValue({ maxDepth: 2 }) as fc.Arbitrary<Json>,
})
const resultBlock: fc.Arbitrary<Block> = fc.record({
  type: fc.constant("tool-result" as const),
  id,
  content: fc.array(fc.record({ type: fc.constant("text" as const), text }), { maxLength: 2 }),
  by: fc.constant("provider" as const),
})

/** Any block an answer may hold. */
export const answerBlock: fc.Arbitrary<Block> = fc.oneof(
  { weight: 4, arbitrary: textBlock },
  { weight: 3, arbitrary: toolCallBlock },
  { weight: 2, arbitrary: reasoningBlock },
  imageBlock,
  refusalBlock,
  compactionBlock,
  foreignBlock,
  resultBlock,
)

export const stop: fc.Arbitrary<Stop> = fc.constantFrom<Stop[]>(
  { reason: "end", raw: "stop" },
  { reason: "tool", raw: "tool_use" },
  { reason: "length", raw: "length" },
  { reason: "sequence", raw: "stop_sequence", sequence: "END" },
)

export const usage: fc.Arbitrary<Usage> = fc
  .record({ input: fc.nat(100_000), output: fc.nat(100_000), cached: fc.nat(1000) })
  .map(({ input, output, cached }) => ({
    lines: [{ kind: "answer", tokens: { input, output, "cache-read": cached } }],
    unexplained: 0,
    raw: { input, output, cached },
    wire: "somewhere",
  }))

const answerMessage: fc.Arbitrary<Message> = optional<Message, "role" | "blocks">(
  {
    role: fc.constant("assistant" as const),
    blocks: fc.array(answerBlock, { maxLength: 4 }),
    id,
    status: fc.constant("incomplete" as const),
  } as never,
  ["role", "blocks"],
)
const candidate: fc.Arbitrary<Candidate> = fc.record({ messages: fc.array(answerMessage, { maxLength: 3 }), stop })

export const response: fc.Arbitrary<Response> = optional<Response, "id" | "model" | "candidates" | "pins">(
  {
    id,
    model: name,
    created: fc.nat(2_000_000_000),
    candidates: fc.array(candidate, { maxLength: 2 }),
    usage,
    serviceTier: fc.constantFrom("default", "priority"),
    pins: fc.array(pin, { maxLength: 1 }),
  } as never,
  ["id", "model", "candidates", "pins"],
)

const tool: fc.Arbitrary<Tool> = fc.record({
  type: fc.constant("function" as const),
  name,
  description: words,
  schema: fc.constantFrom(
    '{"type":"object","properties":{}}',
    '{"type":"object","properties":{"n":{"type":"number","minimum":1.0}}}',
  ),
})

const said = (role: Message["role"], ...blocks: Block[]): Message => ({ role, blocks })

/** One exchange of a plausible history: a question, perhaps calls with their results, an answer. */
const round: fc.Arbitrary<readonly Message[]> = fc
  .record({
    ask: words,
    calls: fc.uniqueArray(toolCallBlock, { maxLength: 3, selector: (block) => ("id" in block ? block.id : "") }),
    answer: words,
  })
  .map(({ ask, calls, answer }) => {
    const question = said("user", { type: "text", text: ask })
    const reply = said("assistant", { type: "text", text: answer })
    if (calls.length === 0) return [question, reply]
    const results = calls.flatMap((call): Block[] =>
      call.type === "tool-call"
        ? [{ type: "tool-result", id: call.id, content: [{ type: "text", text: `result of ${call.name}` }] }]
        : [],
    )
    return [question, said("assistant", ...calls), said("user", ...results), reply]
  })

/** A request that every generation wire can carry without loss. */
export const request: fc.Arbitrary<Request> = fc
  .record({
    model: name,
    system: fc.option(words),
    rounds: fc.array(round, { maxLength: 3 }),
    last: words,
    tools: fc.uniqueArray(tool, { maxLength: 2, selector: (one) => ("name" in one ? one.name : "") }),
    maxOutput: fc.integer({ min: 1, max: 4096 }),
    temperature: fc.option(fc.constantFrom(0, 0.5, 1)),
  })
  .map(({ model, system, rounds, last, tools, maxOutput, temperature }) => ({
    model,
    ...(system === null ? {} : { instructions: [{ type: "text" as const, text: system }] }),
    messages: [...rounds.flat(), said("user", { type: "text", text: last })],
    ...(tools.length === 0 ? {} : { tools }),
    maxOutput,
    ...(temperature === null ? {} : { temperature }),
    pins: [],
  }))

/** Numbers to draw from wherever a test has to choose. */
export const choices = fc.array(fc.nat(9973), { minLength: 16, maxLength: 64 })

const spoken: fc.Arbitrary<Block> = fc.record({ type: fc.constant("text" as const), text: words })

/** An answer that every generation wire can carry without loss: words, then calls. */
export const plainResponse: fc.Arbitrary<Response> = fc
  .record({
    id,
    model: name,
    said: fc.option(spoken),
    calls: fc.uniqueArray(toolCallBlock, { maxLength: 3, selector: (block) => ("id" in block ? block.id : "") }),
    input: fc.nat(5000),
    output: fc.nat(5000),
  })
  .map(({ id, model, said, calls, input, output }) => ({
    id,
    model,
    candidates: [
      {
        messages: [{ role: "assistant" as const, blocks: [...(said ? [said] : []), ...calls] }],
        stop: calls.length > 0 ? { reason: "tool" as const, raw: "tool" } : { reason: "end" as const, raw: "end" },
      },
    ],
    usage: { lines: [{ kind: "answer", tokens: { input, output } }], unexplained: 0, raw: {}, wire: "somewhere" },
    pins: [],
  }))
