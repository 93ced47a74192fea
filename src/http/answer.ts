import type { Body, Call, KeyRef, Reply, Target, Trail } from "../core/call.ts"
import type { GatewayError, UpstreamContext } from "../core/error.ts"
import type { Notice } from "../core/notice.ts"
import type { Wire } from "../core/wire.ts"
import { mayTryNextTarget } from "../dispatch/recovery.ts"
import { isJsonText, stringifyJson } from "../lib/json.ts"
import { asksForExtraFields, withExtraFields } from "./extra-fields.ts"
import { withStreamExtraFields } from "./stream-extra-fields.ts"

const noticesLimit = 1_024

/** A reply as an HTTP response, with what the gateway did in `x-gantry-*` headers. */
export function answer(call: Call, reply: Reply): Response {
  const body = reply.body instanceof Uint8Array ? withExtraFields(call, reply.body) : streamed(call, reply, reply.body)
  // a response copies the headers that it is given, so what is this call's own is set in its copy
  const response = new Response(body as BodyInit, {
    status: reply.status,
    headers: placeHeaders(call.trail, reply.headers["content-type"]),
  })
  const { headers } = response
  for (const name in reply.headers) if (name !== "content-type") headers.set(name, reply.headers[name] ?? "")
  tellCall(call, headers)
  return response
}

function streamed(call: Call, { headers }: Reply, body: Exclude<Body, Uint8Array>): Exclude<Body, Uint8Array> {
  const asked = asksForExtraFields(call) && headers["content-type"]?.startsWith("text/event-stream")
  return asked ? withStreamExtraFields(call, body) : body
}

export interface ErrorContext {
  redact(text: string): string
  readonly call?: Call | undefined
  readonly id?: string
}

/**
 * An error in the caller's wire: the vendor's own words where it speaks that wire, else ours in its shape. Fallbacks of the caller's that were never
 * asked stand in the message, since it takes another target to help.
 */
export function answerError(wire: Wire, error: GatewayError, { redact, call, id }: ErrorContext): Response {
  const headers = call ? placedHeaders(failedPlace(call.trail)) : new Headers()
  headers.set("content-type", "application/json")
  if (call) tellCall(call, headers)
  else if (id !== undefined) headers.set("x-gantry-request-id", id)
  if (error.retryAfterMs !== undefined) headers.set("retry-after", String(Math.max(1, Math.ceil(error.retryAfterMs / 1_000))))
  if (call && error.kind !== "draining" && (call.trail.tries.length > 0 || error.kind === "credentials-exhausted"))
    headers.set("x-should-retry", "false")
  const { upstream } = error
  const leftOut = mayTryNextTarget(error) ? (call?.trail.leftOut ?? nothing) : nothing
  if (upstream?.requestId !== undefined) headers.set("x-request-id", headerSafe(upstream.requestId.slice(0, longestId)))
  const { status: said = 0 } = upstream ?? {}
  if (leftOut.length === 0 && upstream?.wire === wire.id && upstream.body && said >= 400 && isJsonObject(upstream)) {
    return new Response(redact(upstream.body), { status: said, headers })
  }
  const message = redact([error.message, ...leftOut].join("; "))
  const { status, body } = wire.error.encode({ ...error, message })
  return new Response(stringifyJson(body), { status, headers })
}

const nothing: readonly string[] = []

/** Whether a vendor's body is what it says: pages of proxies and bodies that were cut are not. */
const isJsonObject = ({ contentType, body }: UpstreamContext): boolean =>
  (contentType?.includes("json") ?? false) && body?.trimStart().startsWith("{") === true && isJsonText(body)

const longestModel = 256
const longestId = 256

interface Place {
  readonly tries: Trail["tries"]
  readonly target?: Trail["target"] | undefined
  readonly key?: Pick<KeyRef, "name"> | undefined
  readonly lane?: Trail["lane"] | undefined
  /** As it was sent, where that is not for the last try to say. */
  readonly model?: string | undefined
}

/** By content type. */
type ByLane = Partial<Record<NonNullable<Trail["lane"]>, Map<string, Headers>>>

/** Of calls that their first try answered. */
const places = new WeakMap<Target, WeakMap<KeyRef, ByLane>>()
const mostTypes = 4

/** What the gateway says of where a call went, and what the answer is. Copying headers costs a fifth of setting them, and most calls go where others went before. */
function placeHeaders(trail: Trail, contentType = ""): Headers {
  const { target, tries, key, lane } = trail
  if (!target || !key || !lane || tries.length > 1) return typed(placedHeaders(trail), contentType)
  const byKey = places.getOrInsertComputed(target, () => new WeakMap())
  const byLane = byKey.getOrInsertComputed(key, () => ({}))
  byLane[lane] ??= new Map()
  const known = byLane[lane].get(contentType)
  if (known) return known
  const made = typed(placedHeaders(trail), contentType)
  if (byLane[lane].size < mostTypes) byLane[lane].set(contentType, made)
  return made
}

function typed(headers: Headers, contentType: string): Headers {
  if (contentType !== "") headers.set("content-type", contentType)
  return headers
}

function placedHeaders(place: Place): Headers {
  const { target, tries, key, lane } = place
  const headers = new Headers({ "x-gantry-attempts": String(tries.length) })
  if (target) {
    headers.set("x-gantry-provider", headerSafe(target.provider))
    headers.set("x-gantry-route", headerSafe(target.reason))
    headers.set("x-gantry-model", headerSafe((sentModel(place) ?? "").slice(0, longestModel)))
  }
  if (key) headers.set("x-gantry-key-name", headerSafe(key.name))
  if (lane) headers.set("x-gantry-lane", lane)
  return headers
}

const sentModel = ({ target, tries, model }: Place): string | undefined =>
  target && (model ?? tries.at(-1)?.model ?? target.model)

/** Whose error a call that nobody answered ends with. */
function failedPlace(trail: Trail): Place {
  const { target, tried, tries, failedTry } = trail
  if (target || !tried) return trail
  const key = failedTry?.keyName === undefined ? undefined : { name: failedTry.keyName }
  return { tries, target: tried, key, lane: failedTry?.lane, model: failedTry?.model ?? tried.model }
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
