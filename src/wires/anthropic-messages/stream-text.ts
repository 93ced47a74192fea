import type { Block, Citation, Seal } from "../../core/block.ts"
import type { Frame } from "../../core/event.ts"
import { encodeCitations } from "./citations.ts"
import { noteTextLosses } from "./encode-blocks.ts"
import { carrierOf, sealedText } from "./seals.ts"
import { type Content, remainder, type Slots, slotOf, startOf, whole } from "./stream-writer.ts"
import type { EncodeContext } from "./types.ts"

type TextLike = Extract<Block, { type: "text" | "refusal" | "data" }>

const textIn = (block: TextLike): string => (block.type === "data" ? block.json : block.text)

export function textContent(block: TextLike, ordinal: number, slots: Slots, context: EncodeContext): Content {
  const slot = slotOf(slots)
  let sent = ""
  let cited = 0
  let seal: Seal | undefined = block.seal

  const open = (): readonly Frame[] => {
    if (slot.index() !== undefined) return []
    const base = { type: "text", text: "" }
    const start = startOf(block, base)
    return slot.open(start.citations ? { ...start, citations: [] } : start)
  }
  const say = (text: string): readonly Frame[] => {
    if (text === "") return []
    sent += text
    const opened = open()
    const said = slot.say({ type: "text_delta", text })
    return opened.length === 0 ? [said] : [...opened, said]
  }
  const cite = (citations: readonly Citation[]): readonly Frame[] => {
    const fresh = citations.slice(cited)
    cited = citations.length
    return (encodeCitations(fresh, context) ?? []).flatMap((citation) => [
      ...open(),
      slot.say({ type: "citations_delta", citation }),
    ])
  }

  return {
    slot,
    waits: true,
    start() {
      if (block.type === "text") noteTextLosses(block, context)
      else context.note({ code: "block-adapted", path: context.path, effect: "adapted", side: "response" })
      const opened = block.type === "text" && !block.seal ? open() : []
      return [...opened, ...say(textIn(block)), ...(block.type === "text" ? cite(block.citations ?? []) : [])]
    },
    delta(delta) {
      if (delta.type !== "text") return []
      if (delta.logprobs && block.type === "text") noteTextLosses({ ...block, logprobs: delta.logprobs }, context)
      return say(delta.text)
    },
    set(patch) {
      if (patch.seal) seal = patch.seal
      const text = patch.text === undefined ? [] : say(remainder(sent, patch.text, context))
      return [...text, ...cite(patch.citations ?? [])]
    },
    end() {
      const closing = slot.index() === undefined ? [] : [slot.stop()]
      const text = sealedText(block.type === "data" ? block : { ...block, text: sent })
      return seal && text !== undefined ? [...closing, ...whole(slots, carrierOf(seal, ordinal, text))] : closing
    },
  }
}
