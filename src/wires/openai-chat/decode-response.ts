import { fault, GatewayFault } from "../../core/error.ts"
import type { Exchange } from "../../core/exchange.ts"
import { deriveId } from "../../core/id.ts"
import { restOf } from "../../core/lens.ts"
import { attach } from "../../core/node.ts"
import { type Candidate, type Response, stopWithTools } from "../../core/response.ts"
import { asArray, asNumber, asObject, asString, type Json, type JsonObject } from "../../lib/json.ts"
import { decodeAssistant } from "./decode-message.ts"
import { errors } from "./error.ts"
import { decodeLogprobs, hasOtherLogprobs } from "./logprobs.ts"
import { responseReader } from "./reader.ts"
import { decodeStop } from "./stop.ts"
import { choiceKeys, given, responseKeys, wireId } from "./types.ts"
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
  const candidates = choices.map((choice, index) => decodeChoice(choice, index, exchange))
  const response: Response = {
    id: asString(source.id) || deriveId("response", exchange.seed),
    model: asString(source.model) ?? exchange.target.model,
    ...given("created", asNumber(source.created)),
    candidates,
    ...(candidates.length === 0 ? { blocked: { reason: "other" as const, raw: "" } } : {}),
    ...given("usage", decodeUsage(source.usage)),
    ...given("serviceTier", asString(source.service_tier)),
    pins: [],
  }
  const rest = [...restOf(source, responseKeys), ...(saysMore(source.usage) ? ["usage"] : [])]
  return attach(response, { wire: wireId, place: "response", json: body, rest })
}

function decodeChoice(json: Json, index: number, exchange: Exchange): Candidate {
  const choice: JsonObject = asObject(json) ?? {}
  const source = asObject(choice.message) ?? asObject(choice.delta) ?? {}
  const reader = responseReader(exchange, index)
  const logprobs = decodeLogprobs(choice.logprobs)
  const message = decodeAssistant(source, reader, `choices[${index}].message`, given("logprobs", logprobs))
  const hasCall = message.blocks.some((block) => block.type === "tool-call" && block.by !== "provider")
  const rest = [...restOf(choice, choiceKeys), ...(hasOtherLogprobs(choice.logprobs, logprobs) ? ["logprobs"] : [])]
  return attach<Candidate>(
    { messages: [message], stop: stopWithTools(decodeStop(choice), hasCall) },
    { wire: wireId, place: "response", json, rest },
  )
}
