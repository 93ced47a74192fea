import type { Block, Logprob, MediaBlock, ReasoningBlock } from "./block.ts"
import type { BlockPatch, Delta } from "./event.ts"

/** A block in the making. */
export interface BlockDraft {
  /** The initial value: what kind of block it is never changes. */
  readonly start: Block
  append(delta: Delta): void
  set(patch: BlockPatch): void
  /** The same object as at the start while nothing was said since. */
  value(): Block
}

/** Starts from a block's initial value, which is never changed. A delta that does not fit the block's type is ignored. */
export function draftOf(start: Block): BlockDraft {
  let block: Block = start
  let pieces: Uint8Array[] = []
  let logprobs: Logprob[] | undefined
  /** Text or input that `block` does not hold yet: most deltas are asked about by nobody. */
  let tail = ""

  function append(delta: Delta): void {
    switch (delta.type) {
      case "text":
        if (growsByText(start)) tail += delta.text
        if (delta.logprobs && block.type === "text") {
          logprobs ??= [...(block.logprobs ?? [])]
          logprobs.push(...delta.logprobs)
        }
        return
      case "part":
        if (block.type === "reasoning") block = withPart(block, delta)
        return
      case "input":
        if (start.type === "tool-call") tail += delta.text
        return
      case "transcript":
        if (block.type === "media") block = { ...block, transcript: (block.transcript ?? "") + delta.text }
        return
      case "bytes":
        if (block.type === "media" && block.source.type === "base64") pieces.push(Buffer.from(delta.data, "base64"))
        return
      default:
        delta satisfies never
    }
  }

  function value(): Block {
    if (tail !== "") {
      block = withText(block, tail)
      tail = ""
    }
    if (pieces.length > 0 && block.type === "media") {
      block = withBytes(block, pieces)
      pieces = []
    }
    return logprobs && block.type === "text" ? { ...block, logprobs: [...logprobs] } : block
  }

  return {
    start,
    append,
    set(patch) {
      if (patch.source) pieces = []
      block = { ...value(), ...patch } as Block
    },
    value,
  }
}

const growsByText = ({ type }: Block): boolean =>
  type === "text" || type === "refusal" || type === "compaction" || type === "data"

function withText(block: Block, text: string): Block {
  switch (block.type) {
    case "text":
    case "refusal":
      return { ...block, text: block.text + text }
    case "compaction":
      return { ...block, text: (block.text ?? "") + text }
    case "data":
      return { ...block, json: block.json + text }
    case "tool-call":
      return { ...block, input: block.input + text }
    default:
      return block
  }
}

function withPart(block: ReasoningBlock, delta: Extract<Delta, { type: "part" }>): ReasoningBlock {
  const parts = [...block.parts]
  while (parts.length < delta.index) parts.push({ text: "" })
  const mark = delta.summary ? { summary: true as const } : {}
  const part = parts[delta.index] ?? { text: "", ...mark }
  parts[delta.index] = { ...part, text: part.text + delta.text, ...mark }
  return { ...block, parts }
}

function withBytes(block: MediaBlock, pieces: readonly Uint8Array[]): MediaBlock {
  if (block.source.type !== "base64") return block
  const bytes = Buffer.concat([Buffer.from(block.source.data, "base64"), ...pieces])
  return { ...block, source: { type: "base64", data: bytes.toString("base64") } }
}
