/** Keeps the newest of what comes in until somebody takes it, and counts what it had to let go. */
export interface WaitingRoom<T> {
  push(item: T): void
  /** Everything kept, newest first, and how many were let go since the last time. */
  take(): { readonly items: readonly T[]; readonly skipped: number }
  readonly waiting: number
  /** The one of those kept that is so. */
  find(is: (item: T) => boolean): T | undefined
}

/** A ring of `limit` places: under any load it costs the same memory. */
export function waitingRoom<T>(limit: number): WaitingRoom<T> {
  let ring: T[] = []
  let next = 0
  let skipped = 0
  return {
    push(item) {
      if (ring.length < limit) ring.push(item)
      else {
        ring[next] = item
        skipped += 1
      }
      next = (next + 1) % limit
    },
    take() {
      const oldest = ring.length < limit ? 0 : next
      const items = [...ring.slice(oldest), ...ring.slice(0, oldest)].reverse()
      const answer = { items, skipped }
      ring = []
      next = 0
      skipped = 0
      return answer
    },
    get waiting() {
      return ring.length + skipped
    },
    find: (is) => ring.find(is),
  }
}
