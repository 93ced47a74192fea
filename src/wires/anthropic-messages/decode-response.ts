import type { Pin } from "../../core/block.ts"
import type { Exchange } from "../../core/exchange.ts"
import { deriveId } from "../../core/id.ts"
import type { Message } from "../../core/message.ts"
import { attach, type Draft, nothing } from "../../core/node.ts"
import type { Response } from "../../core/response.ts"
import { asObject, asString, type Json, type JsonObject } from "../../lib/json.ts"
import { decodeContent } from "./decode-blocks.ts"
import { responseShape, restIn } from "./shape.ts"
import { decodeStop } from "./stop.ts"
import { type DecodeContext, ride, wireId } from "./types.ts"
import { decodeUsage } from "./usage.ts"

/** Bare seals are of whoever answers on this route. */
export function answerContext(exchange: Exchange): DecodeContext {
  let missing = 0
  return {
    place: "response",
    note: exchange.note,
    issuer: exchange.target.issuer,
    exchange,
    ...(exchange.client === wireId ? {} : { sealsHosted: true as const }),
    missingId: () => deriveId("call", exchange.seed, missing++),
  }
}

/** Never throws for an object: what cannot be read rides along. */
export function decodeResponse(body: Json, exchange: Exchange): Response {
  const object = asObject(body) ?? {}
  const context = answerContext(exchange)
  const message = ride<Message>({ role: "assistant", blocks: decodeContent(object.content, context, "content") }, context)
  const usage = decodeUsage(object.usage)
  const serviceTier = answerTier(object)
  const response: Draft<Response> = {
    id: asString(object.id) || deriveId("response", exchange.seed),
    model: asString(object.model) ?? exchange.target.model,
    candidates: [{ messages: [message], stop: decodeStop(object) }],
    pins: containerPins(object, context),
  }
  if (usage) response.usage = usage
  if (serviceTier !== undefined) response.serviceTier = serviceTier
  return attach<Response>(response, { wire: wireId, place: "response", json: object, rest: restIn(object, responseShape) })
}

const answerTier = (message: JsonObject): string | undefined => asString(asObject(message.usage)?.service_tier)

/** What the first frame of a stream says about the answer as such. */
export function answerHead(message: JsonObject, exchange: Exchange): Pick<Response, "id" | "model" | "serviceTier"> {
  const tier = answerTier(message)
  return {
    id: asString(message.id) || deriveId("response", exchange.seed),
    model: asString(message.model) ?? exchange.target.model,
    ...(tier === undefined ? {} : { serviceTier: tier }),
  }
}

export function containerPins(from: JsonObject, context: DecodeContext): readonly Pin[] {
  const id = asString(asObject(from.container)?.id)
  return id === undefined ? nothing : [{ kind: "container", id, issuer: context.issuer }]
}
