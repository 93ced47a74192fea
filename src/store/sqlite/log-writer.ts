import { codeOf, isPassing, isUnusable } from "./database.ts"
import { type DayWriter, dayWriter, type Pending } from "./day-writer.ts"
import { entriesOf } from "./entry.ts"
import type { BatchMessage, FromWriter, ToWriter } from "./messages.ts"

declare const self: Worker

const firstRetryMs = 250
const lastRetryMs = 10_000

let files: DayWriter | undefined
const waiting: { batch: BatchMessage; pending?: Pending; attempts: number }[] = []
let retry: Timer | undefined
let retryMs = firstRetryMs

const tell = (message: FromWriter) => self.postMessage(message)
const worded = (problem: unknown): string => (problem instanceof Error ? problem.message : String(problem))

self.onmessage = ({ data }: MessageEvent<ToWriter>) => {
  switch (data.type) {
    case "open":
      files = dayWriter(data.directory, data.limits)
      return
    case "batch":
      waiting.push({ batch: data, attempts: 0 })
      if (!retry) drain()
      return
    case "stop":
      drain()
      clearTimeout(retry)
      if (waiting.length === 0) files?.close()
      tell({ type: "stopped" })
      return
    default:
      return data satisfies never
  }
}

function drain(): void {
  clearTimeout(retry)
  retry = undefined
  for (let head = waiting[0]; head && files; head = waiting[0]) {
    const { entries, weight } = head.batch
    try {
      head.pending ??= { entries: entriesOf(head.batch), done: new Set() }
      files.write(head.pending)
    } catch (problem) {
      head.attempts += 1
      if (keeps(problem, head.attempts)) {
        pause(worded(problem))
        return
      }
      waiting.shift()
      tell({ type: "done", entries, weight, written: 0, trouble: worded(problem) })
      continue
    }
    waiting.shift()
    retryMs = firstRetryMs
    const trouble = head.pending.loss
    tell({ type: "done", entries, weight, written: entries, ...(trouble === undefined ? {} : { trouble }) })
  }
}

/** Locks, full disks and the like end by themselves; an unusable file is out of the way at the next try. Anything else would fail for ever. */
function keeps(problem: unknown, attempts: number): boolean {
  return isPassing(codeOf(problem)) || (isUnusable(problem) && attempts < 5)
}

function pause(trouble: string): void {
  tell({ type: "stuck", trouble })
  retry = setTimeout(drain, retryMs)
  retryMs = Math.min(lastRetryMs, retryMs * 2)
}
