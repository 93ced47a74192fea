import type { Frame } from "../../src/core/event.ts"

interface Chunk {
  readonly type?: unknown
  readonly choices?: readonly { readonly index?: number; readonly finish_reason?: unknown }[]
}

function parse(frame: Frame): Chunk {
  try {
    const value: unknown = JSON.parse(frame.data)
    return typeof value === "object" && value !== null ? value : {}
  } catch {
    return {}
  }
}

/** How many frames it takes to meet a wire's terminal condition; undefined when they never do. Written from the vendors' documentation, not from our code. */
export function terminalAt(wire: string, frames: readonly Frame[]): number | undefined {
  switch (wire) {
    case "anthropic-messages":
      return after(frames, (chunk) => chunk.type === "message_stop")
    case "openai-responses":
      return after(frames, (chunk) =>
        ["response.completed", "response.incomplete", "response.failed"].includes(String(chunk.type)),
      )
    case "openai-chat":
      return chatTerminal(frames)
    default:
      throw new Error(`no terminal condition known for ${wire}`)
  }
}

/** True when a reader of the frames takes the answer for a whole one. */
export const looksWhole = (wire: string, frames: readonly Frame[]): boolean =>
  terminalAt(wire, frames) !== undefined &&
  !frames.map(parse).some((chunk) => "error" in chunk || ["response.failed", "error"].includes(String(chunk.type)))

function after(frames: readonly Frame[], ends: (chunk: Chunk) => boolean): number | undefined {
  const index = frames.findIndex((frame) => ends(parse(frame)))
  return index < 0 ? undefined : index + 1
}

/** A finish reason for each choice seen. The last frame that opens or finishes a choice decides. */
function chatTerminal(frames: readonly Frame[]): number | undefined {
  const open = new Set<number>()
  let at: number | undefined
  frames.forEach((frame, index) => {
    for (const choice of parse(frame).choices ?? []) {
      const key = choice.index ?? 0
      if (choice.finish_reason) {
        open.delete(key)
        if (open.size === 0) at ??= index + 1
      } else if (at === undefined) open.add(key)
    }
  })
  return at
}

/** True for a frame after which a recording goes on with another response. */
const closes = (wire: string, frame: Frame): boolean =>
  wire === "openai-chat" ? frame.data === "[DONE]" : terminalAt(wire, [frame]) === 1

/** Splits a recording of several responses at their terminal frames. */
export function splitResponses(wire: string, frames: readonly Frame[]): Frame[][] {
  const parts: Frame[][] = [[]]
  for (const frame of frames) {
    parts.at(-1)?.push(frame)
    if (closes(wire, frame)) parts.push([])
  }
  const whole = parts.filter((part) => part.length > 0)
  const last = whole.at(-1)
  const isTail = last !== undefined && whole.length > 1 && terminalAt(wire, last) === undefined
  return isTail ? [...whole.slice(0, -2), [...(whole.at(-2) ?? []), ...last]] : whole
}
