import type { FromReader, ReadJob, ToReader } from "./messages.ts"
import { readList } from "./read-list.ts"
import { readOne, readRollups } from "./read-one.ts"

declare const self: Worker

let directory = ""
/** Jobs that were cancelled before they were done. */
const cancelled = new Set<number>()
const open = new Set<number>()
/** One after the other: a slow list holds up the next ones, not the machine. */
let last: Promise<void> = Promise.resolve()

const tell = (message: FromReader) => self.postMessage(message)

self.onmessage = ({ data }: MessageEvent<ToReader>) => {
  switch (data.type) {
    case "open":
      directory = data.directory
      return
    case "cancel":
      if (open.has(data.job)) cancelled.add(data.job)
      return
    case "job":
      open.add(data.job)
      last = last.then(() => run(data.job, data.ask))
      return
    default:
      return data satisfies never
  }
}

async function run(job: number, ask: ReadJob): Promise<void> {
  try {
    tell({ type: "answer", job, answer: await answerOf(job, ask) })
  } catch (problem) {
    tell({ type: "failed", job, message: problem instanceof Error ? problem.message : String(problem) })
  }
  open.delete(job)
  cancelled.delete(job)
}

function answerOf(job: number, ask: ReadJob) {
  switch (ask.type) {
    case "list":
      return list(job, ask)
    case "get":
      return readOne(directory, ask.id)
    case "rollups":
      return readRollups(directory, ask.from, ask.to)
    default:
      return ask satisfies never
  }
}

async function list(job: number, { query, after, deadline }: Extract<ReadJob, { type: "list" }>) {
  const work = readList(directory, query, after, () => cancelled.has(job) || Date.now() > deadline)
  for (;;) {
    const step = work.next()
    if (step.done) return step.value
    await new Promise((resume) => setImmediate(resume))
  }
}
