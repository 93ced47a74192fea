import { fault } from "../../core/error.ts"
import type { FromReader, ReadJob } from "./messages.ts"

type Answer = Extract<FromReader, { type: "answer" }>["answer"]

/** The main thread's end of the reader Worker, which starts with the first question. */
export interface ReaderLink {
  /** Rejects with a GatewayFault when the log cannot be read, when too many wait, or when the signal says so. */
  ask(ask: ReadJob, signal?: AbortSignal): Promise<Answer>
  stop(): void
}

interface Job {
  resolve(answer: Answer): void
  reject(problem: Error): void
}

const maxWaiting = 32
/** A reader that has said nothing for so long hangs, and is replaced. */
const hungMs = 30_000

/** At most 32 questions wait. A Worker that dies or says nothing for 30 s fails those that wait; the next question starts another. */
export function readerLink(directory: string): ReaderLink {
  const jobs = new Map<number, Job>()
  let worker: Worker | undefined
  let count = 0
  let closed = false

  const failAll = (message: string) => {
    worker?.terminate()
    worker = undefined
    for (const job of jobs.values()) job.reject(unreadable(message))
    jobs.clear()
  }
  const start = (): Worker => {
    const made = new Worker(new URL("./log-reader.ts", import.meta.url), { ref: false })
    made.onmessage = ({ data }: MessageEvent<FromReader>) => {
      const job = jobs.get(data.job)
      jobs.delete(data.job)
      if (data.type === "answer") job?.resolve(data.answer)
      else job?.reject(unreadable(data.message))
    }
    made.onerror = (event) => {
      event.preventDefault()
      if (worker === made) failAll(event.message)
    }
    made.postMessage({ type: "open", directory })
    return made
  }

  return {
    async ask(ask, signal) {
      if (signal?.aborted) throw fault("cancelled", "the log query was cancelled")
      if (closed) throw unreadable("it is closed")
      if (jobs.size >= maxWaiting) throw fault("overloaded", "too many log queries are waiting", { blame: "gateway" })
      worker ??= start()
      const job = ++count
      const { promise, resolve, reject } = Promise.withResolvers<Answer>()
      jobs.set(job, { resolve, reject })
      worker.postMessage({ type: "job", job, ask })
      const cancel = () => {
        worker?.postMessage({ type: "cancel", job })
        reject(fault("cancelled", "the log query was cancelled"))
      }
      signal?.addEventListener("abort", cancel, { once: true })
      const timer = setTimeout(() => failAll("the log reader does not answer"), hungMs)
      try {
        return await promise
      } finally {
        clearTimeout(timer)
        signal?.removeEventListener("abort", cancel)
      }
    },
    stop() {
      closed = true
      failAll("it is closed")
    },
  }
}

const unreadable = (message: string) => fault("overloaded", `the log cannot be read: ${message}`, { blame: "gateway" })
