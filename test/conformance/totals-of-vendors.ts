import type { Frame } from "../../src/core/event.ts"
import { isRecord } from "./difference.ts"

/** How many tokens a vendor says there were, by its own documentation; undefined where it gives no sum and none can be made. */
export function vendorTotal(wire: string, usage: unknown): number | undefined {
  if (!isRecord(usage)) return undefined
  if (wire !== "anthropic-messages") return typeof usage.total_tokens === "number" ? usage.total_tokens : undefined
  const iterations = Array.isArray(usage.iterations) ? usage.iterations.filter(isRecord) : []
  return iterations.length > 0 ? iterations.reduce((sum: number, one) => sum + anthropicSum(one), 0) : anthropicSum(usage)
}

const anthropicSum = (usage: Record<string, unknown>): number =>
  ["input_tokens", "cache_creation_input_tokens", "cache_read_input_tokens", "output_tokens"].reduce((sum, key) => {
    const count = usage[key]
    return sum + (typeof count === "number" ? count : 0)
  }, 0)

function parsed(frame: Frame): Record<string, unknown> {
  if (!frame.data.startsWith("{")) return {}
  const value: unknown = JSON.parse(frame.data)
  return isRecord(value) ? value : {}
}

/** The usage of a whole stream as its vendor documents it: the last one that came, on Messages laid over the first. */
export function streamUsage(wire: string, frames: readonly Frame[]): unknown {
  const found = frames.map(parsed).flatMap((chunk) => {
    const holder = isRecord(chunk.response) ? chunk.response : isRecord(chunk.message) ? chunk.message : chunk
    return isRecord(holder.usage) ? [holder.usage] : []
  })
  return wire === "anthropic-messages" && found.length > 0 ? Object.assign({}, ...found) : found.at(-1)
}
