import type { ByteMask } from "../../lib/mask-bytes.ts"
import type { BatchMessage } from "./messages.ts"

/**
 * Takes secrets out of a batch's payloads. A stream is only looked through for what it says piece by piece where a payload beside it holds a
 * secret, or may have held one before it was cut: a model repeats what it has read.
 */
export function maskPayloads(
  { payloads, payloadBytes, cut, streams }: Pick<BatchMessage, "payloads" | "payloadBytes" | "cut" | "streams">,
  mask: ByteMask,
): void {
  const bytes = new Uint8Array(payloads, 0, payloadBytes)
  const some = mask.whole(bytes)
  const ends = new Set<number>()
  for (let index = 0; index < cut.length; index += 2) {
    const end = cut[index + 1] ?? 0
    mask.end(bytes.subarray(cut[index], end))
    ends.add(end)
  }
  if (!some && ends.size === 0) return
  for (let index = 0; index < streams.length; index += 2) {
    const end = streams[index + 1] ?? 0
    mask.spread(bytes.subarray(streams[index], end), ends.has(end))
  }
}
