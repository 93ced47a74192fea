import type { Call, Outcome, Target } from "../core/call.ts"
import { fault, type GatewayError } from "../core/error.ts"
import type { Notice } from "../core/notice.ts"
import type { TryRecord } from "../core/record.ts"
import type { KeyEntry, ProviderEntry, Registry } from "../core/registry.ts"
import type { Lru } from "../lib/lru.ts"
import type { Plan } from "./plan.ts"
import { type Settlement, settlement } from "./settle.ts"
import type { HeldSlot } from "./slot.ts"
import { type Deadline, endWatch, startWatch, type Watch } from "./watchdog.ts"

/** One try while it runs: its deadlines, its way to cancel, what it will leave behind. */
export interface Try {
  readonly call: Call
  readonly target: Target
  readonly provider: ProviderEntry
  readonly key: KeyEntry
  readonly plan: Plan
  readonly controller: AbortController
  readonly watch: Watch
  readonly settlement: Settlement
  readonly limits: Registry["limits"]
  readonly allowRawOverride: boolean
  status?: number
  upstreamId?: string
  /** Ends the wait that `watch.waiting` began and books it. */
  waited(): void
  captureRequest(): void
  /** Notes whose key made a vendor-side object, for calls that lean on it later. */
  made(id: string): void
  /** Before commit: writes the try down and lets go of everything. */
  fail(error: GatewayError): void
  /** At commit: this try is the answer. */
  commit(): void
  /** Called when the client has stopped reading: the pump cannot notice it by itself. */
  stalled: () => void
  /** After commit: how it ended. */
  settle(outcome: Omit<Outcome, "notices">): void
}

interface TryParts {
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

export function startTry(parts: TryParts): Try {
  const { call, target, provider, key, plan, slot, limits } = parts
  const startMs = performance.now() - call.started
  const controller = new AbortController()
  const leave = () => controller.abort(fault("cancelled", "the client closed the request"))
  if (call.signal.aborted) leave()
  else call.signal.addEventListener("abort", leave, { once: true })
  const watch = watchTry(provider, plan, call, limits, (deadline) => {
    controller.abort(deadlineFault(deadline, provider.id))
    if (deadline !== "client-stall") return
    trying.stalled()
    call.hangUp()
  })

  const letGo = () => {
    endWatch(watch)
    call.signal.removeEventListener("abort", leave)
    slot.release()
  }
  const settled = settlement(call.trail.notices, letGo)
  let place = -1

  const record = (action: string, error?: GatewayError): TryRecord => ({
    provider: target.provider,
    model: plan.model,
    keyId: key.id,
    keyName: key.name,
    wire: plan.route.wire.id,
    lane: plan.lane,
    startMs,
    endMs: performance.now() - call.started,
    queueMs: slot.queueMs,
    ...(trying.status === undefined ? {} : { status: trying.status }),
    ...(trying.upstreamId === undefined ? {} : { upstreamRequestId: trying.upstreamId }),
    ...(error ? { error: { kind: error.kind, blame: error.blame, message: error.message } } : {}),
    action,
  })

  const trying: Try = {
    call,
    target,
    provider,
    key,
    plan,
    controller,
    watch,
    settlement: settled,
    limits,
    allowRawOverride: parts.allowRawOverride,
    waited() {
      if (watch.waiting === 0) return
      call.trail.waitedMs += performance.now() - watch.waiting
      watch.waiting = 0
    },
    captureRequest() {
      if (plan.body === call.body) return
      capture(call, "upstream-request", plan.route.wire.id, "application/json", plan.body)
    },
    made(id) {
      if (provider.keys.length > 1) parts.makers.set(id, `${provider.id}\u0000${key.id}`)
    },
    fail(error) {
      trying.waited()
      call.trail.tries.push(record("gave up", error))
      controller.abort()
      letGo()
    },
    commit() {
      place = call.trail.tries.push(record("answered")) - 1
      call.trail.target = target
      call.trail.lane = plan.lane
      call.trail.key = { id: key.id, name: key.name }
      call.trail.adopt(parts.notices)
    },
    stalled: () => {},
    settle(outcome) {
      if (settled.done) return
      if (place >= 0) call.trail.tries[place] = record("answered", outcome.error)
      settled.settle(outcome)
    },
  }
  return trying
}

function watchTry(
  provider: ProviderEntry,
  plan: Plan,
  call: Call,
  limits: Registry["limits"],
  expire: (deadline: Deadline) => void,
): Watch {
  const { timeouts } = provider
  const left = limits.callTotalMs - (performance.now() - call.started)
  const watch = startWatch(Math.min(plan.stream ? timeouts.streamTotalMs : timeouts.unaryTotalMs, Math.max(1, left)), expire)
  if (plan.stream) watch.waitLimit = timeouts.firstByteMs
  watch.offerLimit = limits.clientStallMs
  return watch
}

function deadlineFault(deadline: Deadline, provider: string) {
  if (deadline === "client-stall") return fault("cancelled", "the client stopped reading")
  return fault("timeout", `${provider} did not answer in time (${deadline} deadline)`)
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
