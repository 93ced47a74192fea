import type { LogHealth, LogStore } from "../core/record.ts"
import { offLogStore } from "./off.ts"

export interface LazyLog {
  /** The log, opened now if it is wanted and was not yet. Switched off again it can still be read. */
  open(): LogStore
  /** Asking for it opens nothing. */
  health(): LogHealth
  /** Writes what is queued, within the deadline in milliseconds; a log that nobody opened needs none. */
  stop(deadlineMs: number): Promise<void>
}

const unopened: LogHealth = { state: "ok", queued: 0, written: 0, dropped: 0 }

/** A log that is opened once somebody wants it. */
export function lazyLog(wanted: () => boolean, make: () => LogStore): LazyLog {
  const off = offLogStore()
  let opened: LogStore | undefined
  return {
    open() {
      if (wanted()) opened ??= make()
      return opened ?? off
    },
    health: () => opened?.health() ?? (wanted() ? unopened : off.health()),
    async stop(deadlineMs) {
      await opened?.stop(deadlineMs)
    },
  }
}
