import type { Seal } from "../../core/block.ts"
import type { At, StreamEvent } from "../../core/event.ts"
import { asNumber, asObject, type Json, type JsonObject } from "../../lib/json.ts"
import { type Heard, nothing, type OpenBlock, openBlock } from "./decode-stream-block.ts"
import { hostedCalls } from "./decode-stream-hosted.ts"
import { carriedSeals } from "./decode-stream-seals.ts"
import { carriedSeal } from "./seals.ts"
import type { DecodeContext } from "./types.ts"

/** The blocks of a stream by the wire's indices; the hub's are dense, in order of appearance. */
export interface BlockTable {
  start(object: JsonObject): Heard
  /** A block that came whole in the first frame. */
  whole(json: Json): Heard
  delta(object: JsonObject): Heard
  stop(object: JsonObject): Heard
  endAll(): readonly StreamEvent[]
  isEmpty(): boolean
}

export function blockTable(context: DecodeContext): BlockTable {
  const blocks = new Map<number, OpenBlock>()
  const carriers = new Set<number>()
  const calls = hostedCalls(context)
  const seals = carriedSeals(context)
  let next = 0

  function open(index: number, json: Json): Heard {
    const before = end(index)
    const envelope = carriedSeal(json)
    if (envelope) {
      carriers.add(index)
      return joined(before, { events: seals.take(envelope), changed: true })
    }
    const block = openBlock(json, { candidate: 0, message: 0, block: next++ }, context)
    blocks.set(index, block)
    return joined(joined(before, block.start()), { events: calls.hear(block, json) })
  }

  /** A seal that was waiting for this block is set just before it ends. */
  function end(index: number): Heard {
    if (carriers.has(index)) return { events: [], changed: true }
    const block = blocks.get(index)
    if (!block) return nothing
    const heard = block.end()
    const sealed = heard.events.length > 0 ? seals.ending(block) : []
    return sealed.length > 0 ? { events: [...sealed, ...heard.events], changed: true } : heard
  }

  const wordless = (): readonly StreamEvent[] =>
    seals.left().flatMap(({ seal }) => wordlessText({ candidate: 0, message: 0, block: next++ }, seal))

  function delta(object: JsonObject): Heard {
    const said = asObject(object.delta) ?? {}
    const index = asNumber(object.index) ?? 0
    const known = blocks.get(index)
    if (known) return known.delta(said)
    if (isEmptyDelta(said)) return nothing
    const opened = open(index, impliedBlock(said))
    return joined(opened, blocks.get(index)?.delta(said) ?? nothing)
  }

  return {
    start: (object) => open(asNumber(object.index) ?? next, object.content_block ?? null),
    whole(json) {
      const index = next
      const opened = open(index, json)
      return joined(opened, end(index))
    },
    delta,
    stop: (object) => end(asNumber(object.index) ?? 0),
    endAll: () => [...[...blocks.keys()].flatMap((index) => end(index).events), ...calls.left(), ...wordless()],
    isEmpty: () => next === 0,
  }
}

const wordlessText = (at: At, seal: Seal): readonly StreamEvent[] => [
  { type: "block-start", at, block: { type: "text", text: "", seal } },
  { type: "block-end", at },
]

export const joined = (left: Heard, right: Heard): Heard => ({
  events: [...left.events, ...right.events],
  ...(left.changed || right.changed ? { changed: true } : {}),
})

/** Nothing but its type. */
const isEmptyDelta = (delta: JsonObject): boolean =>
  Object.values(delta).filter((value) => value !== "" && value !== null).length <= 1

/** The block that a delta belongs to whose start never came. */
function impliedBlock(delta: JsonObject): Json {
  switch (delta.type) {
    case "thinking_delta":
    case "signature_delta":
      return { type: "thinking", thinking: "", signature: "" }
    case "compaction_delta":
      return { type: "compaction", content: null }
    case "input_json_delta":
      return { type: "tool_use", name: "", input: {} }
    default:
      return { type: "text", text: "" }
  }
}
