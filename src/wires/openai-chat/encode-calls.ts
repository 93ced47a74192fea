import type { Block, ToolCallBlock } from "../../core/block.ts"
import { overlay } from "../../core/lens.ts"
import { changedFields, originOf, untouched } from "../../core/node.ts"
import { envelopeMark, sealForClient } from "../../core/seal.ts"
import { asObject, type Json, type JsonObject } from "../../lib/json.ts"
import { hasEnvelope } from "./decode-calls.ts"
import { fragmentOf } from "./media.ts"
import { idOnWire, nameOnWire } from "./names.ts"
import { hasClosedSeal, openForTarget } from "./seal-issuer.ts"
import { sealedText } from "./seal-place.ts"
import { members, wireId } from "./types.ts"
import { isHere, noteRest, type Writer } from "./writer.ts"

const callTable = {
  id: ["id"],
  name: ["function", "custom"],
  namespace: ["function", "custom"],
  input: ["function", "custom"],
  form: ["type", "function", "custom"],
  seal: ["extra_content"],
}

const isEnveloped = (data: string): boolean => data.startsWith(envelopeMark)

/** The entry in `tool_calls`, at its ordinal in the turn. */
export function encodeCall(block: Block, at: number, writer: Writer): Json | undefined {
  if (block.type === "foreign") return fragmentOf(block.value, "tool_calls")
  if (block.type !== "tool-call") return undefined
  const from = originOf(block)
  const here = isHere(block, writer)
  const source = here ? asObject(from?.json) : undefined
  const enveloped = here && hasEnvelope(from?.json, { isEnveloped })
  const isClosed = writer.place === "request" && hasClosedSeal([block], writer.exchange)
  if (here && untouched(block) && !enveloped && !isClosed) return from?.json
  if (!here) noteRest(block, writer)
  const inner = encodeInner(block, writer, source)
  const kind = block.form === "text" ? "custom" : "function"
  const built = members({
    id: writer.place === "request" ? idOnWire(block.id, block, writer.exchange, `${writer.path}.id`) : block.id,
    type: kind,
    [kind]: inner,
    extra_content: signatureKeys(block, at, writer),
  })
  const changed = changedFields(block)
  if (!source || !changed) return built
  return overlay(source, built, enveloped || isClosed ? new Set([...changed, "seal"]) : changed, callTable)
}

export function wireName(block: ToolCallBlock, { exchange, place, path, note }: Writer): string {
  if (place === "request") return nameOnWire(block, exchange, path)
  if (block.namespace === undefined) return block.name
  note({ code: "tool-name-adapted", path, effect: "adapted", side: "response" })
  return `${block.namespace}__${block.name}`
}

function encodeInner(block: ToolCallBlock, writer: Writer, source: JsonObject | undefined): JsonObject {
  const name = wireName(block, writer)
  if (block.form === "text") return laidOver(asObject(source?.custom), { name, input: block.input })
  return laidOver(asObject(source?.function), { name, arguments: block.input })
}

const laidOver = (was: JsonObject | undefined, built: JsonObject): JsonObject =>
  was ? overlay(was, built, new Set(["all"]), { all: Object.keys(built) }) : built

/** A call's signature where clients and servers that know it on the call look for it. */
function signatureKeys(block: ToolCallBlock, at: number, { exchange, place, path }: Writer): JsonObject | undefined {
  const { seal } = block
  if (!seal) return undefined
  if (place === "response") return carry(sealForClient(seal, exchange.clientHome, at, sealedText(block) ?? ""))
  if (exchange.target.features.has("reasoning-details")) return undefined
  const open = openForTarget(seal, exchange, `${path}.seal`)
  return open && carry(open.data)
}

export const carry = (signature: string): JsonObject => ({ google: { thought_signature: signature } })

/** The deprecated `function_call`. */
export function encodeLegacyCall(block: ToolCallBlock, writer: Writer): Json {
  const from = originOf(block)
  if (isHere(block, writer) && untouched(block) && from?.json !== undefined) return from.json
  return laidOver(asObject(from?.json), { name: wireName(block, writer), arguments: block.input })
}

export const isOwnCall = (block: Block): boolean =>
  (block.type === "tool-call" && block.by !== "provider") ||
  (block.type === "foreign" && block.wire === wireId && fragmentOf(block.value, "tool_calls") !== undefined)
