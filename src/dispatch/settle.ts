import type { Outcome } from "../core/call.ts"
import type { Notice } from "../core/notice.ts"

export interface Settlement {
  readonly settled: Promise<Outcome>
  readonly done: boolean
  /** The first one counts. */
  settle(outcome: Omit<Outcome, "notices">): void
}

/** The end of a reply: resolves exactly once and never rejects. */
export function settlement(notices: () => readonly Notice[], after: () => void): Settlement {
  const { promise, resolve } = Promise.withResolvers<Outcome>()
  let done = false
  return {
    settled: promise,
    get done() {
      return done
    },
    settle(outcome) {
      if (done) return
      done = true
      after()
      resolve({ ...outcome, notices: notices() })
    },
  }
}
