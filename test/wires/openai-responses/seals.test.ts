import { expect, test } from "bun:test"
import { readFileSync } from "node:fs"
import { join } from "node:path"
import type { Block, Seal } from "../../../src/core/block.ts"
import { collect } from "../../../src/core/collect.ts"
import { bimap } from "../../../src/core/exchange.ts"
import { isDerivedId } from "../../../src/core/id.ts"
import type { Response } from "../../../src/core/response.ts"
import { envelopeMark } from "../../../src/core/seal.ts"
import { steps } from "../../../src/core/steps.ts"
import { asArray, asObject, type JsonObject, parseJson } from "../../../src/lib/json.ts"
import { sseDecoder } from "../../../src/lib/sse.ts"
import { openaiResponses as wire } from "../../../src/wires/openai-responses/index.ts"
import { exchangeFor } from "./exchange.ts"

const seal = (data: string): Seal => ({ issuer: "elsewhere", kind: "signature", data })
const blocks: readonly Block[] = [
  { type: "reasoning", parts: [{ text: "A plan." }], seal: seal("over-thought") },
  { type: "text", text: "Two calls.", seal: seal("over-text") },
  { type: "tool-call", id: "c1", name: "look", input: '{"at":1}', seal: seal("over-first") },
  { type: "tool-call", id: "c2", name: "look", input: '{"at":1}', seal: seal("over-second") },
]
const answer: Response = {
  id: "a1",
  model: "m",
  candidates: [{ messages: [{ role: "assistant", blocks }], stop: { reason: "tool", raw: "tool" } }],
  pins: [],
}
const elsewhere = { wire: "elsewhere", issuer: "elsewhere" }

const shown = (): readonly JsonObject[] => {
  const body = asObject(wire.response.encode(answer, exchangeFor(undefined, elsewhere).exchange))
  return (asArray(body?.output) ?? []).map((item) => asObject(item) ?? {})
}

const echoed = (output: readonly JsonObject[]) => {
  const { exchange } = exchangeFor()
  const request = wire.request.decode({ model: "m", input: [{ role: "user", content: "Go." }, ...output] }, exchange.note)
  return request.messages.flatMap((message) => message.blocks)
}

const sealsOf = (list: readonly Block[]) => list.flatMap((block) => (block.seal ? [`${block.type} ${block.seal.data}`] : []))

test("every seal reaches a client in the one field that carries seals, in an envelope and under a derived id", () => {
  const sealed = shown().filter((item) => item.type === "reasoning")
  expect(sealed).toHaveLength(4)
  for (const item of sealed) {
    expect(String(item.encrypted_content).startsWith(envelopeMark)).toBe(true)
    expect(isDerivedId(String(item.id))).toBe(true)
  }
})

test("an echo brings each seal back to its own block, equal calls included", () => {
  expect(sealsOf(echoed(shown()))).toEqual(sealsOf(blocks))
})

test("a block whose text the client changed has no seal, and the others keep theirs", () => {
  const changed = shown().map((item) =>
    item.type === "message" ? { ...item, content: [{ type: "output_text", text: "Else." }] } : item,
  )
  expect(sealsOf(echoed(changed))).toEqual(["reasoning over-thought", "tool-call over-first", "tool-call over-second"])
})

test("a stream brings them back as well", () => {
  const { exchange } = exchangeFor(undefined, elsewhere)
  const encoder = wire.stream.encoder(exchange)
  const frames = [...steps(answer).flatMap((step) => [...encoder.push(step)]), ...encoder.flush("eof")]
  const decoder = wire.stream.decoder(exchangeFor().exchange)
  const seen = collect(frames.flatMap((frame) => [...decoder.push(frame)]))
  const list = seen.candidates.flatMap((one) => one.messages.flatMap((message) => message.blocks))
  expect(sealsOf(list).sort()).toEqual(sealsOf(blocks).sort())
})

