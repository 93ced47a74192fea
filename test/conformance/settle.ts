import type { Block } from "../../src/core/block.ts"
import { isDerivedId } from "../../src/core/id.ts"
import { type Response, stopWithTools } from "../../src/core/response.ts"
import type { Body } from "./bodies.ts"
import { isRecord } from "./difference.ts"
import { madeAt } from "./exchange.ts"

/** Empty text with nothing to it: an encoder may leave it out. */
const isEmpty = (block: Block): boolean =>
  block.type === "text" && block.text === "" && Object.keys(block).every((key) => key === "type" || key === "text")

/** Without ids and times that an encoder had to make because its format asks for them. */
function underived(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(underived)
  if (!isRecord(value) || Object.getPrototypeOf(value) !== Object.prototype) return value
  const kept = Object.entries(value).filter(
    ([key, inner]) => !(key === "id" && (inner === "" || isDerivedId(String(inner)))) && inner !== madeAt,
  )
  return Object.fromEntries(kept.map(([key, inner]) => [key, underived(inner)]))
}

/**
 * Without empty text and made ids, and with the stop that every encoder gives an answer that holds a caller's call: `end` becomes `tool`, in
 * whatever word.
 */
export const settled = <T extends Body>(value: T): T => underived(stopped(value)) as T

function stopped<T extends Body>(value: T): T {
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
