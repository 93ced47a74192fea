import type { Outcome, Reply } from "../core/call.ts"
import { within } from "../lib/within.ts"

export interface RunningCalls {
  readonly draining: boolean
  begin(): void
  /** With the answer's status; a reply that streams goes on counting until it settles. */
  end(status: number, reply: Reply | undefined): void
  /** A request that never became a call: an error among the calls, as in the log. */
  refused(): void
  /** `errors` are what the log calls so: refused, failed, cut off or given up. */
  totals(): { readonly calls: number; readonly errors: number; readonly active: number }
  /** No new calls from now on. */
  stop(): void
  /** Resolves when no call runs, or after the deadline in milliseconds. */
  idle(deadlineMs: number): Promise<void>
}

/** Counts the calls under way, so that a drain knows when it is over. */
export function runningCalls(gauge: { callStarted(method: string): void; callEnded(method: string): void }): RunningCalls {
  let calls = 0
  let errors = 0
  let active = 0
  let draining = false
  const waiting = new Set<() => void>()
  const done = () => {
    active -= 1
    gauge.callEnded("chat")
    if (active === 0) for (const wake of waiting) wake()
  }
  return {
    get draining() {
      return draining
    },
    begin() {
      calls += 1
      active += 1
      gauge.callStarted("chat")
    },
    end(status, reply) {
      const settle = (outcome: Outcome | undefined) => {
        if (status >= 400 || outcome?.end !== "complete") errors += 1
        done()
      }
      if (!reply || reply.outcome) settle(reply?.outcome)
      else void reply.settled.then(settle)
    },
    refused() {
      calls += 1
      errors += 1
    },
    totals: () => ({ calls, errors, active }),
    stop() {
      draining = true
    },
    async idle(deadlineMs) {
      if (active === 0) return
      const { promise, resolve } = Promise.withResolvers<void>()
      waiting.add(resolve)
      await within(deadlineMs, promise)
      waiting.delete(resolve)
    },
  }
}
