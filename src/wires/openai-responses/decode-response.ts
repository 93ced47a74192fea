import type { Pin } from "../../core/block.ts"
import type { Exchange } from "../../core/exchange.ts"
import type { Message } from "../../core/message.ts"
import { attach } from "../../core/node.ts"
import type { Candidate, Response } from "../../core/response.ts"
import { asArray, asNumber, asObject, asString, type Json, type JsonObject } from "../../lib/json.ts"
import { decodeItem, type ItemContext } from "./decode-items.ts"
import { answerItems, isCallersCall } from "./names.ts"
import { restOfShape } from "./rest.ts"
import { type Carried, carriedBy, restoreSeals } from "./seals.ts"
import { decodeStop } from "./stop.ts"
import { responseShape, wireId } from "./types.ts"
import { decodeUsage } from "./usage.ts"

/** A response object: one message for each item of its output. Never throws. */
export function decodeResponse(json: Json, exchange: Exchange): Response {
  const body = asObject(json) ?? {}
  const context = answerItems(exchange)
  const messages = decodeOutput(asArray(body.output) ?? [], context, exchange)
  const stop = decodeStop(body, callsTool(messages))
  const candidate = attach<Candidate>({ messages, stop }, { wire: wireId, place: "response" })
  const usage = decodeUsage(body)
  const response: Response = {
    ...decodeHead(body),
    candidates: [candidate],
    ...(usage ? { usage } : {}),
    pins: decodePins(body, exchange),
  }
  return attach(response, { wire: wireId, place: "response", json, rest: restOfShape(body, responseShape) })
}

/** Seals that came in items of their own go back to their blocks. */
function decodeOutput(output: readonly Json[], context: ItemContext, { note }: Exchange): readonly Message[] {
  const messages: Message[] = []
  const carried: Carried[] = []
  for (const item of output) {
    const envelope = carriedBy(asObject(item) ?? {})
    if (envelope) carried.push({ envelope, after: messages.length })
    else messages.push(decodeItem(item, context, "output"))
  }
  return restoreSeals(messages, carried, note, "response")
}

/** What a response object says of itself, in every frame that holds one. */
export function decodeHead(body: JsonObject): Pick<Response, "id" | "model" | "created" | "serviceTier"> {
  const created = asNumber(body.created_at)
  const tier = asString(body.service_tier)
  return {
    id: asString(body.id) ?? "",
    model: asString(body.model) ?? "",
    ...(created === undefined ? {} : { created: Math.floor(created) }),
    ...(tier === undefined ? {} : { serviceTier: tier }),
  }
}

export const callsTool = (messages: readonly Message[]): boolean =>
  messages.some((message) => message.blocks.some((block) => isCallersCall(block)))

/** A conversation that the vendor keeps, so that later calls have to go to it. */
export function decodePins(body: JsonObject, { target }: Exchange): readonly Pin[] {
  const id = asString(asObject(body.conversation)?.id)
  if (id === undefined) return []
  const account = target.account === undefined ? {} : { account: target.account }
  return [{ kind: "conversation", id, issuer: target.issuer, ...account }]
}
