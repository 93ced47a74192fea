import { byteMask } from "../../lib/mask-bytes.ts"
import { codeOf, isPassing, isUnusable } from "./database.ts"
import { type DayWriter, dayWriter, type Pending } from "./day-writer.ts"
import { partsOf } from "./entry.ts"
import { maskPayloads } from "./mask-payloads.ts"
import type { BatchMessage, FromWriter, ToWriter } from "./messages.ts"

declare const self: Worker

const firstRetryMs = 250
const lastRetryMs = 10_000

let files: DayWriter | undefined
let mask = byteMask([])
const waiting: { batch: BatchMessage; pending?: Pending; attempts: number }[] = []
let retry: Timer | undefined
let retryMs = firstRetryMs

const tell = (message: FromWriter) => self.postMessage(message)
const done = ({ entries, weight, texts, payloads }: BatchMessage, written: number, trouble: string | undefined) => {
  const spares = [texts, payloads]
  self.postMessage(
    { type: "done", entries, weight, written, spares, ...(trouble === undefined ? {} : { trouble }) } satisfies FromWriter,
    spares,
  )
}
const worded = (problem: unknown): string => (problem instanceof Error ? problem.message : String(problem))

self.onmessage = ({ data }: MessageEvent<ToWriter>) => {
  switch (data.type) {
    case "open":
      files = dayWriter(data.directory, data.limits)
      return
    case "secrets":
      mask = byteMask(data.texts)
      return
    case "batch":
      maskPayloads(data, mask)
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
    try {
      head.pending ??= { parts: partsOf(head.batch), done: new Set() }
      files.write(head.pending)
    } catch (problem) {
      head.attempts += 1
      if (keeps(problem, head.attempts)) {
        pause(worded(problem))
        return
      }
      waiting.shift()
      done(head.batch, 0, worded(problem))
      continue
    }
    waiting.shift()
    retryMs = firstRetryMs
    done(head.batch, head.batch.entries, head.pending.loss)
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
