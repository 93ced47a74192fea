import { within } from "../lib/within.ts"
import type { RunningCalls } from "./running.ts"

export interface Draining {
  readonly running: RunningCalls
  /** Milliseconds that running calls have. */
  readonly deadlineMs: number
  /** Ends once every connection has; `true` cuts them. */
  stopServer(cut: boolean): Promise<void> | undefined
}

/** A call that is over here may still be on its way to a slow client. */
const lastBytesMs = 1_000

/** Takes no new calls, lets running ones finish, closes the port. */
export async function drain({ running, deadlineMs, stopServer }: Draining): Promise<void> {
  running.stop()
  const deadline = performance.now() + deadlineMs
  await running.idle(deadlineMs)
  await within(Math.max(lastBytesMs, deadline - performance.now()), Promise.resolve(stopServer(false)))
  await stopServer(true)
  // calls that ended in this very turn are told of after it
  await new Promise(setImmediate)
}
