export interface KeptWorkerOptions<Message> {
  /** Makes one and tells it what it has to know. */
  start(): Worker
  receive(message: Message): void
  /** It is gone, for this reason; another is started after a pause. */
  died(reason: string): void
}

/** A Worker that is started again when it dies, after a pause of half a second that doubles up to half a minute. */
export interface KeptWorker {
  /** False while there is none. */
  readonly alive: boolean
  post(message: object, transfer?: Transferable[]): void
  /** It has done what it is for: the next pause is a short one again. */
  proved(): void
  /** Asks it to end with this message, waits for `ended`, and ends it at the latest after so many milliseconds. Then there is no other. */
  stop(message: object, deadlineMs: number): Promise<void>
  ended(): void
}

const firstPauseMs = 500
const lastPauseMs = 30_000

export function keptWorker<Message>({ start, receive, died }: KeptWorkerOptions<Message>): KeptWorker {
  let worker: Worker | undefined
  let pauseMs = firstPauseMs
  let stopping = false
  let ended: (() => void) | undefined

  const die = (reason: string) => {
    worker?.terminate()
    worker = undefined
    died(reason)
    ended?.()
    if (stopping) return
    setTimeout(begin, pauseMs).unref()
    pauseMs = Math.min(lastPauseMs, pauseMs * 2)
  }
  const begin = () => {
    if (stopping) return
    const made = start()
    made.onmessage = ({ data }: MessageEvent<Message>) => receive(data)
    made.onerror = (event) => {
      event.preventDefault()
      if (worker === made) die(event.message)
    }
    made.addEventListener("close", () => {
      if (worker === made) die("the Worker has ended")
    })
    worker = made
  }
  begin()

  return {
    get alive() {
      return worker !== undefined
    },
    post: (message, transfer = []) => worker?.postMessage(message, transfer),
    proved() {
      pauseMs = firstPauseMs
    },
    async stop(message, deadlineMs) {
      stopping = true
      if (!worker) return
      const { promise, resolve } = Promise.withResolvers<void>()
      ended = resolve
      worker.postMessage(message)
      const timer = setTimeout(resolve, deadlineMs)
      await promise
      clearTimeout(timer)
      worker?.terminate()
      worker = undefined
    },
    ended: () => ended?.(),
  }
}