const strayed = (output: readonly JsonObject[]): readonly JsonObject[] =>
  output.map((item) => (item.type === "message" ? { ...item, content: [{ type: "output_text", text: "Else." }] } : item))

test("a seal in an answer whose text is another by now is told about, whole and streamed", () => {
  const stale = [{ code: "seal-stale", path: "candidates[*].messages[*].blocks[*].seal", side: "response" }]
  const told = (list: readonly { code: string; path: string; side: string }[]) =>
    list.filter(({ code }) => code === "seal-stale").map(({ code, path, side }) => ({ code, path, side }))
  const output = strayed(shown())
  const whole = exchangeFor()
  wire.response.decode({ id: "r", status: "completed", output }, whole.exchange)
  expect(told(whole.list())).toEqual(stale)
  const streamed = exchangeFor()
  const decoder = wire.stream.decoder(streamed.exchange)
  const payloads: JsonObject[] = [
    ...output.flatMap((item, output_index) => [
      { type: "response.output_item.added", output_index, item },
      { type: "response.output_item.done", output_index, item },
    ]),
    { type: "response.completed", response: { id: "r", status: "completed", output: [] } },
  ]
  const seen = collect(payloads.flatMap((payload) => [...decoder.push({ data: JSON.stringify(payload) })]))
  expect(told(streamed.list())).toEqual(stale)
  const list = seen.candidates.flatMap((one) => one.messages.flatMap((message) => message.blocks))
  expect(sealsOf(list)).toEqual(["reasoning over-thought", "tool-call over-first", "tool-call over-second"])
})

test("an enveloped seal goes bare to its issuer and not at all to another", () => {
  const request = wire.request.decode({ model: "m", input: [...shown()] }, () => {})
  const own = JSON.stringify(
    wire.request.encode(request, { ...exchangeFor(request, { issuer: "elsewhere" }).exchange, names: bimap() }),
  )
  expect(own).toContain("over-thought")
  expect(own).not.toContain(envelopeMark)
  const { exchange, list } = exchangeFor(request)
  const other = JSON.stringify(wire.request.encode(request, exchange))
  expect(other).not.toContain("over-thought")
  expect(other).not.toContain(envelopeMark)
  expect(list().map((notice) => notice.code)).toContain("seal-foreign")
})

test("another vendor of the same wire has its seals wrapped, in bodies and in streams, and nothing else changed", () => {
  const { exchange } = exchangeFor(undefined, { issuer: "somebody" })
  const name = (folder: string, file: string) => join(import.meta.dir, "../../fixtures/openai-responses", folder, file)
  const body = asObject(parseJson(readFileSync(name("responses", "reasoning-signed.json"), "utf8"))) ?? {}
  const shownBody = asObject(wire.response.encode(wire.response.decode(body, exchange), exchange)) ?? {}
  const [thought, call] = asArray(shownBody.output) ?? []
  const sealed = asObject(thought)?.encrypted_content
  expect(String(sealed).startsWith(envelopeMark)).toBe(true)
  expect(call).toEqual(asArray(body.output)?.[1] as never)
  const request = wire.request.decode({ model: "m", input: [thought ?? null] }, () => {})
  expect(request.messages[0]?.blocks[0]).toMatchObject({ parts: [{ summary: true }], seal: { issuer: "somebody", id: "rs_g1" } })
  const frames = sseDecoder({ maxFrameBytes: 1 << 20 }).push(readFileSync(name("streams", "reasoning-signed.sse")))
  const decoder = wire.stream.decoder(exchange)
  const encoder = wire.stream.encoder(exchange)
  const out = frames.flatMap((frame) => [...decoder.push(frame)]).flatMap((step) => [...encoder.push(step)])
  const changed = out.filter((frame, index) => frame.data !== frames[index]?.data)
  expect(changed.map((frame) => frame.event)).toEqual(["response.output_item.done", "response.completed"])
  expect(JSON.stringify(out)).not.toContain("gAAAAABsealedplan")
  expect(JSON.stringify(out)).toContain(String(sealed))
})
