import type { Block, Seal, ToolCallBlock } from "../../core/block.ts"
import { restOf } from "../../core/lens.ts"
import { attach, nothing, originOf } from "../../core/node.ts"
import { openEnvelope, sealedHash } from "../../core/seal.ts"
import { asArray, asObject, asString, isJsonText, type Json, type JsonObject, parseJson, stringifyJson } from "../../lib/json.ts"
import { fragment } from "./media.ts"
import type { Reader } from "./reader.ts"
import { sealedText } from "./seal-place.ts"
import { callKeys, wireId } from "./types.ts"

/** The calls in `tool_calls`, then the one in the deprecated `function_call`. */
export function readCalls(message: JsonObject, reader: Reader): readonly Block[] {
  const calls = decodeCalls(asArray(message.tool_calls), reader)
  const legacy = asObject(message.function_call)
  return legacy ? [...calls, decodeLegacyCall(legacy, reader)] : calls
}

function decodeCalls(list: readonly Json[] | undefined, reader: Reader): readonly Block[] {
  if (!list || list.length === 0) return nothing
  const calls: Block[] = []
  for (const json of list) calls.push(decodeCall(json, reader))
  return calls
}

/** Arguments as source text; nothing at all is an empty object, and a value that is not a string is what it spells. */
export function inputOf(json: Json | undefined): string {
  if (json === undefined || json === null || json === "") return "{}"
  return asString(json) ?? stringifyJson(json)
}

function decodeCall(json: Json, reader: Reader): Block {
  const from = { wire: wireId, place: reader.place, json }
  const call = asObject(json)
  const custom = asObject(call?.custom)
  const inner = asObject(call?.function) ?? custom
  const name = asString(inner?.name)
  if (!call || !inner || name === undefined)
    return attach<Block>({ type: "foreign", wire: wireId, value: fragment("tool_calls", json) }, from)
  const input = custom ? (asString(custom.input) ?? "") : inputOf(inner.arguments)
  const id = asString(call.id)
  const block: ToolCallBlock = {
    type: "tool-call",
    id: id === undefined || id === "" ? reader.missingId(name, input) : reader.id(id),
    ...reader.name(name),
    input,
    ...(custom ? { form: "text" } : {}),
  }
  const rest = [...restOf(call, callKeys), ...innerRest(call), ...extraRest(call)]
  return withSignature(attach<ToolCallBlock>(unwrapped(block, name, reader), { ...from, rest }), call, reader)
}

/** A free-text call that was imitated by a function with one string. */
export function unwrapped(block: ToolCallBlock, wireName: string, reader: Reader): ToolCallBlock {
  if (block.form === "text" || !reader.isImitated(wireName)) return block
  return { ...block, form: "text", input: imitatedInput(block.input) }
}

/** What the one string of an imitated free-text tool says. */
export function imitatedInput(input: string): string {
  const text = isJsonText(input) ? asString(asObject(parseJson(input))?.input) : undefined
  return text ?? input
}

/** Where one family of models puts the signature of a call, and what this gateway puts there for clients. */
export const signatureOf = (call: JsonObject): string | undefined =>
  asString(asObject(asObject(call.extra_content)?.google)?.thought_signature)

function withSignature(block: ToolCallBlock, call: JsonObject, reader: Reader): Block {
  const data = signatureOf(call)
  if (data === undefined || data === "") return block
  if (!reader.isEnveloped(data)) {
    return resealed(block, { issuer: reader.issuer, kind: "signature", data }, call, reader)
  }
  const envelope = openEnvelope(data)
  if (envelope && envelope.over === sealedHash(sealedText(block) ?? "")) return resealed(block, envelope.seal, call, reader)
  reader.stale()
  return block
}

const extraKeys: ReadonlySet<string> = new Set(["google"])
const googleKeys: ReadonlySet<string> = new Set(["thought_signature"])

const resealed = (block: ToolCallBlock, seal: Seal, call: JsonObject, { place }: Reader): Block =>
  attach<Block>(
    { ...block, seal },
    {
      wire: wireId,
      place,
      json: call,
      rest: [...restOf(call, callKeys), ...innerRest(call), ...extraRest(call)],
    },
  )

/** Unmodelled keys inside a call's function or free-text value. */
const innerRest = (call: JsonObject): readonly string[] =>
  (["function", "custom"] as const).flatMap((kind) =>
    restOf(asObject(call[kind]) ?? {}, innerKeys[kind]).map((key) => `${kind}.${key}`),
  )

/** Unmodelled keys beside a call's signature. */
const extraRest = (call: JsonObject): readonly string[] => {
  const extra = asObject(call.extra_content) ?? {}
  const inner = restOf(asObject(extra.google) ?? {}, googleKeys)
  return [...restOf(extra, extraKeys), ...inner].length > 0 ? ["extra_content"] : []
}

const innerKeys = { function: new Set(["name", "arguments"]), custom: new Set(["name", "input"]) } as const

function decodeLegacyCall(call: JsonObject, reader: Reader): Block {
  const name = asString(call.name) ?? ""
  const input = inputOf(call.arguments)
  const block: ToolCallBlock = { type: "tool-call", id: reader.missingId(name, input), ...reader.name(name), input }
  return attach<Block>(block, { wire: wireId, place: reader.place, json: call, rest: restOf(call, callKeys) })
}

/** True for a call that came in the deprecated place. */
export function isLegacyCall(block: Block): boolean {
  const from = originOf(block)
  const source = from?.wire === wireId ? asObject(from.json) : undefined
  return source !== undefined && source.function === undefined && source.custom === undefined && source.name !== undefined
}

export const hasEnvelope = (call: Json | undefined, reader: Pick<Reader, "isEnveloped">): boolean => {
  const data = signatureOf(asObject(call) ?? {})
  return data !== undefined && reader.isEnveloped(data)
}
