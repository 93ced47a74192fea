export interface Lru<Key, Value> {
  /** The value, which counts as used now; undefined if absent or past its time. */
  get(key: Key): Value | undefined
  set(key: Key, value: Value): void
  delete(key: Key): boolean
  clear(): void
  /** Entries held, those past their time included until they are met. */
  size(): number
}

export interface LruOptions {
  readonly max: number
  /** Time from `set` until an entry is gone; reading does not extend it. */
  readonly ttlMs?: number
  readonly now?: () => number
}

/** A map of at most `max` entries; the least recently used one makes room. */
export function lru<Key, Value>({ max, ttlMs = Number.POSITIVE_INFINITY, now = Date.now }: LruOptions): Lru<Key, Value> {
  const entries = new Map<Key, { readonly value: Value; readonly until: number }>()
  return {
    get(key) {
      const entry = entries.get(key)
      if (entry === undefined) return undefined
      entries.delete(key)
      if (entry.until <= now()) return undefined
      entries.set(key, entry)
      return entry.value
    },
    set(key, value) {
      entries.delete(key)
      entries.set(key, { value, until: now() + ttlMs })
      if (entries.size <= max) return
      for (const oldest of entries.keys()) {
        entries.delete(oldest)
        break
      }
    },
    delete: (key) => entries.delete(key),
    clear: () => entries.clear(),
    size: () => entries.size,
  }
}
