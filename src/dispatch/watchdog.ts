/** Which of a try's deadlines ran out; `drain`: the gateway ends and waits no longer. */
export type Deadline = "connect" | "first-byte" | "idle" | "total" | "client-stall" | "drain"

/** Who is told what happens to a try. */
export interface Watched {
  expire(deadline: Deadline): void
  /** The client is gone. Said once. */
  leave(): void
}

interface Client {
  readonly signal: AbortSignal
}

/**
 * One try under watch. All times are `performance.now()` milliseconds, all limits milliseconds. Fields are plain numbers so that a stream with
 * thousands of chunks costs two writes a chunk and no timer.
 */
export interface Watch {
  /** When the try as a whole must be over. */
  due: number
  /** Since when we wait for the upstream; 0 while we do not. */
  waiting: number
  waitLimit: number
  /** What a wait that is too long is called. */
  waitKind: Deadline
  /** Since when the client has taken nothing of what we offer; 0 while nothing is on offer. */
  offering: number
  offerLimit: number
  /** After this long a wait `quiet` is called, and again after as long. Infinity: never. */
  quietAfter: number
  /** When `quiet` was last called. */
  quietAt: number
  quiet: () => void
  readonly owner: Watched
  /** Whose signal is looked at, for a listener on each call's costs more than all of the sweeps, and to make one is not for free. Undefined once it is aborted. */
  client: Client | undefined
  /** Where it stands in the list; -1 when it has ended. */
  place: number
}

const sweepMs = 25
// A list and no Set: each table that a Set outgrows points to the next one, so that whatever has ever been in it lives on until a full collection.
const watched: Watch[] = []
const silence = () => {}
let timer: ReturnType<typeof setInterval> | undefined

/**
 * Puts a try under watch. Deadlines, and the news that the client has left, are late by at most 25 ms. After the upstream's deadlines the watch goes on
 * until it is ended, for a client that takes nothing of the error or leaves; a stalled client ends it.
 */
export function startWatch(totalMs: number, owner: Watched, client?: Client): Watch {
  const never = Number.POSITIVE_INFINITY
  const entry: Watch = {
    due: performance.now() + totalMs,
    waiting: 0,
    waitLimit: never,
    waitKind: "first-byte",
    offering: 0,
    offerLimit: never,
    quietAfter: never,
    quietAt: 0,
    quiet: silence,
    owner,
    client,
    place: watched.length,
  }
  watched.push(entry)
  timer ??= setInterval(sweep, sweepMs)
  return entry
}

export function endWatch(entry: Watch): void {
  const { place } = entry
  if (place < 0) return
  entry.place = -1
  const last = watched.pop()
  if (!last || last === entry) return
  watched[place] = last
  last.place = place
}

/** Ends all tries now, for a gateway that ends itself; those that have run out of time already are left to tell of it. */
export function expireAll(): void {
  for (const entry of [...watched]) {
    if (entry.due === Number.POSITIVE_INFINITY) continue
    entry.due = entry.waitLimit = Number.POSITIVE_INFINITY
    entry.owner.expire("drain")
  }
}

function sweep(): void {
  if (watched.length === 0) {
    // Not at the end of each try: making a timer costs more than the try's own share of a sweep.
    clearInterval(timer)
    timer = undefined
    return
  }
  const now = performance.now()
  // from the end: one that ends here is replaced by one that has been looked at
  for (let place = watched.length - 1; place >= 0; place -= 1) {
    const entry = watched[place]
    if (!entry) continue
    if (entry.client?.signal.aborted) {
      entry.client = undefined
      entry.owner.leave()
      continue
    }
    const expired = overdue(entry, now)
    if (expired !== undefined) {
      if (expired === "client-stall") endWatch(entry)
      else entry.due = entry.waitLimit = Number.POSITIVE_INFINITY
      entry.owner.expire(expired)
    } else if (entry.waiting > 0 && now - Math.max(entry.waiting, entry.quietAt) >= entry.quietAfter) {
      entry.quietAt = now
      entry.quiet()
    }
  }
}

function overdue(entry: Watch, now: number): Deadline | undefined {
  if (now >= entry.due) return "total"
  if (entry.waiting > 0 && now - entry.waiting >= entry.waitLimit) return entry.waitKind
  if (entry.offering > 0 && now - entry.offering >= entry.offerLimit) return "client-stall"
  return undefined
}
