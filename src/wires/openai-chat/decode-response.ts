import { fault, GatewayFault } from "../../core/error.ts"
import type { Exchange } from "../../core/exchange.ts"
import { deriveId } from "../../core/id.ts"
import { restOf } from "../../core/lens.ts"
import { holdsCall } from "../../core/message.ts"
import { attach, type Draft, nothing } from "../../core/node.ts"
import { type Candidate, type Response, stopWithTools } from "../../core/response.ts"
import { asArray, asNumber, asObject, asString, type Json, type JsonObject } from "../../lib/json.ts"
import { decodeAssistant } from "./decode-message.ts"
import { errors } from "./error.ts"
import { decodeLogprobs, hasOtherLogprobs } from "./logprobs.ts"
import { responseReader } from "./reader.ts"
import { decodeStop } from "./stop.ts"
import { choiceKeys, joined, responseKeys, wireId } from "./types.ts"
import { decodeUsage, saysMore } from "./usage.ts"

/** Reads a whole answer. Throws GatewayFault for a body that is an error or no answer at all. */
export function decodeResponse(body: Json, exchange: Exchange): Response {
  const source = asObject(body)
  const choices = asArray(source?.choices)
  if (!source || !choices) {
    const error = source && errors.inBody(source)
    if (error) throw new GatewayFault(error)
    throw fault("bad-answer", "the answer has no choices")
  }
  const candidates: Candidate[] = []
  for (const choice of choices) candidates.push(decodeChoice(choice, candidates.length, exchange))
  const response: Draft<Response> = {
    id: asString(source.id) || deriveId("response", exchange.seed),
    model: asString(source.model) ?? exchange.target.model,
    candidates,
    pins: nothing,
  }
  const created = asNumber(source.created)
  const usage = decodeUsage(source.usage)
  const serviceTier = asString(source.service_tier)
  if (created !== undefined) response.created = created
  if (candidates.length === 0) response.blocked = { reason: "other", raw: "" }
  if (usage) response.usage = usage
  if (serviceTier !== undefined) response.serviceTier = serviceTier
  const rest = joined(restOf(source, responseKeys), saysMore(source.usage) ? usageKey : nothing)
  return attach<Response>(response, { wire: wireId, place: "response", json: body, rest })
}

const usageKey: readonly string[] = ["usage"]
const logprobsKey: readonly string[] = ["logprobs"]
const absent: JsonObject = {}

function decodeChoice(json: Json, index: number, exchange: Exchange): Candidate {
  const choice: JsonObject = asObject(json) ?? absent
  const source = asObject(choice.message) ?? asObject(choice.delta) ?? absent
  const reader = responseReader(exchange, index)
  const logprobs = decodeLogprobs(choice.logprobs)
  const message = decodeAssistant(source, reader, `choices[${index}].message`, logprobs)
  const rest = joined(restOf(choice, choiceKeys), hasOtherLogprobs(choice.logprobs, logprobs) ? logprobsKey : nothing)
  return attach<Candidate>(
    { messages: [message], stop: stopWithTools(decodeStop(choice), holdsCall(message.blocks)) },
    { wire: wireId, place: "response", json, rest },
  )
}
