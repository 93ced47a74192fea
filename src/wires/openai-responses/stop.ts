import { type Stop, stopWithTools } from "../../core/response.ts"
import { asObject, asString, type Json, type JsonObject } from "../../lib/json.ts"

/** Why a response object ended, from its `status`; `hasToolCall` when it calls a tool of the caller's. */
export function decodeStop(body: JsonObject, hasToolCall: boolean): Stop {
  const status = asString(body.status) ?? (asObject(body.error) ? "failed" : "completed")
  switch (status) {
    case "completed":
      return stopWithTools({ reason: "end", raw: status }, hasToolCall)
    case "incomplete":
      return decodeIncomplete(asString(asObject(body.incomplete_details)?.reason))
    case "queued":
    case "in_progress":
      return { reason: "pending", raw: status }
    default: {
      const text = asString(asObject(body.error)?.message)
      return { reason: "other", raw: status, ...(text ? { text } : {}) }
    }
  }
}

function decodeIncomplete(reason: string | undefined): Stop {
  switch (reason) {
    case undefined:
      return { reason: "length", raw: "incomplete" }
    case "max_output_tokens":
      return { reason: "length", raw: reason }
    case "content_filter":
      return { reason: "filter", raw: reason }
    default:
      return { reason: "other", raw: reason }
  }
}

export interface WireStop {
  readonly status: "completed" | "incomplete" | "failed" | "in_progress" | "cancelled" | "queued"
  readonly incomplete_details: Json
}

/** The status of an answer; `exact` when decoding it gives the same reason again. `refused`: the output says so itself. */
export function encodeStop(stop: Stop, refused: boolean): WireStop & { readonly exact: boolean } {
  const ended = { status: "completed", incomplete_details: null } as const
  switch (stop.reason) {
    case "end":
    case "tool":
      return { ...ended, exact: true }
    case "sequence":
    case "pause":
    case "malformed":
      return { ...ended, exact: false }
    case "refusal":
      return refused ? { ...ended, exact: false } : { ...incomplete("content_filter"), exact: false }
    case "length":
      return { ...(stop.raw === "incomplete" ? incomplete(undefined) : incomplete("max_output_tokens")), exact: true }
    case "context":
      return { ...incomplete("max_output_tokens"), exact: false }
    case "filter":
      return { ...incomplete("content_filter"), exact: true }
    case "pending":
      return { status: stop.raw === "queued" ? "queued" : "in_progress", incomplete_details: null, exact: true }
    case "other":
      return otherStop(stop.raw)
    default:
      return stop.reason satisfies never
  }
}

const incomplete = (reason: string | undefined): WireStop => ({
  status: "incomplete",
  incomplete_details: reason === undefined ? null : { reason },
})

/** Reasons that this API has and the hub has no word for. */
function otherStop(raw: string): WireStop & { readonly exact: boolean } {
  if (raw === "failed" || raw === "cancelled") return { status: raw, incomplete_details: null, exact: true }
  if (raw === "max_messages" || raw === "steered") return { ...incomplete(raw), exact: true }
  return { status: "completed", incomplete_details: null, exact: false }
}

/** Whether an answer with this stop is a closing `response.incomplete` frame or another. */
export function closingFrame(status: WireStop["status"]): string {
  switch (status) {
    case "completed":
      return "response.completed"
    case "incomplete":
      return "response.incomplete"
    case "failed":
    case "cancelled":
      return "response.failed"
    case "in_progress":
    case "queued":
      return "response.completed"
    default:
      return status satisfies never
  }
}
