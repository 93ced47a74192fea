import type { Call } from "../core/call.ts"
import { requestTypeOf } from "../dialects/endpoints.ts"
import { isJsonText, type Json, type JsonObject, RawJson, stringifyJson } from "../lib/json.ts"
import { JsonScanError, scanTopLevel, splice } from "../lib/json-splice.ts"

export const extraFieldsKey = "extra_fields"

/** The caller did, or somebody who may say that raw bodies are to be shown. */
export const asksForExtraFields = ({ directions, trail }: Call): boolean => directions.extraFields || trail.raw !== undefined

/** A whole JSON answer with the gateway's own `extra_fields` put in, where somebody asked for them; otherwise the answer itself. */
export function withExtraFields(call: Call, body: Uint8Array): Uint8Array {
  if (!asksForExtraFields(call)) return body
  try {
    return splice(body, scanTopLevel(body, [extraFieldsKey]), { set: { [extraFieldsKey]: stringifyJson(extraFields(call)) } })
  } catch (error) {
    if (error instanceof JsonScanError) return body
    throw error
  }
}

export function extraFields({ wire, trail, head, started }: Call): JsonObject {
  const sent = trail.tries.at(-1)?.model
  return {
    request_type: requestTypeOf(wire.id, head.stream),
    ...(trail.target ? { provider: trail.target.provider } : {}),
    ...(head.model === undefined ? {} : { original_model_requested: head.model }),
    ...(sent === undefined ? {} : { resolved_model_used: sent }),
    latency: Math.round(performance.now() - started),
    ...(trail.raw?.request ? { raw_request: rawJson(trail.raw.request) } : {}),
    ...(trail.raw?.response ? { raw_response: rawJson(trail.raw.response()) } : {}),
  }
}

function rawJson(bytes: Uint8Array): Json {
  const text = new TextDecoder().decode(bytes)
  return isJsonText(text) ? new RawJson(text) : text
}
