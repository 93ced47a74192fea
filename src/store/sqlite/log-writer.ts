import { byteMask } from "../../lib/mask-bytes.ts"
import { opened } from "../../lib/partly-packed.ts"
import { worded } from "./database.ts"
import { type DayWriter, dayWriter, type Pending } from "./day-writer.ts"
import { partsOf } from "./entry.ts"
import { maskPayloads } from "./mask-payloads.ts"
import type { BatchMessage, FromWriter, ToWriter } from "./messages.ts"

declare const self: Worker

const firstRetryMs = 250
const lastRetryMs = 10_000
const sweepMs = 600_000

let files: DayWriter | undefined
let mask = byteMask([])

interface Waiting {
  /** With its payloads open. */
  readonly batch: BatchMessage
  /** The buffers that came with it. */
  readonly spares: readonly ArrayBuffer[]
  readonly since: number
  pending?: Pending
}

const waiting: Waiting[] = []
let retry: Timer | undefined
let retryMs = firstRetryMs

const tell = (message: FromWriter) => self.postMessage(message)
const done = ({ batch, spares }: Waiting, written: number, trouble: string | undefined) => {
  const { entries, weight, payloads } = batch
  if (!spares.includes(payloads)) payloads.transfer(0)
  self.postMessage(
    { type: "done", entries, weight, written, spares, ...(trouble === undefined ? {} : { trouble }) } satisfies FromWriter,
    [...spares],
  )
}

self.onmessage = ({ data }: MessageEvent<ToWriter>) => {
  switch (data.type) {
    case "open":
      open(data)
      return
    case "secrets":
      mask = byteMask(data.texts)
      return
    case "batch":
      take(data)
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

function open({ directory, limits }: Extract<ToWriter, { type: "open" }>): void {
  const made = dayWriter(directory, limits, (trouble) => tell({ type: "stuck", trouble }))
  files = made
  made.sweep()
  // Days become too old also while nobody calls.
  setInterval(made.sweep, sweepMs).unref()
}

function take(sent: BatchMessage): void {
  const { payloads, keptBytes, runs, payloadBytes: length } = sent
  const whole = opened({ bytes: new Uint8Array(payloads, 0, keptBytes), runs, length })
  const batch = runs.length === 0 ? sent : { ...sent, payloads: whole.buffer as ArrayBuffer }
  maskPayloads(batch, mask)
  waiting.push({ batch, spares: [sent.texts, payloads], since: performance.now() })
  if (!retry) drain()
}

function drain(): void {
  clearTimeout(retry)
  retry = undefined
  for (let head = waiting[0]; head && files; head = waiting[0]) {
    try {
      head.pending ??= { parts: partsOf(head.batch), done: new Set(), since: head.since, lost: 0 }
      files.write(head.pending)
    } catch (problem) {
      // A batch that cannot even be taken apart would fail for ever.
      if (head.pending) {
        pause(worded(problem))
        return
      }
      waiting.shift()
      done(head, 0, worded(problem))
      continue
    }
    waiting.shift()
    retryMs = firstRetryMs
    done(head, head.batch.entries - head.pending.lost, head.pending.loss)
  }
}

function pause(trouble: string): void {
  tell({ type: "stuck", trouble })
  retry = setTimeout(drain, retryMs)
  retryMs = Math.min(lastRetryMs, retryMs * 2)
}
