import type { FromAsked, ToAsked } from "./asked-worker.ts"

export interface Asked {
  /** When it came, by the clock of `performance.now()`. */
  readonly since: number
  /** Whether nobody waits any longer. */
  cancelled(): boolean
}

export interface Answering<Ask, Answer> {
  answer(ask: Ask, asked: Asked): Promise<Answer> | Answer
  /** What goes with an answer without a copy. */
  transfer(answer: Answer): Transferable[]
}

/** The other end of an asked Worker: answers one question after the other, so that a slow one holds up the next ones and not the machine. */
export function answering<Ask, Answer>(worker: Worker, { answer, transfer }: Answering<Ask, Answer>): void {
  const cancelled = new Set<number>()
  const open = new Set<number>()
  let last: Promise<void> = Promise.resolve()

  const run = async (job: number, ask: Ask, since: number): Promise<void> => {
    try {
      const given = await answer(ask, { since, cancelled: () => cancelled.has(job) })
      worker.postMessage({ type: "answer", job, answer: given } satisfies FromAsked<Answer>, transfer(given))
    } catch (problem) {
      const message = problem instanceof Error ? problem.message : String(problem)
      worker.postMessage({ type: "failed", job, message } satisfies FromAsked<Answer>)
    }
    open.delete(job)
    cancelled.delete(job)
  }
  worker.onmessage = ({ data }: MessageEvent<ToAsked<Ask>>) => {
    if (data.type === "cancel") {
      if (open.has(data.job)) cancelled.add(data.job)
      return
    }
    open.add(data.job)
    const since = performance.now()
    last = last.then(() => run(data.job, data.ask, since))
  }
}
