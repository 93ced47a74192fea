import type { LogHealth } from "../../core/record.ts"
import { backlog } from "./backlog.ts"
import { keptWorker } from "./kept-worker.ts"
import type { BatchMessage, FromWriter, Limits, ToWriter } from "./messages.ts"

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

export interface WriterLinkOptions {
  readonly directory: string
  readonly limits: Limits
  /** What payloads are not to be written with; asked with every batch. The same array while nothing has changed. */
  secrets(): readonly string[]
  /** Gets buffers of batches that are done. */
  spare(buffer: ArrayBuffer): void
  /** Told of each batch's end, of trouble and of the Worker's death. */
  changed(health: Pick<LogHealth, "state" | "lastError">): void
}

/** Starts the Worker, and starts it again when it dies; what it then held is counted as dropped. */
export function writerLink({ directory, limits, secrets, spare, changed }: WriterLinkOptions): WriterLink {
  const sent = backlog()
  let told: readonly string[] = []
  let health: Pick<LogHealth, "state" | "lastError"> = { state: "ok" }
  const become = (next: typeof health) => {
    health = next
    changed(health)
  }

  const receive = (message: FromWriter) => {
    switch (message.type) {
      case "done": {
        const { trouble, written, spares } = message
        sent.end(message)
        if (written > 0) worker.proved()
        become(trouble === undefined ? { ...health, state: "ok" } : { state: "degraded", lastError: trouble })
        for (const buffer of spares) spare(buffer)
        return
      }
      case "stuck":
        sent.release()
        become({ state: "degraded", lastError: message.trouble })
        return
      case "stopped":
        worker.ended()
        return
      default:
        return message satisfies never
    }
  }
  const worker = keptWorker<FromWriter>({
    start() {
      told = []
      const made = new Worker(new URL("./log-writer.ts", import.meta.url), { ref: false })
      made.postMessage({ type: "open", directory, limits } satisfies ToWriter)
      return made
    },
    receive,
    died(reason) {
      const lost = sent.lose()
      become({ state: "down", lastError: lost === 0 ? reason : `${reason}; calls that it had not written are lost` })
    },
  })

  return {
    get entries() {
      return sent.entries
    },
    get weight() {
      return sent.weight
    },
    send(batch) {
      if (!worker.alive) return sent.refuse(batch.entries)
      sent.send(batch)
      const texts = secrets()
      if (texts !== told) worker.post({ type: "secrets", texts } satisfies ToWriter)
      told = texts
      worker.post(batch, [batch.texts, batch.payloads])
    },
    caughtUp: sent.caughtUp,
    health: () => ({ ...health, written: sent.written, dropped: sent.dropped }),
    async stop(deadlineMs) {
      await worker.stop({ type: "stop" } satisfies ToWriter, deadlineMs)
      const lost = sent.lose()
      if (lost > 0) become({ state: "degraded", lastError: `${lost} calls could not be written before the end` })
    },
  }
}
