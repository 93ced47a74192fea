/** What is counted of a batch. */
interface Load {
  readonly entries: number
  readonly weight: number
}

/** How far the writer is with what was sent to it. */
export interface Backlog {
  /** What was sent and has not come to an end. */
  readonly entries: number
  readonly weight: number
  /** Entries on the disk, and entries given up, from the start on. */
  readonly written: number
  readonly dropped: number
  send(load: Load): void
  /** A batch came to an end, with so many of its entries on the disk. */
  end(load: Load & { readonly written: number }): void
  /** Entries that were not even sent. */
  refuse(entries: number): void
  /** All that is on its way is given up; how many entries that were. */
  lose(): number
  /** Resolves when all that was sent so far came to an end, when `release` says so, at the latest after so many milliseconds. */
  caughtUp(ms: number): Promise<void>
  /** Nobody waits any longer. */
  release(): void
}

export function backlog(): Backlog {
  const now = { entries: 0, weight: 0 }
  const all = { written: 0, dropped: 0 }
  /** Entries sent and entries that came to an end, from the start on: who waits, waits for a count. */
  let sent = 0
  let finished = 0
  const waiting = new Set<{ readonly count: number; readonly resolve: () => void }>()
  const release = () => {
    for (const one of waiting) one.resolve()
  }
  return {
    get entries() {
      return now.entries
    },
    get weight() {
      return now.weight
    },
    get written() {
      return all.written
    },
    get dropped() {
      return all.dropped
    },
    send({ entries, weight }) {
      now.entries += entries
      now.weight += weight
      sent += entries
    },
    end({ entries, weight, written }) {
      now.entries -= entries
      now.weight -= weight
      finished += entries
      all.written += written
      all.dropped += entries - written
      for (const one of waiting) if (finished >= one.count) one.resolve()
    },
    refuse(entries) {
      all.dropped += entries
    },
    lose() {
      const { entries } = now
      all.dropped += entries
      finished += now.entries
      now.entries = 0
      now.weight = 0
      release()
      return entries
    },
    async caughtUp(ms) {
      if (finished >= sent) return
      const { promise, resolve } = Promise.withResolvers<void>()
      const one = { count: sent, resolve }
      waiting.add(one)
      const timer = setTimeout(resolve, ms)
      await promise
      clearTimeout(timer)
      waiting.delete(one)
    },
    release,
  }
}
