import type { Block } from "../../src/core/block.ts"
import { type Response, stopWithTools } from "../../src/core/response.ts"
import type { Body } from "./bodies.ts"

/** Empty text with nothing to it: an encoder may leave it out. */
const isEmpty = (block: Block): boolean =>
  block.type === "text" && block.text === "" && Object.keys(block).every((key) => key === "type" || key === "text")

/** Without empty text, and with the stop that every encoder gives an answer that holds a caller's call: `end` becomes `tool`, in whatever word. */
export function settled<T extends Body>(value: T): T {
  if (!("candidates" in value) || !Array.isArray(value.candidates)) return value
  const candidates = (value as Response).candidates.map((candidate) => {
    const blocks = candidate.messages.flatMap((message) => message.blocks)
    const stop = stopWithTools(
      candidate.stop,
      blocks.some((block) => block.type === "tool-call" && block.by === undefined),
    )
    const messages = candidate.messages.map((message) => ({
      ...message,
      blocks: message.blocks.filter((block) => !isEmpty(block)),
    }))
    return { ...candidate, messages, stop: stop.reason === "tool" ? { ...stop, raw: "tool" } : stop }
  })
  return { ...value, candidates }
}
