import { lru } from "../../lib/lru.ts"

/** Counts sign-ins that failed, so that nobody can try for ever. */
export interface SignInAttempts {
  /** Milliseconds until an address may try again; 0 when it may now. */
  waitMs(address: string): number
  failed(address: string): void
}

const windowMs = 5 * 60_000
const failuresEach = 10
/** Of all addresses together: one caller may have many. */
const failuresTogether = 200
const addresses = 1_000

interface Tally {
  readonly until: number
  readonly failures: number
}

export function signInAttempts(now: () => number = Date.now): SignInAttempts {
  const each = lru<string, Tally>({ max: addresses })
  let together: Tally | undefined
  const grown = (tally: Tally | undefined): Tally =>
    tally !== undefined && tally.until > now()
      ? { until: tally.until, failures: tally.failures + 1 }
      : { until: now() + windowMs, failures: 1 }
  const left = (tally: Tally | undefined, allowed: number): number =>
    tally === undefined || tally.failures < allowed ? 0 : Math.max(0, tally.until - now())
  return {
    waitMs: (address) => Math.max(left(each.get(address), failuresEach), left(together, failuresTogether)),
    failed(address) {
      each.set(address, grown(each.get(address)))
      together = grown(together)
    },
  }
}
