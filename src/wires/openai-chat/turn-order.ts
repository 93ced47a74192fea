import { isResult } from "../../core/block.ts"
import { holdsCall, type Message } from "../../core/message.ts"
import { originOf } from "../../core/node.ts"
import { wireId } from "./types.ts"
import { noteRest, type Writer } from "./writer.ts"

/** A message that came in this format: its caller has put it where it is. */
const isNative = (message: Message): boolean => {
  const from = originOf(message)
  return from?.wire === wireId && from.place === "request" && from.json !== undefined
}

/**
 * Messages from elsewhere as vendors of this format want them: what the model thought, said and called in one go is one message, since all its calls
 * must be answered by the messages right after it. https://platform.openai.com/docs/guides/function-calling
 */
export function inTurns(messages: readonly Message[], writer: Writer): readonly Message[] {
  if (messages.every(isNative)) return messages
  const joined = joinedTurns(messages, writer)
  return joined.some(callsTool) ? resultsAfterCalls(joined, writer) : joined
}

const callsTool = ({ role, blocks }: Message): boolean => role === "assistant" && holdsCall(blocks)

/** Whether anything of it stands in the content. */
const speaks = ({ blocks }: Message): boolean =>
  blocks.some(({ type }) => type === "text" || type === "refusal" || type === "media" || type === "data" || type === "compaction")

/** From the end, since a thought belongs to what follows it. */
function joinedTurns(messages: readonly Message[], writer: Writer): readonly Message[] {
  const last: Message[] = []
  for (let index = messages.length - 1; index >= 0; index--) {
    const message = messages[index] as Message
    const next = last.at(-1)
    if (next && isOneTurn(message, next)) last[last.length - 1] = joined(message, next, writer)
    else last.push(message)
  }
  return last.length === messages.length ? messages : last.reverse()
}

/** Texts that follow one another stay apart: nothing demands that they be one. */
const isOneTurn = (message: Message, next: Message): boolean =>
  message.role === "assistant" &&
  next.role === "assistant" &&
  !isNative(message) &&
  !isNative(next) &&
  (!speaks(message) || !speaks(next) || holdsCall(message.blocks))

function joined(message: Message, next: Message, writer: Writer): Message {
  noteRest(message, writer)
  noteRest(next, writer)
  return { role: "assistant", blocks: [...message.blocks, ...next.blocks] }
}

/** Whatever else stands between calls and their results goes after these. */
function resultsAfterCalls(messages: readonly Message[], writer: Writer): readonly Message[] {
  const result: Message[] = []
  for (let index = 0; index < messages.length; ) {
    const message = messages[index] as Message
    result.push(message)
    index++
    if (!callsTool(message)) continue
    let end = index
    while (end < messages.length && messages[end]?.role !== "assistant") end++
    const run = messages.slice(index, end)
    result.push(...answersFirst(run, writer))
    index += run.length
  }
  return result
}

function answersFirst(run: readonly Message[], writer: Writer): readonly Message[] {
  const lastAnswer = run.findLastIndex(({ blocks }) => blocks.some(isResult))
  if (run.slice(0, lastAnswer).every(({ blocks }) => blocks.every(isResult))) return run
  writer.note({ code: "message-order-adapted", path: "messages[*]", effect: "adapted", side: "request" })
  const answers: Message[] = []
  const others: Message[] = []
  for (const message of run) {
    const results = message.blocks.filter(isResult)
    if (results.length === 0) others.push(message)
    else if (results.length === message.blocks.length) answers.push(message)
    else {
      noteRest(message, writer)
      answers.push({ role: message.role, blocks: results })
      others.push({ role: message.role, blocks: message.blocks.filter((block) => !isResult(block)) })
    }
  }
  return [...answers, ...others]
}
