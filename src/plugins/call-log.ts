import { type Call, type Outcome, type Reply, slot } from "../core/call.ts"
import type { GatewayFault } from "../core/error.ts"
import type { CallRecord, LogStore, Payload, RefusedRequest } from "../core/record.ts"
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
  /** With the status once the answer's head is known; waits for the reply to settle by itself. */
  end(call: Call, status: number, reply: Reply | undefined, error: GatewayFault | undefined): void
  /** A request that never became a call is a row too. */
  refused(request: RefusedRequest): void
}

const kept = slot<Payload[]>("payloads")
/** The client's address, which is not to be had once its connection is closed. */
const address = slot<string>("address")

/** Writes every finished call down once, also when nobody answered it. Nothing that fails in here reaches the call. */
export function callLog({ store, policy, redact, failed, tell }: CallLogOptions): CallLog {
  const publish = (made: CallRecord, payloads: readonly Payload[]) => {
    const record = hasError(made) ? withoutSecrets(made, redact) : made
    if (policy().enabled) store().write({ record, payloads })
    for (const listener of tell) listener(record)
  }
  const finish = (call: Call, status: number, outcome: Outcome) => {
    try {
      publish(recordOf(call, status, outcome, performance.now(), call.slots.get(address)), call.slots.get(kept) ?? noPayloads)
    } catch {
      failed()
    }
  }
  const later = (call: Call, status: number, reply: Reply) => void reply.settled.then((outcome) => finish(call, status, outcome))
  return {
    begin(call) {
      const rules = policy()
      if (!rules.enabled) return
      const from = call.caller.address()
      if (from !== undefined) call.slots.set(address, from)
      if (!keepsContent(call, rules)) return
      const { trail } = call
      const payloads: Payload[] = []
      const keep = (payload: Payload) => void payloads.push(keptPayload(payload, rules))
      keep({
        side: "client-request",
        wire: call.wire.id,
        contentType: "application/json",
        bytes: call.body,
        size: call.body.length,
      })
      trail.captureLimit = rules.limitBytes
      trail.capture = keep
      call.slots.set(kept, payloads)
    },
    end(call, status, reply, error) {
      const outcome = reply ? reply.outcome : unanswered(call, error)
      if (outcome) finish(call, status, outcome)
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
