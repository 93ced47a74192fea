import type { Call, Reply, Trail } from "../core/call.ts"
import type { GatewayError } from "../core/error.ts"
import type { Notice } from "../core/notice.ts"
import type { Wire } from "../core/wire.ts"
import { stringifyJson } from "../lib/json.ts"
import { withExtraFields } from "./extra-fields.ts"

const noticesLimit = 1_024

/** A reply as an HTTP response, with what the gateway did in `x-gantry-*` headers. */
export function answer(call: Call, reply: Reply): Response {
  const headers = new Headers(placeHeaders(call.trail))
  for (const name in reply.headers) headers.set(name, reply.headers[name] ?? "")
  tellCall(call, headers)
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
  const headers = new Headers(call && placeHeaders(call.trail))
  headers.set("content-type", "application/json")
  if (call) tellCall(call, headers)
  else if (id !== undefined) headers.set("x-gantry-request-id", id)
  if (error.retryAfterMs !== undefined) headers.set("retry-after", String(Math.max(1, Math.ceil(error.retryAfterMs / 1_000))))
  if (call && call.trail.tries.length > 0) headers.set("x-should-retry", "false")
  const { upstream } = error
  if (upstream?.requestId !== undefined) headers.set("x-request-id", upstream.requestId)
  const { status: said = 0 } = upstream ?? {}
  if (upstream?.wire === wire.id && upstream.body && said >= 400 && isJson(upstream.contentType)) {
    return new Response(redact(upstream.body), { status: said, headers })
  }
  const { status, body } = wire.error.encode({ ...error, message: redact(error.message) })
  return new Response(stringifyJson(body), { status, headers })
}

const isJson = (contentType: string | undefined): boolean => contentType?.includes("json") ?? false

const maxPlaces = 1_000
const places = new Map<string, Headers>()

/** What the gateway says of where a call went. Copying headers costs a fifth of setting them, and most calls go where others went before. */
function placeHeaders({ target, tries, key, lane }: Trail): Headers {
  const model = target && (tries.at(-1)?.model ?? target.model)
  const place = `${target?.provider}\n${model}\n${target?.reason}\n${key?.name}\n${lane}\n${tries.length}`
  let known = places.get(place)
  if (known) return known
  known = new Headers()
  if (tries.length > 0) known.set("x-gantry-attempts", String(tries.length))
  if (target) {
    known.set("x-gantry-provider", headerSafe(target.provider))
    known.set("x-gantry-route", headerSafe(target.reason))
    known.set("x-gantry-model", headerSafe(model ?? ""))
  }
  if (key) known.set("x-gantry-key-name", headerSafe(key.name))
  if (lane) known.set("x-gantry-lane", lane)
  if (places.size >= maxPlaces) places.clear()
  places.set(place, known)
  return known
}

/** What the gateway says of this call alone. */
function tellCall({ id, started, trail }: Call, headers: Headers): void {
  headers.set("x-gantry-request-id", id)
  const overheadMs = trail.overheadMs ?? Math.max(0, performance.now() - started - trail.waitedMs)
  headers.set("x-gantry-overhead-us", String(Math.round(overheadMs * 1_000)))
  const told = trail.notices()
  if (told.length > 0) headers.set("x-gantry-notices", noticesHeader(told))
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
