const longFirstMs = 600_000
const longMaxMs = 3_600_000
const shortFirstMs = 1_000
const shortMaxMs = 60_000
/** A key cooled for its credentials may be tried again this much later when no other key is left. */
const probeAfterMs = 15_000
const maxEntries = 10_000

interface Cooling {
  until: number
  streak: number
  readonly long: boolean
  since: number
  readonly reason: string
}

export interface KeyHealth {
  readonly until: number
  readonly long: boolean
  readonly reason: string
}

/** Cool-downs by provider and key id. They live outside snapshots, so a reload forgets none. */
export interface Cooldowns {
  /** Undefined while the key may be used. `model` narrows to refusals of that model alone. */
  of(provider: string, key: string, model: string): KeyHealth | undefined
  /** Credential trouble: 10 minutes, doubling to 1 hour. With a model, only that model is affected. */
  long(provider: string, key: string, reason: string, model?: string): void
  /** Rate limit, which vendors count by key and model: what the vendor said, at most 1 hour, else 1 s doubling to 60 s. */
  short(provider: string, key: string, model: string, retryAfterMs?: number): void
  /** A cooled key that may be probed: its credentials may have been mended meanwhile. */
  probeable(provider: string, key: string, model: string): boolean
  /** A call that began at `began` was answered: what cooled the key before is over, what came in since is not. */
  healthy(provider: string, key: string, model: string, began: number): void
  /** All that cool now, for status pages. */
  list(): readonly { readonly provider: string; readonly key: string; readonly health: KeyHealth }[]
}

export function cooldowns(now: () => number = Date.now): Cooldowns {
  const held = new Map<string, Cooling>()
  const id = (provider: string, key: string, model = "") => `${provider}\u0000${key}\u0000${model}`

  /** Refusals of calls that ran side by side are one refusal: a streak grows only once its cool-down is over. */
  function cool(at: string, long: boolean, reason: string, fixedMs?: number): void {
    const before = held.get(at)
    const time = now()
    const running = before !== undefined && before.until > time
    if (running && before.long && !long) return
    const streak = before?.long === long ? before.streak + (running ? 0 : 1) : 1
    const first = long ? longFirstMs : shortFirstMs
    const ms = Math.min(fixedMs ?? Math.min(first * 2 ** (streak - 1), long ? longMaxMs : shortMaxMs), longMaxMs)
    const until = Math.max(time + ms, running ? before.until : 0)
    held.delete(at)
    held.set(at, { until, streak, long, since: time, reason })
    if (held.size > maxEntries) held.delete(held.keys().next().value ?? at)
  }

  function find(provider: string, key: string, model: string): Cooling | undefined {
    for (const at of [id(provider, key), id(provider, key, model)]) {
      const entry = held.get(at)
      if (entry && entry.until > now()) return entry
    }
    return undefined
  }

  return {
    of: (provider, key, model) => (held.size === 0 ? undefined : find(provider, key, model)),
    long: (provider, key, reason, model) => cool(id(provider, key, model), true, reason),
    short: (provider, key, model, retryAfterMs) => cool(id(provider, key, model), false, "rate limit", retryAfterMs),
    probeable(provider, key, model) {
      const entry = find(provider, key, model)
      if (!entry?.long || now() - entry.since < probeAfterMs) return false
      entry.since = now()
      return true
    },
    healthy(provider, key, model, began) {
      if (held.size === 0) return
      for (const at of [id(provider, key), id(provider, key, model)]) {
        const entry = held.get(at)
        if (entry && entry.since <= began) held.delete(at)
      }
    },
    list: () =>
      [...held].flatMap(([at, entry]) => {
        const [provider = "", key = ""] = at.split("\u0000")
        return entry.until > now()
          ? [{ provider, key, health: { until: entry.until, long: entry.long, reason: entry.reason } }]
          : []
      }),
  }
}
