import type { Block } from "../../src/core/block.ts"
import type { At, Delta, Step, StreamEvent } from "../../src/core/event.ts"
import type { Message } from "../../src/core/message.ts"
import type { Response } from "../../src/core/response.ts"
import { steps } from "../../src/core/steps.ts"

/** Draws numbers below a limit from a fixed list, over and over. */
export function chooser(choices: readonly number[]): (limit: number) => number {
  let next = 0
  return (limit) => ((choices[next++ % choices.length] ?? 0) + next) % limit
}

function cut(text: string, choose: (limit: number) => number): string[] {
  if (text.length < 2) return [text]
  const at = 1 + choose(text.length - 1)
  return [text.slice(0, at), ...(choose(2) === 0 ? [text.slice(at)] : cut(text.slice(at), choose))]
}

/** The block emptied, and the deltas that fill it. */
function unfold(block: Block, choose: (limit: number) => number): { start: Block; deltas: Delta[] } {
  switch (block.type) {
    case "text": {
      const { logprobs, ...plain } = block
      const deltas: Delta[] = cut(block.text, choose).map((text) => ({ type: "text", text }))
      if (logprobs) deltas.push({ type: "text", text: "", logprobs })
      return { start: { ...plain, text: "" }, deltas }
    }
    case "refusal":
      return { start: { ...block, text: "" }, deltas: cut(block.text, choose).map((text) => ({ type: "text", text })) }
    case "tool-call":
      return { start: { ...block, input: "" }, deltas: cut(block.input, choose).map((text) => ({ type: "input", text })) }
    case "reasoning": {
      const deltas = block.parts.flatMap((part, index) =>
        cut(part.text, choose).map((text): Delta => ({ type: "part", index, text, ...(part.summary ? { summary: true } : {}) })),
      )
      return { start: { ...block, parts: [] }, deltas }
    }
    case "media": {
      if (block.source.type !== "base64") return { start: block, deltas: [] }
      const bytes = Buffer.from(block.source.data, "base64")
      if (bytes.toString("base64") !== block.source.data) return { start: block, deltas: [] }
      const at = choose(bytes.length + 1)
      const pieces = [bytes.subarray(0, at), bytes.subarray(at)].map((piece) => piece.toString("base64"))
      return {
        start: { ...block, source: { type: "base64", data: "" } },
        deltas: pieces.map((data) => ({ type: "bytes", data })),
      }
    }
    default:
      return { start: block, deltas: [] }
  }
}

/** All that is said about one block; its seal and citations come late, as vendors send them. */
function blockEvents(block: Block, at: At, choose: (limit: number) => number): StreamEvent[] {
  const { start, deltas } = unfold(block, choose)
  const { seal, ...unsealed } = start
  const cited = block.type === "text" && block.citations ? block.citations : undefined
  if (cited) delete (unsealed as { citations?: unknown }).citations
  return [
    { type: "block-start", at, block: unsealed as Block },
    ...deltas.map((delta): StreamEvent => ({ type: "block-delta", at, delta })),
    ...(seal ? [{ type: "block-set", at, set: { seal } } as const] : []),
    ...(cited ? [{ type: "block-set", at, set: { citations: cited } } as const] : []),
    { type: "block-end", at },
  ]
}

interface Lane {
  /** What may only begin once the lane before it among these has begun. */
  readonly events: StreamEvent[]
  next: number
}

const hasBegun = (lane: Lane | undefined): boolean => lane === undefined || lane.next > 0
const done = (lane: Lane): boolean => lane.next === lane.events.length

/** The events of one message in an order-preserving interleaving with those of its siblings: pulled one by one. */
function messageSource(message: Message, candidate: number, index: number, choose: (limit: number) => number) {
  const { blocks, ...value } = message
  const lanes: Lane[] = blocks.map((block, at) => ({
    events: blockEvents(block, { candidate, message: index, block: at }, choose),
    next: 0,
  }))
  let state: "fresh" | "open" | "done" = "fresh"
  return {
    started: () => state !== "fresh",
    done: () => state === "done",
    pull(): StreamEvent {
      if (state === "fresh") {
        state = "open"
        return { type: "message-start", candidate, message: index, value }
      }
      const ready = lanes.filter((lane, at) => !done(lane) && hasBegun(lanes[at - 1]))
      const lane = ready[choose(Math.max(1, ready.length))]
      if (lane) return lane.events[lane.next++] as StreamEvent
      state = "done"
      const end: StreamEvent = { type: "message-end", candidate, message: index }
      return message.status ? { ...end, status: message.status } : end
    },
  }
}

/** Any order that keeps each block's own order, first appearances in order of index, and each end after what it ends. */
export function interleaved(response: Response, choices: readonly number[]): Step[] {
  const choose = chooser(choices)
  const whole = steps(response)
  const events: StreamEvent[] = [...(whole[0]?.events ?? [])]
  const sources = response.candidates.map(({ messages }, candidate) =>
    messages.map((message, index) => messageSource(message, candidate, index, choose)),
  )
  const ended = new Set<number>()
  const begun = new Set<number>()
  while (ended.size < sources.length) {
    const isOpen = (index: number) => !ended.has(index) && (index === 0 || ended.has(index - 1) || begun.has(index - 1))
    const open = sources.map((_, index) => index).filter(isOpen)
    const candidate = open[choose(open.length)] ?? 0
    const list = sources[candidate] ?? []
    if (list.length > 0) begun.add(candidate)
    const ready = list.filter((source, index) => !source.done() && (index === 0 || list[index - 1]?.started()))
    const source = ready[choose(Math.max(1, ready.length))]
    if (source) events.push(source.pull())
    else {
      ended.add(candidate)
      events.push({ type: "turn-end", candidate, stop: response.candidates[candidate]?.stop ?? { reason: "end", raw: "" } })
    }
  }
  const tail = whole.flatMap((step) => step.events).filter((event) => event.type === "usage" || event.type === "response-end")
  return [...events, ...tail].map((event) => ({ events: [event] }))
}

/** The same stream one block after another, in small pieces. */
export function unfolded(response: Response, choices: readonly number[]): Step[] {
  const choose = chooser(choices)
  return steps(response).flatMap((step): Step[] => {
    const [event] = step.events
    if (event?.type === "block-end") return []
    if (event?.type !== "block-start") return [step]
    return blockEvents(event.block, event.at, choose).map((inner) => ({ events: [inner] }))
  })
}

/** The same steps, each as if a frame had said it. */
export const framed = (steps: readonly Step[]): Step[] =>
  steps.map((step) => ({ ...step, frame: { data: step.events[0]?.type ?? "nothing" } }))
