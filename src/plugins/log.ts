import { costOf } from "../catalog/price.ts"
import type { Call, Outcome, Target } from "../core/call.ts"
import type { CallRecord, Payload, RefusedRequest, TryRecord } from "../core/record.ts"
import type { Usage } from "../core/usage.ts"

/** Longest texts that a record keeps, in characters; callers choose some of them. */
const longest = { name: 256, message: 2_048, line: 512 } as const
const routeLines = 64

const short = (text: string, length: number): string => (text.length > length ? text.slice(0, length) : text)
const shortLine = (line: string): string => short(line, longest.line)
const isLong = (line: string): boolean => line.length > longest.line

/** Most calls have little to tell: what they left behind is then kept as it is. */
const shortRoute = (lines: readonly string[]): readonly string[] =>
  lines.length > routeLines || lines.some(isLong) ? lines.slice(0, routeLines).map(shortLine) : lines

/** Everything that is kept of a finished call, payloads apart. `now` is on the clock of `call.started`. */
export function recordOf(call: Call, status: number, outcome: Outcome, now: number, address?: string): CallRecord {
  const { trail, caller, head } = call
  const last = trail.tries.at(-1)
  const { target, lane, key } = trail
  const { sessionId, userAgent } = caller
  const record: { -readonly [K in keyof CallRecord]: CallRecord[K] } = {
    id: call.id,
    at: call.at,
    method: "chat",
    dialect: call.dialect,
    wire: call.wire.id,
    path: short(call.path, longest.line),
    stream: head.stream,
    requestedModel: short(head.model ?? "", longest.name),
    route: shortRoute(trail.route),
    tries: trail.tries.some(hasError) ? trail.tries.map(shortened) : trail.tries,
    fallbackIndex: fallbacks(trail.tries),
    status,
    end: outcome.end,
    notices: outcome.notices,
    durationMs: rounded(now - call.started),
    overheadUs: Math.round((trail.overheadMs ?? Math.max(0, now - call.started - trail.waitedMs)) * 1_000),
    requestBytes: call.bodyBytes,
    responseBytes: outcome.responseBytes,
  }
  if (target) {
    record.provider = target.provider
    record.model = sentModel(target, last)
  }
  if (key) {
    record.keyId = key.id
    record.keyName = key.name
  }
  if (!target && trail.tried) blame(record, trail.tried, trail.failedTry)
  if (lane) record.lane = lane
  if (outcome.error) record.error = errorOf(outcome.error)
  if (outcome.stop) record.stop = outcome.stop
  if (outcome.usage) bill(record, outcome.usage)
  if (sessionId !== undefined) record.sessionId = short(sessionId, longest.name)
  if (userAgent !== undefined) record.userAgent = short(userAgent, longest.name)
  if (address !== undefined) record.caller = address
  if (call.directions.dimensions) record.dimensions = call.directions.dimensions
  if (outcome.firstTokenMs !== undefined) record.firstTokenMs = rounded(outcome.firstTokenMs)
  if (outcome.lastTokenMs !== undefined) record.lastTokenMs = rounded(outcome.lastTokenMs)
  return record
}

/** The record of a request that was turned away before anything of it could be read. */
export function recordOfRefused(request: RefusedRequest): CallRecord {
  const { path, error, durationMs, ...rest } = request
  return {
    ...rest,
    method: "chat",
    path: path.slice(0, longest.line),
    stream: false,
    requestedModel: "",
    route: [],
    tries: [],
    fallbackIndex: 0,
    end: error.kind === "cancelled" ? "aborted" : "error",
    error: errorOf(error),
    notices: [],
    durationMs: rounded(durationMs),
    overheadUs: Math.round(durationMs * 1_000),
    requestBytes: 0,
    responseBytes: 0,
  }
}

type Told = NonNullable<CallRecord["error"]>
const errorOf = ({ kind, blame, message }: Told): Told => ({ kind, blame, message: message.slice(0, longest.message) })

const hasError = (one: TryRecord): boolean => one.error !== undefined
const shortened = (one: TryRecord): TryRecord => (one.error ? { ...one, error: errorOf(one.error) } : one)

/** The vendor's own name of the model where a try got that far. */
const sentModel = (target: { readonly provider: string; readonly model: string }, last: TryRecord | undefined): string =>
  short(last?.provider === target.provider ? last.model : target.model, longest.name)

/** A call that nobody answered is the one's whose error the caller got. */
function blame(record: { -readonly [K in keyof CallRecord]: CallRecord[K] }, tried: Target, failed: TryRecord | undefined): void {
  record.provider = tried.provider
  record.model = short(failed?.model ?? tried.model, longest.name)
  if (!failed) return
  record.lane = failed.lane
  if (failed.keyId !== undefined) record.keyId = failed.keyId
  if (failed.keyName !== undefined) record.keyName = failed.keyName
}

/** Usage, and its price where that is known. */
function bill(record: { -readonly [K in keyof CallRecord]: CallRecord[K] }, usage: Usage): void {
  record.usage = usage
  const { provider, model, at } = record
  const total = provider === undefined || model === undefined ? undefined : costOf({ provider, model, at }, usage).total
  if (total !== undefined) record.cost = total
}

/** How many targets were left behind before the last one. */
function fallbacks(tries: readonly TryRecord[]): number {
  let count = 0
  for (const [index, one] of tries.entries()) {
    const before = tries[index - 1]
    if (before && (before.provider !== one.provider || before.model !== one.model)) count += 1
  }
  return count
}

const rounded = (ms: number): number => Math.round(Math.max(0, ms) * 1_000) / 1_000

export interface PayloadPolicy {
  /** False keeps no record either. */
  readonly enabled: boolean
  /** False keeps no request and response bodies. */
  readonly content: boolean
  /** Callers may decide that for their own calls. */
  readonly callersDecide?: boolean
  /** Longer bodies are cut. */
  readonly limitBytes: number
}

/** Whether the bodies of a call are kept. */
export const keepsContent = (call: Call, { content, callersDecide }: PayloadPolicy): boolean =>
  callersDecide === true ? (call.directions.keepContent ?? content) : content

/** The payload as it is kept: cut, and holding no more memory than it shows. */
export function keptPayload(payload: Payload, { limitBytes }: PayloadPolicy): Payload {
  // kept within the limit from its first byte on
  if (payload.packed) return payload
  const cut = payload.bytes.length > limitBytes ? payload.bytes.subarray(0, limitBytes) : payload.bytes
  const bytes = cut.length < payload.size ? cut.slice() : cut
  return bytes === payload.bytes ? payload : { ...payload, bytes }
}
