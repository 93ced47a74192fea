import type { Stop, StopReason } from "../../core/response.ts"
import { asString, type JsonObject } from "../../lib/json.ts"
import { members } from "./types.ts"

/** What the official documentation knows, what routers and copies of the format say, and vendors' own words passed through by routers. */
const reasons: ReadonlyMap<string, StopReason> = new Map([
  ["stop", "end"],
  ["length", "length"],
  ["tool_calls", "tool"],
  ["function_call", "tool"],
  ["content_filter", "filter"],
  ["eos", "end"],
  ["eos_token", "end"],
  ["end_turn", "end"],
  ["end", "end"],
  ["complete", "end"],
  ["completed", "end"],
  ["stop_sequence", "sequence"],
  ["max_tokens", "length"],
  ["max_output_tokens", "length"],
  ["model_length", "context"],
  ["model_context_window_exceeded", "context"],
  ["tool_use", "tool"],
  ["tool_call", "tool"],
  ["pause_turn", "pause"],
  ["refusal", "refusal"],
  ["safety", "filter"],
  ["recitation", "filter"],
  ["prohibited_content", "filter"],
  ["blocklist", "filter"],
  ["spii", "filter"],
  ["sensitive", "filter"],
  ["guardrail_intervened", "filter"],
  ["malformed_function_call", "malformed"],
  ["malformed_tool_use", "malformed"],
  ["error", "other"],
  ["insufficient_system_resource", "other"],
])

const reasonOf = (word: string): StopReason | undefined => reasons.get(word.toLowerCase())

/** A router's normalised word hides these behind a coarser one; its copy of the vendor's word tells. */
const finer: Readonly<Partial<Record<StopReason, readonly StopReason[]>>> = {
  end: ["sequence", "pause", "refusal", "malformed", "other"],
  length: ["context"],
  filter: ["refusal", "malformed"],
  other: ["pause", "malformed", "pending", "refusal", "context", "sequence"],
}

/** `stop_reason` is where some servers name the stop string that was hit. A choice without a reason has not ended. */
export function decodeStop(choice: JsonObject): Stop {
  const word = asString(choice.finish_reason)
  if (word === undefined || word === "") return { reason: "pending", raw: "" }
  const native = asString(choice.native_finish_reason)
  const sequence = asString(choice.stop_reason)
  const said = reasonOf(word) ?? "other"
  const meant = native === undefined ? undefined : reasonOf(native)
  const reason = meant !== undefined && finer[said]?.includes(meant) ? meant : said
  const raw = native ?? word
  if (sequence !== undefined && (reason === "end" || reason === "sequence")) return { reason: "sequence", raw, sequence }
  return { reason, raw }
}

/** The official word for a reason. */
function finishWord(reason: StopReason): string | null {
  switch (reason) {
    case "end":
    case "sequence":
    case "pause":
    case "other":
      return "stop"
    case "tool":
      return "tool_calls"
    case "length":
    case "context":
      return "length"
    case "refusal":
    case "filter":
      return "content_filter"
    case "malformed":
      return "stop"
    case "pending":
      return null
    default:
      return reason satisfies never
  }
}

/** The keys of a choice that say why it ended. A word that is not this wire's own goes beside the official one, as routers do. */
export function encodeStop(stop: Stop): JsonObject {
  const official = finishWord(stop.reason)
  const word = stop.raw === "function_call" && stop.reason === "tool" ? stop.raw : official
  return members({
    finish_reason: word,
    native_finish_reason: stop.raw === "" || stop.raw === word ? undefined : stop.raw,
    stop_reason: stop.sequence,
  })
}
