import type { Block, Logprob } from "../../core/block.ts"
import type { Exchange } from "../../core/exchange.ts"
import { type FieldTable, overlay, project } from "../../core/lens.ts"
import { holdsCall, type Message } from "../../core/message.ts"
import { changedFields, mappedNodes, nothing, originOf, untouched } from "../../core/node.ts"
import { type Candidate, type Response, type Stop, stopWithTools } from "../../core/response.ts"
import { asObject, type Json, type JsonObject } from "../../lib/json.ts"
import { settledList, settledMessage } from "./dependents.ts"
import { encodeMessage } from "./encode-message.ts"
import { encodeLogprobs } from "./logprobs.ts"
import { decodeStop, encodeStop } from "./stop.ts"
import { joined, members } from "./types.ts"
import { encodeUsage } from "./usage.ts"
import { isHere, noteRest, type Writer, within, writerFor } from "./writer.ts"

const table: FieldTable = {
  id: ["id"],
  model: ["model"],
  created: ["created"],
  candidates: ["choices"],
  usage: ["usage"],
  serviceTier: ["service_tier"],
}

const choiceTable: FieldTable = {
  messages: ["message"],
  logprobs: ["logprobs"],
  stop: ["finish_reason", "native_finish_reason", "stop_reason"],
}

/** A whole answer for this wire's client. */
export function encodeResponse(given: Response, exchange: Exchange): Json {
  const candidates = settledList(given, "candidates", mappedNodes(given.candidates, settledCandidate))
  const response = candidates === given.candidates ? given : { ...given, candidates }
  const writer = writerFor(exchange, "response", "")
  return project(response, within(writer, "response"), table, (node) => build(node, writer))
}

function build(response: Response, writer: Writer): JsonObject {
  const { id, model, created, usage, serviceTier, blocked } = response
  const { exchange, note } = writer
  const candidates =
    response.candidates.length === 0 && blocked && blocked.raw !== "" ? [{ messages: [], stop: blocked }] : response.candidates
  for (const pin of response.pins)
    note({ code: "pin-unsupported", path: `pins.${pin.kind}`, effect: "dropped", side: "response" })
  return members({
    id,
    object: "chat.completion",
    created: created ?? Math.floor(exchange.now / 1000),
    model,
    choices: encodeCandidates(candidates, within(writer, "candidates[*]")),
    usage: usage && encodeUsage(usage, note),
    service_tier: serviceTier,
  })
}

function encodeCandidates(candidates: readonly Candidate[], writer: Writer): readonly Json[] {
  const choices: Json[] = []
  for (const candidate of candidates) choices.push(encodeCandidate(candidate, choices.length, writer))
  return choices
}

function settledCandidate(candidate: Candidate): Candidate {
  const messages = settledList(candidate, "messages", mappedNodes(candidate.messages, settledMessage))
  return messages === candidate.messages ? candidate : { ...candidate, messages }
}

function encodeCandidate(candidate: Candidate, index: number, writer: Writer): Json {
  const from = originOf(candidate)
  if (isHere(candidate, writer) && untouched(candidate) && from?.json !== undefined) return from.json
  const source = isHere(candidate, writer) ? asObject(from?.json) : undefined
  const message = merged(candidate.messages, writer)
  if (!source) noteRest(candidate, writer)
  const stop = stopWithTools(candidate.stop, holdsCall(message.blocks))
  if (!source || changedFields(candidate)?.has("stop")) noteStop(stop, candidate.stop, writer)
  const built = members({
    index,
    message: encodeMessage(message, within(writer, ".messages[*]"))[0] ?? null,
    logprobs: logprobsOf(message.blocks),
    ...encodeStop(stop),
  })
  if (!source) return { ...built, logprobs: built.logprobs ?? null }
  const changed = new Set(changedFields(candidate))
  if (changed.has("messages") && hasOtherLogprobs(candidate, message)) changed.add("logprobs")
  return overlay(source, built, changed, choiceTable)
}

/** A choice has one message: all blocks of the candidate in their order. */
function merged(messages: readonly Message[], writer: Writer): Message {
  const first = messages[0]
  if (first && messages.length === 1) return first
  for (const message of messages) noteRest(message, within(writer, ".messages[*]"))
  return { role: "assistant", blocks: messages.flatMap((message) => message.blocks) }
}

function logprobsOf(blocks: readonly Block[]): Json | undefined {
  let all: readonly Logprob[] = nothing
  for (const block of blocks) if (block.type === "text" && block.logprobs) all = joined(all, block.logprobs)
  return all.length > 0 ? encodeLogprobs(all) : undefined
}

const probabilities = (messages: readonly Message[]) =>
  messages.flatMap((message) => message.blocks.map((block) => (block.type === "text" ? block.logprobs : undefined)))

/** True unless the text still has exactly the decoded log probabilities. */
function hasOtherLogprobs(candidate: Candidate, message: Message): boolean {
  const view = originOf(candidate)?.view as Candidate | undefined
  const was = probabilities(view?.messages ?? []).filter((one) => one !== undefined)
  const now = probabilities([message]).filter((one) => one !== undefined)
  return was.length !== now.length || was.some((one, index) => one !== now[index])
}

/** What a stop says that this wire does not. */
export function noteStop(stop: Stop, was: Stop, { note }: Pick<Writer, "note">): void {
  if (stop.text !== undefined)
    note({ code: "field-unsupported", path: "candidates[*].stop.text", effect: "dropped", side: "response" })
  if (decodeStop(encodeStop(stop)).reason !== was.reason)
    note({ code: "stop-adapted", path: "candidates[*].stop.reason", effect: "adapted", side: "response" })
}
