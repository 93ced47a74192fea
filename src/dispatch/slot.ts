import type { Call } from "../core/call.ts"
import { fault } from "../core/error.ts"
import type { ProviderEntry, Registry } from "../core/registry.ts"
import { type Release, SemaphoreFullError, SemaphoreTimeoutError } from "../lib/semaphore.ts"
import type { DispatchState } from "./state.ts"

export interface HeldSlot {
  readonly queueMs: number
  readonly release: Release
}

/** One of the provider's slots, at once or after waiting in its bounded queue. Full, or waited too long: the fault `queue-full`. */
export async function acquireSlot(
  call: Call,
  provider: ProviderEntry,
  state: DispatchState,
  registry: Registry,
): Promise<HeldSlot> {
  const pool = state.slots(provider)
  const release = pool.tryAcquire()
  if (release) return { queueMs: 0, release }
  const { dropExcess, queueWaitMs, callTotalMs } = registry.limits
  if (dropExcess) throw queueFull(provider)
  const from = performance.now()
  try {
    const timeoutMs = Math.max(0, Math.min(queueWaitMs, callTotalMs - (from - call.started)))
    const granted = await pool.acquire({ signal: call.signal, timeoutMs })
    const queueMs = performance.now() - from
    call.trail.waitedMs += queueMs
    return { queueMs, release: granted }
  } catch (error) {
    if (error instanceof SemaphoreFullError || error instanceof SemaphoreTimeoutError) throw queueFull(provider)
    throw fault("cancelled", "the client closed the request")
  }
}

const queueFull = (provider: ProviderEntry) =>
  fault("queue-full", `request dropped: queue is full for ${provider.id}`, { retryAfterMs: 1_000 })
