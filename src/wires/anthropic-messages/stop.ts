import { type Stop, type StopReason, stopWithTools } from "../../core/response.ts"
import { asObject, asString, type Json, type JsonObject } from "../../lib/json.ts"
import type { EncodeContext } from "./types.ts"

/** https://platform.claude.com/docs/en/build-with-claude/handling-stop-reasons */
const reasons: Readonly<Record<string, StopReason>> = {
  end_turn: "end",
  tool_use: "tool",
  max_tokens: "length",
  model_context_window_exceeded: "context",
  stop_sequence: "sequence",
  pause_turn: "pause",
  compaction: "pause",
  refusal: "refusal",
}

/** The stop of an answer or of a stream's closing delta, which carry the same three keys. */
export function decodeStop(from: JsonObject): Stop {
  const raw = asString(from.stop_reason)
  if (raw === undefined) return { reason: "pending", raw: "" }
  const reason = Object.hasOwn(reasons, raw) ? (reasons[raw] ?? "other") : "other"
  const sequence = asString(from.stop_sequence)
  const text = asString(asObject(from.stop_details)?.explanation)
  return { reason, raw, ...(sequence === undefined ? {} : { sequence }), ...(text === undefined ? {} : { text }) }
}

export interface StopMembers {
  readonly stop_reason: string | null
  readonly stop_sequence: string | null
  readonly stop_details?: Json
}

export function encodeStop(stop: Stop, context: EncodeContext): StopMembers {
  const base = { stop_reason: wordFor(stop, context), stop_sequence: stop.sequence ?? null }
  if (stop.text === undefined) return base
  return { ...base, stop_details: { type: "refusal", category: null, explanation: stop.text } }
}

/** The vendor's own word about its own answer stands, also where an answer that ends holds calls that have been answered. */
export function finalStop(stop: Stop | undefined, hasCall: boolean, context: EncodeContext): Stop {
  const said = stop ?? { reason: "end", raw: "" }
  const isOwn = context.exchange.target.wire === context.wire && reasons[said.raw] === said.reason
  return isOwn ? said : stopWithTools(said, hasCall)
}

function wordFor(stop: Stop, context: EncodeContext): string | null {
  if (Object.hasOwn(reasons, stop.raw) && reasons[stop.raw] === stop.reason) return stop.raw
  switch (stop.reason) {
    case "end":
      return "end_turn"
    case "tool":
      return "tool_use"
    case "length":
      return "max_tokens"
    case "context":
      return "model_context_window_exceeded"
    case "sequence":
      return "stop_sequence"
    case "pause":
      return "pause_turn"
    case "refusal":
      return "refusal"
    case "pending":
      return null
    case "filter":
      return adapted("refusal", context)
    case "malformed":
      return adapted("end_turn", context)
    case "other":
      return context.exchange.target.wire === context.wire && stop.raw !== "" ? stop.raw : adapted("end_turn", context)
    default:
      return stop.reason satisfies never
  }
}

function adapted(word: string, context: EncodeContext): string {
  context.note({ code: "stop-adapted", path: "candidates[*].stop.reason", effect: "adapted", side: "response" })
  return word
}
