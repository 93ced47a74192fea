import type { Block, Pin } from "../../core/block.ts"
import type { Exchange } from "../../core/exchange.ts"
import { deriveId } from "../../core/id.ts"
import { type FieldTable, noteRest, overlay } from "../../core/lens.ts"
import { holdsCall } from "../../core/message.ts"
import { changedFields, nothing, originOf } from "../../core/node.ts"
import type { Candidate, Response, Stop } from "../../core/response.ts"
import { asArray, asObject, type Json, type JsonObject } from "../../lib/json.ts"
import { encodeBlocks } from "./encode-blocks.ts"
import { encodeStop, finalStop } from "./stop.ts"
import { type EncodeContext, inside, wireId } from "./types.ts"
import { answerTiers, encodeUsage, ordinaryTiers } from "./usage.ts"

export const answerPath = "candidates[*].messages[*].blocks[*]"

export const clientContext = (exchange: Exchange): EncodeContext => ({
  wire: wireId,
  place: "response",
  side: "response",
  note: exchange.note,
  path: "",
  exchange,
})

const table: FieldTable = {
  id: ["id"],
  model: ["model"],
  content: ["content"],
  stop: ["stop_reason", "stop_sequence", "stop_details"],
  blocked: ["stop_reason", "stop_sequence", "stop_details"],
  usage: ["usage"],
  serviceTier: ["usage"],
  pins: ["container"],
}

export function encodeResponse(response: Response, exchange: Exchange): Json {
  const context = clientContext(exchange)
  const from = originOf(response)
  const source = from?.wire === wireId && from.place === "response" ? asObject(from.json) : undefined
  if (!source) noteRest(response, context, "response")
  const candidate = onlyCandidate(response.candidates, context)
  const blocks = blocksOf(candidate)
  noteMessages(candidate, context)
  const content = encodeContent(blocks, asArray(source?.content), context)
  if (!source) return built(response, candidate?.stop, blocks, content, context)
  const fields = editedFields(response, candidate, from?.view as Response)
  if (content !== source.content) fields.add("content")
  if (fields.size === 0) return source
  return overlay(source, built(response, candidate?.stop, blocks, content, context), fields, table)
}

/** The format has one answer. */
function onlyCandidate(candidates: readonly Candidate[], context: EncodeContext): Candidate | undefined {
  if (candidates.length > 1) noteCandidates(context)
  const only = candidates[0]
  if (only) noteRest(only, context, "candidates[*]")
  return only
}

/** Further candidates are lost with all that they say. */
export function noteCandidates({ note }: Pick<EncodeContext, "note">): void {
  for (const path of ["candidates[*]", answerPath])
    note({ code: "candidates-unsupported", path, effect: "dropped", side: "response" })
}

function blocksOf(candidate: Candidate | undefined): readonly Block[] {
  const messages = candidate?.messages ?? nothing
  return messages.length === 1 && messages[0] ? messages[0].blocks : messages.flatMap((message) => message.blocks)
}

function noteMessages(candidate: Candidate | undefined, context: EncodeContext): void {
  for (const message of candidate?.messages ?? nothing) noteRest(message, context, "candidates[*].messages[*]")
}

/** The source list where every block of it is as it was. */
function encodeContent(blocks: readonly Block[], source: readonly Json[] | undefined, context: EncodeContext): Json {
  const encoded = encodeBlocks(blocks, inside(context, answerPath))
  return source && source.length === encoded.length && source.every((one, index) => one === encoded[index]) ? source : encoded
}

/** Changed fields, where a copy of a candidate is no change: its blocks and its stop decide. */
function editedFields(response: Response, candidate: Candidate | undefined, view: Response): Set<string> {
  const changed = new Set(changedFields(response))
  changed.delete("candidates")
  if (!sameStop(candidate?.stop, view.candidates[0]?.stop)) changed.add("stop")
  return changed
}

const sameStop = (left: Stop | undefined, right: Stop | undefined): boolean =>
  left?.reason === right?.reason && left?.raw === right?.raw && left?.sequence === right?.sequence && left?.text === right?.text

function built(
  response: Response,
  said: Stop | undefined,
  blocks: readonly Block[],
  content: Json,
  context: EncodeContext,
): JsonObject {
  const stop = encodeStop(finalStop(response.blocked ?? said, holdsCall(blocks), context), context)
  const answer: Record<string, Json> = {
    id: response.id === "" ? deriveId("response", context.exchange.seed) : response.id,
    type: "message",
    role: "assistant",
    model: response.model,
    content,
    stop_reason: stop.stop_reason,
    stop_sequence: stop.stop_sequence,
  }
  if (stop.stop_details !== undefined) answer.stop_details = stop.stop_details
  answer.usage = encodeUsage(response.usage, answerTier(response.serviceTier, context), context)
  const container = containerOf(response.pins, context)
  if (container) answer.container = container
  return answer
}

/** The tiers that the vendor answers with. Another vendor's word for its ordinary service says nothing that its absence does not. */
export function answerTier(tier: string | undefined, context: EncodeContext): string | undefined {
  if (tier === undefined || answerTiers.has(tier)) return tier
  if (ordinaryTiers.has(tier)) return undefined
  context.note({ code: "field-unsupported", path: "serviceTier", effect: "dropped", side: "response" })
  return undefined
}

/** Of the vendor's own objects a client of this format knows containers alone. */
export function containerOf(pins: readonly Pin[], context: EncodeContext): JsonObject | undefined {
  if (pins.length === 0) return undefined
  const own = pins.find((pin) => pin.kind === "container" && pin.issuer === context.exchange.clientHome)
  if (pins.some((pin) => pin !== own))
    context.note({ code: "pin-unsupported", path: "pins[*]", effect: "dropped", side: "response" })
  return own && { id: own.id }
}
