export interface BackoffOptions {
  /** Delay before the first retry. */
  readonly baseMs: number
  readonly maxMs: number
  /** Share of the delay that is random, 0 to 1; half if not given. */
  readonly jitter?: number
  /** Uniform in [0, 1). */
  readonly random?: () => number
}

/** How long to wait before retry number `attempt`, counted from 0: doubles up to `maxMs`, less up to `jitter` of it. In milliseconds. */
export function backoff(attempt: number, { baseMs, maxMs, jitter = 0.5, random = Math.random }: BackoffOptions): number {
  const whole = Math.min(maxMs, baseMs * 2 ** Math.max(0, attempt))
  return Math.round(whole * (1 - jitter * random()))
}
