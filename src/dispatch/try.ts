import type { Call, Outcome, Target } from "../core/call.ts"
import { fault, type GatewayError } from "../core/error.ts"
import type { Notice } from "../core/notice.ts"
import type { TryRecord } from "../core/record.ts"
import type { KeyEntry, ProviderEntry, Registry } from "../core/registry.ts"
import type { Lru } from "../lib/lru.ts"
import type { Plan } from "./plan.ts"
import type { HeldSlot } from "./slot.ts"
import { type Deadline, endWatch, startWatch, type Watch } from "./watchdog.ts"

export interface TryParts {
  readonly call: Call
  readonly target: Target
  readonly provider: ProviderEntry
  readonly key: KeyEntry
  readonly plan: Plan
  readonly slot: HeldSlot
  readonly notices: () => readonly Notice[]
  readonly limits: Registry["limits"]
  readonly allowRawOverride: boolean
  readonly makers: Lru<string, string>
}

/** One try while it runs: its deadlines, its way to cancel, what it will leave behind. */
export class Try {
  readonly call: Call
  readonly target: Target
  readonly provider: ProviderEntry
  readonly key: KeyEntry
  readonly plan: Plan
  readonly limits: Registry["limits"]
  readonly controller = new AbortController()
  readonly watch: Watch
  /** The end of the reply: resolves exactly once and never rejects. */
  readonly settled: Promise<Outcome>
  /** Called when the client has stopped reading: the pump cannot notice it by itself. */
  stalled: () => void = () => {}
  status: number | undefined
  upstreamId: string | undefined
  done = false
  private readonly parts: TryParts
  private readonly startMs: number
  private readonly resolve: (outcome: Outcome) => void
  private readonly leave = (): void => this.controller.abort(fault("cancelled", "the client closed the request"))
  private place = -1

  constructor(parts: TryParts) {
    const { call } = parts
    this.call = call
    this.target = parts.target
    this.provider = parts.provider
    this.key = parts.key
    this.plan = parts.plan
    this.limits = parts.limits
    this.parts = parts
    this.startMs = performance.now() - call.started
    const { promise, resolve } = Promise.withResolvers<Outcome>()
    this.settled = promise
    this.resolve = resolve
    if (call.signal.aborted) this.leave()
    else call.signal.addEventListener("abort", this.leave)
    this.watch = this.startWatch()
  }

  /** Calls back when the client leaves, also when it has left already: its answer may then never be read. */
  onLeave(left: () => void): void {
    const { signal } = this.call
    if (signal.aborted) left()
    else signal.addEventListener("abort", left, { once: true })
  }

  /** Ends the wait that `watch.waiting` began and books it. */
  waited(): void {
    if (this.watch.waiting === 0) return
    this.call.trail.waitedMs += performance.now() - this.watch.waiting
    this.watch.waiting = 0
  }

  captureRequest(): void {
    const { plan, call } = this
    if (plan.body !== call.body) capture(call, "upstream-request", plan.route.wire.id, "application/json", plan.body)
  }

  /** Whether the caller may see the bodies of this try: the operator says, or the caller where the operator lets it. */
  get shown(): { readonly request: boolean; readonly response: boolean } {
    const { sendBack } = this.provider
    if (!this.parts.allowRawOverride) return sendBack
    const { rawRequest, rawResponse } = this.call.directions
    return { request: rawRequest ?? sendBack.request, response: rawResponse ?? sendBack.response }
  }

  /** Notes whose key made a vendor-side object, for calls that lean on it later. */
  made(id: string): void {
    if (this.provider.keys.length > 1) this.parts.makers.set(id, `${this.provider.id}\u0000${this.key.id}`)
  }

  /** Before commit: writes the try down and lets go of everything. */
  fail(error: GatewayError): void {
    this.waited()
    this.call.trail.tries.push(this.record("gave up", error))
    this.controller.abort()
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
    trail.adopt(this.parts.notices)
  }

  /** After commit: how it ended. The first one counts. */
  settle(outcome: Omit<Outcome, "notices">): void {
    if (this.done) return
    this.done = true
    const { trail } = this.call
    if (this.place >= 0 && this.plan.stream) trail.tries[this.place] = this.record("answered", outcome.error)
    this.letGo()
    this.resolve({ ...outcome, notices: trail.notices() })
  }

  private letGo(): void {
    endWatch(this.watch)
    this.call.signal.removeEventListener("abort", this.leave)
    this.parts.slot.release()
  }

  private startWatch(): Watch {
    const { plan, limits, call, provider } = this
    const left = Math.max(1, limits.callTotalMs - (performance.now() - call.started))
    const total = plan.stream ? provider.timeouts.streamTotalMs : provider.timeouts.unaryTotalMs
    const watch = startWatch(Math.min(total, left), (deadline) => this.expire(deadline))
    if (plan.stream) watch.waitLimit = provider.timeouts.firstByteMs
    watch.offerLimit = limits.clientStallMs
    return watch
  }

  private expire(deadline: Deadline): void {
    if (deadline !== "client-stall") {
      this.controller.abort(fault("timeout", `${this.provider.id} did not answer in time (${deadline} deadline)`))
      return
    }
    this.controller.abort(fault("cancelled", "the client stopped reading"))
    this.stalled()
    this.call.hangUp()
  }

  private record(action: string, error?: GatewayError): TryRecord {
    const { target, plan, key, parts, status, upstreamId } = this
    const record: { -readonly [K in keyof TryRecord]: TryRecord[K] } = {
      provider: target.provider,
      model: plan.model,
      keyId: key.id,
      keyName: key.name,
      wire: plan.route.wire.id,
      lane: plan.lane,
      startMs: this.startMs,
      endMs: performance.now() - this.call.started,
      queueMs: parts.slot.queueMs,
      action,
    }
    if (status !== undefined) record.status = status
    if (upstreamId !== undefined) record.upstreamRequestId = upstreamId
    if (error) record.error = { kind: error.kind, blame: error.blame, message: error.message }
    return record
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
  trail.capture?.({ side, wire, contentType, bytes: bytes.subarray(0, trail.captureLimit), size: bytes.length })
}
