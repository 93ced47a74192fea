import { within } from "../lib/within.ts"
import type { RunningCalls } from "./running.ts"

export interface Draining {
  readonly running: RunningCalls
  /** Milliseconds that running calls have. */
  readonly deadlineMs: number
  /** Ends calls whose tries run with an error. */
  endCalls(): void
  /** Ends once every connection has; `true` cuts them. */
  stopServer(cut: boolean): Promise<void> | undefined
}

/** A call that is over here may still be on its way to a slow client. */
const lastBytesMs = 1_000

/** For an error to reach its caller, in milliseconds. */
const lastWordsMs = 250
const roundMs = 2

/** Takes no new calls, lets running ones finish, tells the others that they cannot, closes the port. */
export async function drain({ running, deadlineMs, endCalls, stopServer }: Draining): Promise<void> {
  running.stop()
  const deadline = performance.now() + deadlineMs
  await running.idle(deadlineMs)
  await endAll({ running, endCalls })
  await within(Math.max(lastBytesMs, deadline - performance.now()), Promise.resolve(stopServer(false)))
  await stopServer(true)
  await endsTold()
}

/** Ends what runs, and what takes its place: a call that has waited for its turn begins when another ends. */
async function endAll({ running, endCalls }: Pick<Draining, "running" | "endCalls">): Promise<void> {
  const until = performance.now() + lastWordsMs
  do {
    endCalls()
    await running.idle(roundMs)
  } while (running.totals().active > 0 && performance.now() < until)
}

/** Calls that ended in this very turn are told of after it. */
const endsTold = () => new Promise(setImmediate)

/** Tells running calls that nobody waits for them any more, and gives them a quarter of a second for it. */
export async function cutShort({ running, endCalls, stopServer }: Omit<Draining, "deadlineMs">): Promise<void> {
  running.stop()
  await endAll({ running, endCalls })
  await within(lastWordsMs, Promise.resolve(stopServer(false)))
  await endsTold()
}
