import { fault } from "../../core/error.ts"
import type { LogEntry } from "../../core/record.ts"
import { askedWorker } from "../../lib/asked-worker.ts"

/** Asks for the answer of one call without the texts, which are secrets. It takes the payloads' bytes along where they have a buffer of their own. */
export type ViewElsewhere = (entry: LogEntry, secrets: readonly string[]) => Promise<Uint8Array<ArrayBuffer>>

export interface ViewAsk {
  readonly entry: LogEntry
  readonly secrets: readonly string[]
}

const maxWaiting = 8
const hungMs = 120_000
const idleMs = 30_000

/** Has large calls decoded and written out in a Worker, which starts when it is needed and ends when it has not been for half a minute. At most 8 wait. */
export function viewLink(): ViewElsewhere {
  const worker = askedWorker<ViewAsk, Uint8Array<ArrayBuffer>>({
    start: () => new Worker(new URL("./view-worker.ts", import.meta.url), { ref: false }),
    most: maxWaiting,
    hungMs,
    idleMs,
    problem: (kind, message) =>
      fault("overloaded", kind === "full" ? "too many large calls are being shown" : `the call cannot be shown: ${message}`, {
        blame: "gateway",
      }),
  })
  return ({ record, payloads, payloadsLost }, secrets) => {
    const plain = payloads.map(({ side, wire, contentType, bytes, size }) => ({ side, wire, contentType, bytes, size }))
    const entry = { record, payloads: plain, ...(payloadsLost ? { payloadsLost } : {}) }
    const own = payloads.filter(({ bytes }) => bytes.length === bytes.buffer.byteLength)
    const transfer = new Set(own.map(({ bytes }) => bytes.buffer as ArrayBuffer))
    return worker.ask({ entry, secrets }, { transfer: [...transfer] })
  }
}
