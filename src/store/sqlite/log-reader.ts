import { type Asked, answering } from "../../lib/answering.ts"
import type { ReadAnswer, ReadAsk } from "./messages.ts"
import { readList } from "./read-list.ts"
import { readOne, readRollups } from "./read-one.ts"

declare const self: Worker

answering<ReadAsk, ReadAnswer>(self, {
  answer(ask, asked) {
    switch (ask.type) {
      case "list":
        return list(ask, asked)
      case "get":
        return readOne(ask.directory, ask.id)
      case "rollups":
        return readRollups(ask.directory, ask.from, ask.to)
      default:
        return ask satisfies never
    }
  },
  transfer: (answer) => (answer && "payloads" in answer ? answer.payloads.map(({ bytes }) => bytes.buffer) : []),
})

/** What others were asked before counts too: nobody waits longer for a list. */
async function list({ directory, query, after, withinMs }: Extract<ReadAsk, { type: "list" }>, { since, cancelled }: Asked) {
  const work = readList(directory, query, after, () => cancelled() || performance.now() - since > withinMs)
  for (;;) {
    const step = work.next()
    if (step.done) return step.value
    await new Promise((resume) => setImmediate(resume))
  }
}
