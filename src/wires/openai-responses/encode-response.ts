import type { Block, Pin } from "../../core/block.ts"
import type { Exchange } from "../../core/exchange.ts"
import { deriveId } from "../../core/id.ts"
import { type FieldTable, overlay } from "../../core/lens.ts"
import type { Message } from "../../core/message.ts"
import { changedFields, originOf } from "../../core/node.ts"
import type { Candidate, Response, Stop } from "../../core/response.ts"
import { sealedHash, wrapSeal } from "../../core/seal.ts"
import { asObject, type Json, type JsonObject } from "../../lib/json.ts"
import { callsTool } from "./decode-response.ts"
import { encodeMessage } from "./encode-items.ts"
import { noteForeignRest, settleMessage, settleNodes } from "./nodes.ts"
import { responseBodies } from "./response-body.ts"
import { needsEnvelope, sealedText } from "./seals.ts"
import { encodeStop, type WireStop } from "./stop.ts"
import { wireId } from "./types.ts"
import { encodeUsage } from "./usage.ts"

const table: FieldTable = {
  id: ["id"],
  model: ["model"],
  created: ["created_at"],
  candidates: ["output", "output_text", "status", "incomplete_details"],
  blocked: ["status", "incomplete_details"],
  usage: ["usage"],
  serviceTier: ["service_tier"],
  pins: ["conversation"],
}

/** A response object as a caller of this API gets it. */
export function encodeResponse(given: Response, exchange: Exchange): Json {
  const response = settle(given)
  const from = originOf(response)
  const source = from?.wire === wireId ? asObject(from.json) : undefined
  const changed = source ? new Set(changedFields(response)) : undefined
  if (response.candidates[0]?.messages.some((message) => message.blocks.some(needsEnvelope))) changed?.add("candidates")
  if (source && changed?.size === 0) return from?.json ?? source
  if (!source) noteForeignRest(response, "", "response", exchange.note)
  const built = build(response, exchange)
  return source && changed ? overlay(source, built, changed, tableFor(response)) : built
}

/** Lists whose members are what was decoded count as unedited, copies included. */
function settle(response: Response): Response {
  const inner = response.candidates.map((candidate): Candidate => {
    const messages = settleNodes(candidate, "messages", candidate.messages.map(settleMessage))
    return messages === candidate.messages ? candidate : { ...candidate, messages }
  })
  const candidates = settleNodes(response, "candidates", inner)
  return candidates === response.candidates ? response : { ...response, candidates }
}

/** Editing what was said leaves the status as it was. */
function tableFor(response: Response): FieldTable {
  const view = originOf(response)?.view as Response | undefined
  const sameStop = view?.candidates[0]?.stop === response.candidates[0]?.stop
  return sameStop ? { ...table, candidates: ["output", "output_text"] } : table
}

function build(response: Response, exchange: Exchange): JsonObject {
  const { note } = exchange
  const [candidate] = response.candidates
  if (response.candidates.length > 1)
    note({ code: "candidates-unsupported", path: "candidates[*]", effect: "dropped", side: "response" })
  const messages = candidate?.messages ?? []
  if (candidate) noteForeignRest(candidate, "candidates[*]", "response", note)
  notePins(response.pins, exchange)
  const conversation = response.pins.find((pin) => pin.kind === "conversation")
  const output = encodeOutput(messages, exchange)
  return responseBodies(exchange)({
    id: response.id || deriveId("response", exchange.seed),
    model: response.model,
    created: response.created ?? Math.floor(exchange.now / 1000),
    stop: stopFor(
      candidate?.stop ?? response.blocked,
      messages.flatMap((message) => message.blocks),
      callsTool(messages),
      exchange,
    ),
    output,
    usage: encodeUsage(response.usage, note),
    ...(candidate?.stop.raw === "failed" ? { error: { code: "server_error", message: candidate.stop.text ?? "" } } : {}),
    ...(response.serviceTier === undefined ? {} : { serviceTier: response.serviceTier }),
    ...(conversation ? { conversation: conversation.id } : {}),
  })
}

/** Of what the vendor keeps, an answer can name a conversation alone. */
export function notePins(pins: readonly Pin[], { note }: Exchange): void {
  if (pins.some((pin) => pin.kind !== "conversation"))
    note({ code: "pin-unsupported", path: "pins", effect: "dropped", side: "response" })
}

/** The status of an answer, with a notice where the caller cannot see the reason any more. */
export function stopFor(
  stop: Stop | undefined,
  blocks: readonly Pick<Block, "type">[],
  calls: boolean,
  exchange: Exchange,
): WireStop {
  const { exact, ...encoded } = encodeStop(
    stop ?? { reason: "end", raw: "" },
    blocks.some((block) => block.type === "refusal"),
  )
  const sure = exact && (stop?.reason !== "tool" || calls)
  if (!sure) exchange.note({ code: "stop-adapted", path: "candidates[*].stop", effect: "adapted", side: "response" })
  return encoded
}

function encodeOutput(messages: readonly Message[], exchange: Exchange): readonly Json[] {
  let at = 0
  return messages.flatMap((message, index) => {
    const ordinal = at
    at += message.blocks.length
    return encodeMessage(message, {
      side: "response",
      exchange,
      path: "candidates[*].messages[*]",
      at: ordinal,
      deriveId: (kind, first) => deriveId(kind, exchange.seed, index, first),
      carrier: (block, place, first) => carrierItem(block, place, deriveId("item", exchange.seed, "seal", index, first)),
    })
  })
}

/** An item that only carries the seal of the block after it, for a kind of block that has no field for one here. */
export function carrierItem(block: Block, at: number, id: string): JsonObject | undefined {
  if (!block.seal) return undefined
  const sealed = wrapSeal({ seal: block.seal, at, over: sealedHash(sealedText(block)) })
  return { id, type: "reasoning", summary: [], encrypted_content: sealed }
}
