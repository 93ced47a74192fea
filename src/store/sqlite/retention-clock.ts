const dayMs = 86_400_000
/** What a machine that slept over a night or two may be behind. */
const plainMs = 2 * dayMs
const doubtMs = dayMs

/**
 * The time by which days of the log are too old, in milliseconds since 1970. A clock that was put forward by more than two days is not believed for
 * a day: by a wrong one all days would be too old at once, and what was deleted does not come back with the right time.
 *
 * @param steady A clock that nobody sets, such as `performance.now()`.
 */
export function retentionClock(wall: () => number, steady: () => number): () => number {
  let ahead = wall() - steady()
  let doubtedAt: number | undefined
  return () => {
    const now = wall()
    const passed = steady()
    const isPlain = now - passed - ahead <= plainMs
    if (!isPlain) doubtedAt ??= passed
    if (!isPlain && doubtedAt !== undefined && passed - doubtedAt < doubtMs) return passed + ahead
    ahead = now - passed
    doubtedAt = undefined
    return now
  }
}
