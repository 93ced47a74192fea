import type { StreamEvent } from "../../core/event.ts"
import { asString, type Json } from "../../lib/json.ts"
import { isResultFor, sealOfBlocks } from "./decode-hosted.ts"
import type { OpenBlock } from "./decode-stream-block.ts"
import type { DecodeContext } from "./types.ts"

/** Calls that the vendor answers itself, each of which is sealed with its result for callers of other formats. */
export interface HostedCalls {
  /** A block that begins: one of them, or the result of one, or neither. */
  hear(block: OpenBlock, json: Json): readonly StreamEvent[]
  /** The vendor goes on with calls that it has not answered yet when they come back to it. */
  left(): readonly StreamEvent[]
}

export function hostedCalls(context: DecodeContext): HostedCalls {
  const waiting = new Set<OpenBlock>()

  const sealed = ({ at }: OpenBlock, blocks: readonly Json[]): StreamEvent => ({
    type: "block-set",
    at,
    set: { seal: sealOfBlocks(blocks, context) },
  })

  return {
    hear(block, json) {
      if (context.sealsHosted && block.hosted) waiting.add(block)
      for (const call of waiting) {
        const said = call.hosted?.()
        const id = asString(said?.id)
        if (!said || id === undefined || !isResultFor(json, id)) continue
        waiting.delete(call)
        return [sealed(call, [said, json])]
      }
      return []
    },
    left: () => [...waiting].map((call) => sealed(call, [call.hosted?.() ?? {}])),
  }
}
