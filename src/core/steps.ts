import type { Step, StreamEvent } from "./event.ts"
import type { Message } from "./message.ts"
import type { Response } from "./response.ts"

/**
 * The stream that a whole response says, one event a step: each block starts with its full value and ends. `collect(steps(response))` equals
 * the response but for what rode along on the root and the candidates.
 */
export function steps(response: Response): Step[] {
  const { id, model, created, serviceTier } = response
  const events: StreamEvent[] = [
    {
      type: "response-start",
      id,
      model,
      ...(created === undefined ? {} : { created }),
      ...(serviceTier === undefined ? {} : { serviceTier }),
    },
  ]
  response.candidates.forEach(({ messages, stop }, candidate) => {
    messages.forEach((value, message) => {
      events.push(...messageEvents(value, candidate, message))
    })
    events.push({ type: "turn-end", candidate, stop })
  })
  if (response.usage) events.push({ type: "usage", usage: response.usage })
  const { blocked, pins } = response
  events.push({ type: "response-end", ...(blocked ? { blocked } : {}), ...(pins.length > 0 ? { pins } : {}) })
  return events.map((event) => ({ events: [event] }))
}

function messageEvents(value: Message, candidate: number, message: number): StreamEvent[] {
  const { blocks, ...head } = value
  const inner = blocks.flatMap((block, index): StreamEvent[] => {
    const at = { candidate, message, block: index }
    return [
      { type: "block-start", at, block },
      { type: "block-end", at },
    ]
  })
  const end: StreamEvent = { type: "message-end", candidate, message }
  return [
    { type: "message-start", candidate, message, value: head },
    ...inner,
    value.status === undefined ? end : { ...end, status: value.status },
  ]
}
