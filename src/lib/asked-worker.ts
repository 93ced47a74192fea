/** What an asked Worker is told beside what its owner tells it at its start. */
export type ToAsked<Ask> =
  | { readonly type: "job"; readonly job: number; readonly ask: Ask }
  /** Nobody waits for the job any longer. */
  | { readonly type: "cancel"; readonly job: number }

export type FromAsked<Answer> =
  | { readonly type: "answer"; readonly job: number; readonly answer: Answer }
  | { readonly type: "failed"; readonly job: number; readonly message: string }

/** A Worker that answers questions. */
export interface AskedWorker<Ask, Answer> {
  /** Rejects when the Worker cannot answer or dies, when too many questions wait, or when the signal says so. */
  ask(ask: Ask, options?: { readonly signal?: AbortSignal | undefined; readonly transfer?: Transferable[] }): Promise<Answer>
  stop(): void
}

export interface AskedWorkerOptions {
  start(): Worker
  /** Questions that may wait. */
  readonly most: number
  /** A Worker that is asked and says nothing for so many milliseconds hangs: it is ended, and what waits is rejected. */
  readonly hungMs: number
  /** One that nobody has asked for so many milliseconds is ended. Default never. */
  readonly idleMs?: number
  /** The error for each way to fail. */
  problem(kind: "broken" | "full" | "cancelled", message: string): Error
}

interface Job<Answer> {
  resolve(answer: Answer): void
  reject(problem: Error): void
}

/** The Worker starts with the first question, and with the next one after it has died. */
export function askedWorker<Ask, Answer>(options: AskedWorkerOptions): AskedWorker<Ask, Answer> {
  const { start, most, hungMs, idleMs, problem } = options
  const jobs = new Map<number, Job<Answer>>()
  let worker: Worker | undefined
  let timer: Timer | undefined
  let count = 0
  let closed = false

  const failAll = (message: string) => {
    clearTimeout(timer)
    worker?.terminate()
    worker = undefined
    for (const job of jobs.values()) job.reject(problem("broken", message))
    jobs.clear()
  }
  const watch = () => {
    clearTimeout(timer)
    if (jobs.size > 0) timer = setTimeout(() => failAll("its Worker does not answer"), hungMs)
    else if (idleMs !== undefined) timer = setTimeout(() => failAll("nobody asks"), idleMs)
    timer?.unref()
  }
  const begin = (): Worker => {
    const made = start()
    made.onmessage = ({ data }: MessageEvent<FromAsked<Answer>>) => {
      const job = jobs.get(data.job)
      jobs.delete(data.job)
      watch()
      if (data.type === "answer") job?.resolve(data.answer)
      else job?.reject(problem("broken", data.message))
    }
    made.onerror = (event) => {
      event.preventDefault()
      if (worker === made) failAll(event.message)
    }
    made.addEventListener("close", () => {
      if (worker === made) failAll("its Worker has ended")
    })
    return made
  }

  return {
    async ask(ask, { signal, transfer = [] } = {}) {
      if (signal?.aborted) throw problem("cancelled", "")
      if (closed) throw problem("broken", "it is closed")
      if (jobs.size >= most) throw problem("full", "")
      if (!worker) {
        worker = begin()
        watch()
      }
      const job = ++count
      worker.postMessage({ type: "job", job, ask } satisfies ToAsked<Ask>, transfer)
      const { promise, resolve, reject } = Promise.withResolvers<Answer>()
      jobs.set(job, { resolve, reject })
      if (jobs.size === 1) watch()
      const cancel = () => {
        worker?.postMessage({ type: "cancel", job } satisfies ToAsked<Ask>)
        reject(problem("cancelled", ""))
      }
      signal?.addEventListener("abort", cancel, { once: true })
      try {
        return await promise
      } finally {
        signal?.removeEventListener("abort", cancel)
      }
    },
    stop() {
      closed = true
      failAll("it is closed")
    },
  }
}
