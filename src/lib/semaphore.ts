/** The wait queue is full. */
export class SemaphoreFullError extends Error {
  override readonly name = "SemaphoreFullError"
}

/** No permit came free in time. */
export class SemaphoreTimeoutError extends Error {
  override readonly name = "SemaphoreTimeoutError"
}

/** Gives the permit back; further calls do nothing. */
export type Release = () => void

export interface AcquireOptions {
  readonly signal?: AbortSignal
  readonly timeoutMs?: number
  /** The line may be so many longer than its limit for this caller. Default: 0. */
  readonly beyond?: number
}

export interface Semaphore {
  /** A permit at once, or undefined. */
  tryAcquire(): Release | undefined
  /**
   * A permit, in the order of asking.
   *
   * @throws SemaphoreFullError; SemaphoreTimeoutError; the signal's reason
   */
  acquire(options?: AcquireOptions): Promise<Release>
  /** Changes the limits; permits in use beyond them are not taken back, and nobody is sent out of the line. */
  resize(limits: SemaphoreLimits): void
  inUse(): number
  waiting(): number
}

interface Waiter {
  grant(release: Release): void
}

export interface SemaphoreLimits {
  readonly permits: number
  readonly maxWaiting: number
}

/** `permits` at once and at most `maxWaiting` callers in line. */
export function semaphore(given: SemaphoreLimits): Semaphore {
  const line = new Set<Waiter>()
  let limits = given
  let used = 0

  function take(): Release {
    used++
    let held = true
    return () => {
      if (!held) return
      held = false
      used--
      serve()
    }
  }

  function serve(): void {
    for (const waiter of line) {
      if (used >= limits.permits) return
      line.delete(waiter)
      waiter.grant(take())
    }
  }

  return {
    tryAcquire: () => (used < limits.permits && line.size === 0 ? take() : undefined),
    async acquire(options = {}) {
      options.signal?.throwIfAborted()
      if (used < limits.permits && line.size === 0) return take()
      if (line.size >= limits.maxWaiting + (options.beyond ?? 0)) throw new SemaphoreFullError("too many are waiting")
      return joinLine(line, options)
    },
    resize(changed) {
      limits = changed
      serve()
    },
    inUse: () => used,
    waiting: () => line.size,
  }
}

/** Waits at the end of the line, and leaves it for good when the signal says so or the time is over. */
function joinLine(line: Set<Waiter>, { signal, timeoutMs }: AcquireOptions): Promise<Release> {
  return new Promise((resolve, reject) => {
    const timer =
      timeoutMs === undefined ? undefined : setTimeout(() => leave(new SemaphoreTimeoutError("no permit in time")), timeoutMs)
    const onAbort = () => leave(signal?.reason)
    const waiter: Waiter = {
      grant(release) {
        tidy()
        resolve(release)
      },
    }
    function tidy(): void {
      clearTimeout(timer)
      signal?.removeEventListener("abort", onAbort)
    }
    function leave(reason: unknown): void {
      if (!line.delete(waiter)) return
      tidy()
      reject(reason)
    }
    signal?.addEventListener("abort", onAbort)
    line.add(waiter)
  })
}
