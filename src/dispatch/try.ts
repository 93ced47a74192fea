import type { Body, Call, Outcome, Reply, ReplyHeaders, Target } from "../core/call.ts"
import { fault, type GatewayError, type GatewayFault } from "../core/error.ts"
import type { Notice } from "../core/notice.ts"
import { spellNotices } from "../core/notice-path.ts"
import type { TryRecord } from "../core/record.ts"
import type { KeyEntry, ProviderEntry, Registry, Sending, SendOptions } from "../core/registry.ts"
import { keptOf } from "../lib/edited-bytes.ts"
import type { HttpAnswer } from "../lib/http1/answer.ts"
import { deadlineFault } from "./deadline-fault.ts"
import type { Plan } from "./plan.ts"
import type { HeldSlot } from "./slot.ts"
import type { DispatchState } from "./state.ts"
import { type Deadline, endWatch, startWatch, type Watch, type Watched } from "./watchdog.ts"

export interface TryParts {
  readonly call: Call
  readonly target: Target
  readonly provider: ProviderEntry
  readonly key: KeyEntry
  readonly plan: Plan
  readonly slot: HeldSlot
  readonly registry: Registry
  readonly state: DispatchState
}

/** An outcome but for the notices, which the call has. */
export type Ending = { -readonly [K in keyof Omit<Outcome, "notices">]: Omit<Outcome, "notices">[K] }

/** One try while it runs: its deadlines, its way to cancel, what it will leave behind. Once committed it owns the reply. */
export class Try implements Watched {
  readonly call: Call
  readonly target: Target
  readonly provider: ProviderEntry
  readonly key: KeyEntry
  readonly plan: Plan
  readonly registry: Registry
  readonly watch: Watch
  status: number | undefined
  upstreamId: string | undefined
  /** Why nobody waits for the upstream any more. */
  stopped: GatewayFault | undefined
  /** How the reply ended, once it has. */
  outcome: Outcome | undefined
  private readonly slot: HeldSlot
  private readonly state: DispatchState
  private readonly startMs: number
  private sending: Sending | undefined
  private abandoned: (() => void) | undefined
  private promised: PromiseWithResolvers<Outcome> | undefined
  private place = -1

  constructor(parts: TryParts) {
    const { call } = parts
    this.call = call
    this.target = parts.target
    this.provider = parts.provider
    this.key = parts.key
    this.plan = parts.plan
    this.registry = parts.registry
    this.slot = parts.slot
    this.state = parts.state
    this.startMs = performance.now() - call.started
    this.watch = this.startWatch()
    // the watch finds out by itself; only who has tried before has reason to ask
    if (call.trail.tries.length > 0 && call.signal.aborted) this.leave()
  }

  get done(): boolean {
    return this.outcome !== undefined
  }

  /** The end of the reply: resolves exactly once and never rejects. Made only for those who ask. */
  get settled(): Promise<Outcome> {
    if (!this.promised) {
      this.promised = Promise.withResolvers()
      if (this.outcome) this.promised.resolve(this.outcome)
    }
    return this.promised.promise
  }

  /** The committed reply. */
  reply(status: number, headers: ReplyHeaders, body: Body): Reply {
    return new TryReply(this, status, headers, body)
  }

  /** Calls back when nobody will read the answer any more, also when the client has left already: a pump cannot notice that by itself. */
  onAbandon(abandoned: () => void): void {
    this.abandoned = abandoned
    if (this.call.signal.aborted) this.leave()
  }

  /** The answer to the try's request, which `stop` lets go of; nothing is sent once it has. */
  send(url: string, options: SendOptions): Promise<HttpAnswer> {
    if (this.stopped) return Promise.reject(this.stopped)
    this.sending = this.provider.transport.send(url, options)
    return this.sending.answer
  }

  /** Lets go of the upstream. The first reason counts. */
  stop(reason: GatewayFault = fault("cancelled", "the answer is not waited for")): void {
    this.stopped ??= reason
    this.sending?.cancel(this.stopped)
  }

  /** Ends the wait that `watch.waiting` began and books it. */
  waited(): void {
    if (this.watch.waiting === 0) return
    this.call.trail.waitedMs += performance.now() - this.watch.waiting
    this.watch.waiting = 0
  }

  captureRequest(): void {
    const { plan, call } = this
    if (plan.body === call.body || !call.trail.capture) return
    capture(call, "upstream-request", plan.route.wire.id, "application/json", keptOf(plan.body))
  }

  /** Whether the caller may see the bodies of this try: the operator says, or the caller where the operator lets it. */
  get shown(): { readonly request: boolean; readonly response: boolean } {
    const { sendBack } = this.provider
    if (!this.registry.allowRawOverride) return sendBack
    const { rawRequest, rawResponse } = this.call.directions
    return { request: rawRequest ?? sendBack.request, response: rawResponse ?? sendBack.response }
  }

