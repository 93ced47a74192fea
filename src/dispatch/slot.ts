import type { Call } from "../core/call.ts"
import { fault } from "../core/error.ts"
import type { ProviderEntry, Registry } from "../core/registry.ts"
import { type Release, SemaphoreFullError, SemaphoreTimeoutError } from "../lib/semaphore.ts"
import type { DispatchState } from "./state.ts"

export interface HeldSlot {
  readonly queueMs: number
  readonly release: Release
}

export interface SlotOptions {
  readonly state: DispatchState
  readonly limits: Registry["limits"]
  /** No target comes after this one: a call may then also wait for room in the queue, as many as have room in it and where the operator lets them. */
  readonly last: boolean
}

/** One of the provider's slots if there is a free one. */
export function slotNow(provider: ProviderEntry, state: DispatchState): HeldSlot | undefined {
  const release = state.slots(provider).tryAcquire()
  return release && { queueMs: 0, release }
}

/** One of the provider's slots after waiting in its bounded queue. Full, or waited too long: the fault `queue-full`. */
export async function acquireSlot(call: Call, provider: ProviderEntry, { state, limits, last }: SlotOptions): Promise<HeldSlot> {
  const pool = state.slots(provider)
  const { dropExcess, queueWaitMs, callTotalMs } = limits
  const from = performance.now()
  try {
    const timeoutMs = Math.max(0, Math.min(queueWaitMs, callTotalMs - (from - call.started)))
    const granted = await pool.acquire({ signal: call.signal, timeoutMs, beyond: last && !dropExcess ? provider.bufferSize : 0 })
    const queueMs = performance.now() - from
    call.trail.waitedMs += queueMs
    return { queueMs, release: granted }
  } catch (error) {
    if (error instanceof SemaphoreFullError) throw queueFull(`queue is full for ${provider.id}`)
    if (error instanceof SemaphoreTimeoutError) throw queueFull(waitedLong(provider, performance.now() - from))
    throw fault("cancelled", "the client closed the request")
  }
}

const queueFull = (why: string) => fault("queue-full", `request dropped: ${why}`, { retryAfterMs: 1_000 })

const waitedLong = ({ id }: ProviderEntry, ms: number): string =>
  `queue is full for ${id}, and no turn came within ${Math.round(ms / 100) / 10} s (set by routing.queue_wait_in_seconds)`
