import type { Call, Reply, ReplyHeaders } from "../core/call.ts"
import type { GatewayError } from "../core/error.ts"
import type { Notice } from "../core/notice.ts"
import type { Wire } from "../core/wire.ts"
import { stringifyJson } from "../lib/json.ts"
import { withExtraFields } from "./extra-fields.ts"

const noticesLimit = 1_024

/** A reply as an HTTP response, with what the gateway did in `x-gantry-*` headers. */
export function answer(call: Call, reply: Reply): Response {
  const { headers } = reply
  explain(call, headers)
  const body = reply.body instanceof Uint8Array ? withExtraFields(call, reply.body) : reply.body
  return new Response(body as BodyInit, { status: reply.status, headers })
}

export interface ErrorContext {
  redact(text: string): string
  readonly call?: Call | undefined
  readonly id?: string
}

/** An error in the caller's wire: the vendor's own words where it speaks that wire, else ours in its shape. */
export function answerError(wire: Wire, error: GatewayError, { redact, call, id }: ErrorContext): Response {
  const headers: ReplyHeaders = { "content-type": "application/json" }
  if (call) explain(call, headers)
  else if (id !== undefined) headers["x-gantry-request-id"] = id
  if (error.retryAfterMs !== undefined) headers["retry-after"] = String(Math.max(1, Math.ceil(error.retryAfterMs / 1_000)))
  if (call && call.trail.tries.length > 0) headers["x-should-retry"] = "false"
  const { upstream } = error
  if (upstream?.requestId !== undefined) headers["x-request-id"] = upstream.requestId
  const { status: said = 0 } = upstream ?? {}
  if (upstream?.wire === wire.id && upstream.body && said >= 400 && isJson(upstream.contentType)) {
    return new Response(redact(upstream.body), { status: said, headers })
  }
  const { status, body } = wire.error.encode({ ...error, message: redact(error.message) })
  return new Response(stringifyJson(body), { status, headers })
}

const isJson = (contentType: string | undefined): boolean => contentType?.includes("json") ?? false

function explain(call: Call, headers: ReplyHeaders): void {
  const { trail } = call
  headers["x-gantry-request-id"] = call.id
  const overheadMs = trail.overheadMs ?? Math.max(0, performance.now() - call.started - trail.waitedMs)
  headers["x-gantry-overhead-us"] = String(Math.round(overheadMs * 1_000))
  if (trail.tries.length > 0) headers["x-gantry-attempts"] = String(trail.tries.length)
  if (trail.target) {
    headers["x-gantry-provider"] = headerSafe(trail.target.provider)
    headers["x-gantry-route"] = headerSafe(trail.target.reason)
    headers["x-gantry-model"] = headerSafe(trail.tries.at(-1)?.model ?? trail.target.model)
  }
  if (trail.key) headers["x-gantry-key-name"] = headerSafe(trail.key.name)
  if (trail.lane) headers["x-gantry-lane"] = trail.lane
  const told = trail.notices()
  if (told.length > 0) headers["x-gantry-notices"] = noticesHeader(told)
}

/** `code path` pairs, comma-separated, at most 1 KB; the rest is in the log. */
function noticesHeader(told: readonly Notice[]): string {
  let text = ""
  for (const { code, path } of told) {
    const next = `${text === "" ? "" : ", "}${code} ${headerSafe(path)}`
    if (text.length + next.length > noticesLimit - 5) return `${text}, ...`
    text += next
  }
  return text
}

const headerSafe = (text: string): string => (unsafe.test(text) ? text.replace(allUnsafe, "?") : text)
const unsafe = /[^\x20-\x7e]/
const allUnsafe = /[^\x20-\x7e]/g