  /** Notes whose key made a vendor-side object, for calls that lean on it later. */
  made(id: string): void {
    const { provider, key, plan, registry, state } = this
    const alone = provider.keys.length === 1 && registry.providers.size === 1
    if (!alone && plan.route.wire.head.pinned.length > 0) state.makers.set(id, { provider: provider.id, key: key.id })
  }

  /** Before commit: writes the try down and lets go of everything. */
  fail(error: GatewayError): void {
    this.waited()
    const { trail } = this.call
    const record = this.record("gave up", error)
    trail.tries.push(record)
    trail.tried = this.target
    trail.failedTry = record
    this.stop()
    this.letGo()
  }

  /** At commit: this try is the answer. */
  commit(): void {
    const { trail, started } = this.call
    trail.overheadMs = Math.max(0, performance.now() - started - trail.waitedMs)
    this.place = trail.tries.push(this.record("answered")) - 1
    trail.target = this.target
    trail.lane = this.plan.lane
    trail.key = this.key
    trail.adopt(this)
  }

  /** What this try lost or adapted, in the words of those it happened to. */
  notices(): readonly Notice[] {
    const { call, plan } = this
    return spellNotices(plan.translation.notices(), { caller: call.wire.paths, upstream: plan.route.wire.paths })
  }

  /** After commit: how it ended. The first one counts. */
  settle(ending: Ending): void {
    if (this.outcome) return
    const { trail } = this.call
    const outcome = Object.assign(ending, { notices: trail.notices() })
    this.outcome = outcome
    if (this.place >= 0 && this.plan.stream) trail.tries[this.place] = this.record("answered", outcome.error)
    this.letGo()
    this.promised?.resolve(outcome)
  }

  leave(): void {
    this.stop(fault("cancelled", "the client closed the request"))
    this.abandoned?.()
  }

  expire(deadline: Deadline): void {
    this.stop(this.lateFault(deadline))
    if (deadline !== "client-stall") {
      // waiting for neither side: nobody reads the answer
      if (this.watch.waiting === 0 && this.watch.offering === 0) this.abandoned?.()
      return
    }
    this.abandoned?.()
    this.call.hangUp()
  }

  private lateFault(deadline: Deadline): GatewayFault {
    const { id: provider, timeouts } = this.provider
    const { callTotalMs, clientStallMs } = this.registry.limits
    const { stream } = this.plan
    return deadlineFault(deadline, {
      provider,
      timeouts,
      stream,
      callTotalMs,
      leftMs: callTotalMs - this.startMs,
      clientStallMs,
    })
  }

  private letGo(): void {
    endWatch(this.watch)
    this.slot.release()
  }

  private startWatch(): Watch {
    const { plan, call, provider } = this
    const { callTotalMs, clientStallMs } = this.registry.limits
    const left = Math.max(1, callTotalMs - this.startMs)
    const total = plan.stream ? provider.timeouts.streamTotalMs : provider.timeouts.unaryTotalMs
    const watch = startWatch(Math.min(total, left), this, call)
    if (plan.stream) watch.waitLimit = provider.timeouts.firstByteMs
    watch.offerLimit = clientStallMs
    return watch
  }

  private record(action: string, error?: GatewayError): TryRecord {
    const { target, plan, key, slot, status, upstreamId } = this
    const record: { -readonly [K in keyof TryRecord]: TryRecord[K] } = {
      provider: target.provider,
      model: plan.model,
      keyId: key.id,
      keyName: key.name,
      wire: plan.route.wire.id,
      lane: plan.lane,
      startMs: toMicrosecond(this.startMs),
      endMs: toMicrosecond(performance.now() - this.call.started),
      queueMs: toMicrosecond(slot.queueMs),
      action,
    }
    if (status !== undefined) record.status = status
    if (upstreamId !== undefined) record.upstreamRequestId = upstreamId
    if (this.sending?.resent) record.resent = true
    if (error) record.error = { kind: error.kind, blame: error.blame, message: error.message }
    return record
  }
}

const toMicrosecond = (ms: number): number => Math.round(ms * 1_000) / 1_000

class TryReply implements Reply {
  readonly wire: string

  constructor(
    private readonly trying: Try,
    readonly status: number,
    readonly headers: ReplyHeaders,
    readonly body: Body,
  ) {
    this.wire = trying.call.wire.id
  }

  get settled(): Promise<Outcome> {
    return this.trying.settled
  }

  get outcome(): Outcome | undefined {
    return this.trying.outcome
  }

  cancel(): void {
    if (!this.trying.done) this.trying.leave()
  }
}

/** Keeps a payload for the log, cut at the limit, if anybody logs. */
export function capture(
  call: Call,
  side: "client-response" | "upstream-request" | "upstream-response",
  wire: string,
  contentType: string,
  bytes: Uint8Array,
): void {
  const { trail } = call
  if (!trail.capture) return
  const kept = bytes.length > trail.captureLimit ? bytes.subarray(0, trail.captureLimit) : bytes
  trail.capture({ side, wire, contentType, bytes: kept, size: bytes.length })
}
