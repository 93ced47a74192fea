import type { ProviderEntry } from "../core/registry.ts"
import { type Lru, lru } from "../lib/lru.ts"
import { type Semaphore, semaphore } from "../lib/semaphore.ts"
import { type Cooldowns, cooldowns } from "./cooldown.ts"

/** Ids of a provider and of a key of it. */
export interface Maker {
  readonly provider: string
  readonly key: string
}

/** What outlives a configuration: health of keys, slots in use. Keyed by provider and key id. */
export interface DispatchState {
  readonly cooldowns: Cooldowns
  /** Which key made a vendor-side object, by the object's id. Kept for a day, the latest 20,000. */
  readonly makers: Lru<string, Maker>
  /** Models, as `provider/model`, each with what it has refused to hear of thinking that was not asked for in its own format. Kept for ten minutes, the latest 1,000. */
  readonly thoughtless: Lru<string, true>
  /** The provider's slots. */
  slots(provider: SlotLimits): Semaphore
  /** A new configuration is in force: its limits hold at once for calls under way too, and slots of providers that it leaves out go once nobody has one. */
  limit(providers: Iterable<SlotLimits>): void
  /** Waiting and running calls by provider. */
  load(): readonly { readonly provider: string; readonly running: number; readonly waiting: number }[]
}

export type SlotLimits = Pick<ProviderEntry, "id" | "concurrency" | "bufferSize">

export function dispatchState(): DispatchState {
  const pools = new Map<string, Semaphore>()
  let wanted: ReadonlyMap<string, SlotLimits> | undefined
  const sweep = () => {
    for (const [id, pool] of pools) if (wanted?.has(id) === false && pool.inUse() + pool.waiting() === 0) pools.delete(id)
  }
  return {
    cooldowns: cooldowns(),
    makers: lru({ max: 20_000, ttlMs: 24 * 3_600_000 }),
    thoughtless: lru({ max: 1_000, ttlMs: 600_000 }),
    slots(provider) {
      const known = pools.get(provider.id)
      if (known) return known
      const pool = semaphore(sizeOf(wanted?.get(provider.id) ?? provider))
      pools.set(provider.id, pool)
      return pool
    },
    limit(providers) {
      wanted = new Map([...providers].map((provider) => [provider.id, provider]))
      for (const [id, provider] of wanted) pools.get(id)?.resize(sizeOf(provider))
      sweep()
    },
    load() {
      sweep()
      return [...pools].map(([provider, pool]) => ({ provider, running: pool.inUse(), waiting: pool.waiting() }))
    },
  }
}

const sizeOf = ({ concurrency, bufferSize }: SlotLimits) => ({ permits: concurrency, maxWaiting: bufferSize })
