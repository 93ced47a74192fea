import type { ProviderEntry } from "../core/registry.ts"
import { type Lru, lru } from "../lib/lru.ts"
import { type Semaphore, semaphore } from "../lib/semaphore.ts"
import { type Cooldowns, cooldowns } from "./cooldown.ts"

/** What outlives a configuration: health of keys, slots in use. Keyed by provider and key id. */
export interface DispatchState {
  readonly cooldowns: Cooldowns
  /** Which key made a vendor-side object, by the object's id: `provider NUL key`. Kept for a day, the latest 20,000. */
  readonly makers: Lru<string, string>
  /** The provider's slots. A changed limit starts a new pool; calls under way drain from the old one. */
  slots(provider: ProviderEntry): Semaphore
  /** Waiting and running calls by provider. */
  load(): readonly { readonly provider: string; readonly running: number; readonly waiting: number }[]
}

export function dispatchState(): DispatchState {
  const pools = new Map<string, { concurrency: number; bufferSize: number; pool: Semaphore }>()
  return {
    cooldowns: cooldowns(),
    makers: lru({ max: 20_000, ttlMs: 24 * 3_600_000 }),
    slots({ id, concurrency, bufferSize }) {
      const known = pools.get(id)
      if (known && known.concurrency === concurrency && known.bufferSize === bufferSize) return known.pool
      const pool = semaphore({ permits: concurrency, maxWaiting: bufferSize })
      pools.set(id, { concurrency, bufferSize, pool })
      return pool
    },
    load: () => [...pools].map(([provider, { pool }]) => ({ provider, running: pool.inUse(), waiting: pool.waiting() })),
  }
}
