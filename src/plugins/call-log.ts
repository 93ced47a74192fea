import { type Call, type Outcome, type Reply, slot } from "../core/call.ts"
import type { GatewayFault } from "../core/error.ts"
import type { CallRecord, LogStore, Payload, RefusedRequest } from "../core/record.ts"
import { byteMask } from "../lib/mask-bytes.ts"
import { opened } from "../lib/partly-packed.ts"
import { REDACTED } from "../lib/redact.ts"
import { shortestKnown } from "../lib/secret-box.ts"
import { keepsContent, keptPayload, type PayloadPolicy, recordOf, recordOfRefused } from "./log.ts"

export interface CallLogOptions {
  /** Looked up at each call's end, so that logging can be switched on and off. */
  store(): LogStore
  policy(): PayloadPolicy
  /** Takes secrets out of a text: vendors quote the key they refuse. */
  redact(text: string): string
  /** The log itself went wrong on a call; the call did not. */
  failed(): void
  /** Told of each record after it went to the store. */
  readonly tell: readonly ((record: CallRecord) => void)[]
}

export interface CallLog {
  begin(call: Call): void
  /** With the status once the answer's head is known, at `now` on the clock of `call.started`; waits for the reply to settle by itself. */
  end(call: Call, status: number, reply: Reply | undefined, error: GatewayFault | undefined, now?: number): void
  /** A request that never became a call is a row too. */
  refused(request: RefusedRequest): void
}

/** What is known of a call from its beginning on. */
interface Begun {
  /** The client's, which is not to be had once its connection is closed. */
  readonly address: string | undefined
  readonly payloads: readonly Payload[]
}

const beginning = slot<Begun>("begun")

/** Writes every finished call down once, also when nobody answered it. Nothing that fails in here reaches the call. */
export function callLog({ store, policy, redact, failed, tell }: CallLogOptions): CallLog {
  const publish = (made: CallRecord, payloads: readonly Payload[], ownKey?: string) => {
    const record = hasError(made)
      ? withoutSecrets(made, ownKey ? (text) => redact(text.replaceAll(ownKey, REDACTED)) : redact)
      : made
    if (policy().enabled) store().write({ record, payloads })
    for (const listener of tell) listener(record)
  }
  const finish = (call: Call, status: number, outcome: Outcome, now: number) => {
    try {
      const begun = call.slots.get(beginning)
      publish(recordOf(call, status, outcome, now, begun?.address), begun?.payloads ?? noPayloads, ownKeyOf(call))
    } catch {
      failed()
    }
  }
  const later = (call: Call, status: number, reply: Reply) =>
    void reply.settled.then((outcome) => finish(call, status, outcome, performance.now()))
  return {
    begin(call) {
      const rules = policy()
      if (!rules.enabled) return
      const address = call.caller.address()
      call.slots.set(beginning, { address, payloads: keepsContent(call, rules) ? captured(call, rules) : noPayloads })
    },
    end(call, status, reply, error, now = performance.now()) {
      const outcome = reply ? reply.outcome : unanswered(call, error)
      if (outcome) finish(call, status, outcome, now)
      else if (reply) later(call, status, reply)
    },
    refused(request) {
      try {
        publish(recordOfRefused(request), noPayloads)
      } catch {
        failed()
      }
    },
  }
}

/** The call's body, and what is captured on its way from now on. */
function captured(call: Call, rules: PayloadPolicy): readonly Payload[] {
  const { trail, wire, body } = call
  const request: Payload = {
    side: "client-request",
    wire: wire.id,
    contentType: "application/json",
    bytes: body,
    size: body.length,
  }
  const payloads = [keptPayload(request, rules)]
  const ownKey = ownKeyOf(call)
  trail.captureLimit = rules.limitBytes
  trail.capture = (payload) => void payloads.push(keptPayload(ownKey ? withoutKey(payload, ownKey) : payload, rules))
  return payloads
}

/** The key that the caller brings for the vendor, if any: it is in no list of secrets, and vendors quote those that they refuse. */
function ownKeyOf({ directions, caller }: Call): string | undefined {
  const key = directions.directKey === true ? caller.credential : undefined
  return key !== undefined && key.length >= shortestKnown ? key : undefined
}

function withoutKey(payload: Payload, key: string): Payload {
  const held = payload.packed ? opened(payload.packed) : payload.bytes
  const isCut = payload.size > held.length
  if (!isCut && !Buffer.from(held.buffer, held.byteOffset, held.length).includes(key)) return payload
  // others may hold the bytes, and the caller gets them as they are
  const bytes = Uint8Array.from(held)
  const mask = byteMask([key], shortestKnown)
  mask.whole(bytes)
  if (isCut) mask.end(bytes)
  payload.release?.()
  const { release: _, packed: __, ...rest } = payload
  return { ...rest, bytes }
}

function hasError({ error, tries }: CallRecord): boolean {
  if (error) return true
  for (const one of tries) if (one.error) return true
  return false
}

function withoutSecrets(record: CallRecord, redact: (text: string) => string): CallRecord {
  const { error, tries } = record
  const clean = (told: NonNullable<CallRecord["error"]>) => ({ ...told, message: redact(told.message) })
  return {
    ...record,
    ...(error ? { error: clean(error) } : {}),
    tries: tries.map((one) => (one.error ? { ...one, error: clean(one.error) } : one)),
  }
}

const noPayloads: readonly Payload[] = []

function unanswered(call: Call, fault: GatewayFault | undefined): Outcome {
  const aborted = fault?.error.kind === "cancelled"
  return {
    end: aborted ? "aborted" : "error",
    ...(fault ? { error: fault.error } : {}),
    notices: call.trail.notices(),
    responseBytes: 0,
  }
}
