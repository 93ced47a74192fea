import { anthropicMessages } from "../support/answers/anthropic-messages.ts"
import { openaiResponses } from "../support/answers/openai-responses.ts"
import { records, type Turn } from "../support/answers/turn.ts"
import type { Answer } from "../support/upstream/exchange.ts"
import { type Frame, json, sse } from "../support/upstream/well-formed.ts"

/** The formats whose vendors seal their thinking. */
export type Sealing = "messages" | "responses"

type Loose = Readonly<Record<string, unknown>>

/** Several stretches of thinking and calling in one answer: thought, call, thought, call, call. */
export const interleaved = (spoken: Sealing, stretches: readonly Turn[], stream: boolean): Answer =>
  stream ? sse(frames[spoken](stretches)) : json(200, bodies[spoken](stretches))

const bodies: Readonly<Record<Sealing, (stretches: readonly Turn[]) => object>> = {
  messages: (stretches) => ({
    ...anthropicMessages.body(last(stretches)),
    content: stretches.flatMap((stretch) => records((anthropicMessages.body(stretch) as Loose).content)),
  }),
  responses: (stretches) => ({
    ...openaiResponses.body(last(stretches)),
    output: stretches.flatMap((stretch, index) => records(own(openaiResponses.body(stretch) as Loose, index).output)),
  }),
}

const frames: Readonly<Record<Sealing, (stretches: readonly Turn[]) => readonly Frame[]>> = {
  messages(stretches) {
    const told = stretches.map((stretch) => anthropicMessages.frames(stretch))
    return joined(told, (frame) => frame.event?.startsWith("content_block") ?? false, "index")
  },
  responses(stretches) {
    const told = stretches.map((stretch, index) => openaiResponses.frames(stretch).map((frame) => ownFrame(frame, index)))
    const whole = joined(told, (frame) => "output_index" in (frame.data as Loose), "output_index")
    return whole.map((frame, sequence) => {
      const data = { ...(frame.data as Loose), sequence_number: sequence }
      const closing = frame.event === "response.completed"
      return { ...frame, data: closing ? { ...data, response: bodies.responses(stretches) } : data }
    })
  },
}

/** The frames of blocks one stretch after the other, numbered on, between one opening and one closing. */
function joined(told: readonly (readonly Frame[])[], isBlock: (frame: Frame) => boolean, key: string): readonly Frame[] {
  const ends = told.at(-1) ?? []
  const firstBlock = ends.findIndex(isBlock)
  const lastBlock = ends.findLastIndex(isBlock)
  let base = 0
  const blocks = told.flatMap((some) => {
    const own = some.filter(isBlock).map((frame) => {
      const data = frame.data as Loose
      return { ...frame, data: { ...data, [key]: base + Number(data[key]) } }
    })
    base = 1 + Math.max(base - 1, ...own.map((frame) => Number((frame.data as Loose)[key])))
    return own
  })
  return [...ends.slice(0, firstBlock), ...blocks, ...ends.slice(lastBlock + 1)]
}

/** Item ids of the scripted voice are the same in every answer; a vendor's never are. */
const own = (value: Loose, index: number): Loose =>
  JSON.parse(JSON.stringify(value).replaceAll(/"((?:rs|fc|msg)_[0-9a-f]+)"/g, `"$1${index}f"`)) as Loose
const ownFrame = (frame: Frame, index: number): Frame => ({ ...frame, data: own(frame.data as Loose, index) })

function last(stretches: readonly Turn[]): Turn {
  const turn = stretches.at(-1)
  if (!turn) throw new Error("an answer needs a stretch")
  return turn
}
