import { lru } from "../lib/lru.ts"

/** Wrong credentials, counted by where they come from, so that nobody can try for ever. */
export interface Guesses {
  /** True while nobody has to wait, which spares the look at an address. */
  quiet(): boolean
  /** Milliseconds until credentials from an address are looked at again; 0 when they are now. */
  waitMs(address: string): number
  /** A wrong one. The same one again is no new guess: a program with an old token repeats itself. */
  wrong(address: string, secret: string): void
  /** A right one: its address is looked at however many wrong ones others bring. */
  right(address: string): void
  /** Holds the answer to a wrong one back while they come in numbers; undefined when it may go at once. */
  pause(): Promise<void> | undefined
}

const windowMs = 5 * 60_000
const guessesEach = 10
/** Of all addresses together, before answers to wrong ones are held back: one caller may have many addresses. */
const guessesTogether = 200
const addresses = 5_000
const pauseMs = 2_000
/**
 * So many answers are held back at once; meanwhile credentials are looked at only from where right ones came before. So guesses have a rate that no
 * number of addresses can lift.
 */
const heldAtOnce = 20
const fullWaitMs = 1_000
const knownAddresses = 1_000
const knownMs = 24 * 3_600_000

interface Tally {
  readonly until: number
  /** Hashes of what was tried, with a seed of this process. */
  readonly tried: ReadonlySet<bigint>
}

export function guesses(now: () => number = Date.now, sleep: (ms: number) => Promise<void> = Bun.sleep): Guesses {
  const each = lru<string, Tally>({ max: addresses })
  const known = lru<string, true>({ max: knownAddresses, ttlMs: knownMs, now })
  const seed = crypto.getRandomValues(new BigUint64Array(1))[0] ?? 0n
  let together = { until: 0, count: 0 }
  let lockedUntil = 0
  let held = 0
  const tallyOf = (address: string): Tally | undefined => {
    const tally = each.get(address)
    return tally && tally.until > now() ? tally : undefined
  }
  return {
    quiet: () => held < heldAtOnce && lockedUntil <= now(),
    waitMs(address) {
      const tally = tallyOf(address)
      if (tally && tally.tried.size >= guessesEach) return tally.until - now()
      return held < heldAtOnce || known.get(address) ? 0 : fullWaitMs
    },
    right: (address) => known.set(address, true),
    wrong(address, secret) {
      const before = tallyOf(address)
      const hash = Bun.hash.xxHash64(secret, seed)
      if (before?.tried.has(hash)) return
      const tally = { until: before?.until ?? now() + windowMs, tried: new Set([...(before?.tried ?? []), hash]) }
      each.set(address, tally)
      if (tally.tried.size >= guessesEach) lockedUntil = Math.max(lockedUntil, tally.until)
      if (together.until <= now()) together = { until: now() + windowMs, count: 0 }
      together.count += 1
    },
    pause() {
      if (together.count < guessesTogether || together.until <= now()) return undefined
      held += 1
      return sleep(pauseMs).finally(() => {
        held -= 1
      })
    },
  }
}
