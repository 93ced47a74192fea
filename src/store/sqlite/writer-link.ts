import type { LogHealth } from "../../core/record.ts"
import type { BatchMessage, FromWriter, Limits } from "./messages.ts"

/** The main thread's end of the writer Worker. */
export interface WriterLink {
  /** What was sent and not yet written. */
  readonly entries: number
  readonly weight: number
  send(batch: BatchMessage): void
  /** Resolves when all that was sent so far is written or cannot be, at the latest after so many milliseconds. */
  caughtUp(ms: number): Promise<void>
  health(): Pick<LogHealth, "state" | "written" | "dropped"> & { readonly lastError?: string }
  stop(deadlineMs: number): Promise<void>
}

const firstRestartMs = 500
const lastRestartMs = 30_000

export interface WriterLinkOptions {
  readonly directory: string
  readonly limits: Limits
  /** What payloads are not to be written with; asked with every batch. The same array while nothing has changed. */
  secrets(): readonly string[]
  /** Gets buffers of batches that are done. */
  spare(buffer: ArrayBuffer): void
}

/** Starts the Worker, and starts it again when it dies; what it then held is counted as dropped. */
export function writerLink({ directory, limits, secrets, spare }: WriterLinkOptions): WriterLink {
  let state: "ok" | "degraded" | "down" = "ok"
  let lastError: string | undefined
  let entries = 0
  let weight = 0
  let written = 0
  let dropped = 0
  let restartMs = firstRestartMs
  let worker: Worker | undefined
  let told: readonly string[] = []
  let stopped: (() => void) | undefined
  let stopping = false
  /** Entries sent and entries that came to an end, from the start on: who waits, waits for a count. */
  let sent = 0
  let finished = 0
  const waiting = new Set<{ readonly count: number; readonly resolve: () => void }>()
  const wake = (all: boolean) => {
    for (const one of waiting) if (all || finished >= one.count) one.resolve()
  }

  const receive = ({ data }: MessageEvent<FromWriter>) => {
    switch (data.type) {
      case "done":
        entries -= data.entries
        weight -= data.weight
        finished += data.entries
        wake(false)
        written += data.written
        dropped += data.entries - data.written
        if (data.written > 0) restartMs = firstRestartMs
        state = data.trouble === undefined ? "ok" : "degraded"
        lastError = data.trouble ?? lastError
        for (const buffer of data.spares) spare(buffer)
        return
      case "stuck":
        wake(true)
        state = "degraded"
        lastError = data.trouble
        return
      case "stopped":
        stopped?.()
        return
      default:
        return data satisfies never
    }
  }
  const die = (message: string) => {
    worker?.terminate()
    worker = undefined
    state = "down"
    lastError = message
    dropped += entries
    finished += entries
    entries = 0
    weight = 0
    wake(true)
    stopped?.()
    if (stopping) return
    setTimeout(start, restartMs).unref()
    restartMs = Math.min(lastRestartMs, restartMs * 2)
  }
  const start = () => {
    if (stopping) return
    const made = new Worker(new URL("./log-writer.ts", import.meta.url), { ref: false })
    made.onmessage = receive
    made.onerror = (event) => {
      event.preventDefault()
      if (worker === made) die(event.message)
    }
    made.addEventListener("close", () => {
      if (worker === made) die("the log writer has ended")
    })
    made.postMessage({ type: "open", directory, limits })
    worker = made
    told = []
  }
  start()

  return {
    get entries() {
      return entries
    },
    get weight() {
      return weight
    },
    send(batch) {
      if (!worker) {
        dropped += batch.entries
        return
      }
      entries += batch.entries
      sent += batch.entries
      weight += batch.weight
      const texts = secrets()
      if (texts !== told) worker.postMessage({ type: "secrets", texts })
      told = texts
      worker.postMessage(batch, [batch.texts, batch.payloads])
    },
    async caughtUp(ms) {
      if (finished >= sent) return
      const { promise, resolve } = Promise.withResolvers<void>()
      const one = { count: sent, resolve }
      waiting.add(one)
      const timer = setTimeout(resolve, ms)
      await promise
      clearTimeout(timer)
      waiting.delete(one)
    },
    health: () => ({ state, written, dropped, ...(lastError === undefined ? {} : { lastError }) }),
    async stop(deadlineMs) {
      stopping = true
      if (!worker) return
      const { promise, resolve } = Promise.withResolvers<void>()
      stopped = resolve
      worker.postMessage({ type: "stop" })
      const timer = setTimeout(resolve, deadlineMs)
      await promise
      clearTimeout(timer)
      worker.terminate()
      worker = undefined
      dropped += entries
      entries = 0
      weight = 0
    },
  }
}
