import type { Block, Citation, ReasoningBlock, Seal, ToolCallBlock } from "../../core/block.ts"
import { draftOf } from "../../core/block-draft.ts"
import type { BlockPatch, Delta, Frame, StreamEvent } from "../../core/event.ts"
import { originOf } from "../../core/node.ts"
import { asObject, asString, type Json, type JsonObject } from "../../lib/json.ts"
import { encodeCitations } from "./citations.ts"
import { clientName, encodeBlock, isNative, noteTextLosses, ranHere } from "./encode-blocks.ts"
import { carrierOf, sealedText, thinkingForClient } from "./seals.ts"
import { blockDelta, blockStart, blockStop } from "./stream-frame.ts"
import { type EncodeContext, wireId } from "./types.ts"

export type BlockEvent = Extract<StreamEvent, { type: "block-start" | "block-delta" | "block-set" | "block-end" }>

/** The indices of the wire's blocks. */
export interface Slots {
  next(): number
  take(): number
}

/** Writes one block of the hub as frames; it may turn out to be none of the wire's, one, or one and the carrier of its seal. */
export interface BlockWriter {
  start(): readonly Frame[]
  write(event: BlockEvent): readonly Frame[]
  /** A frame that said this went out as it came. */
  relayed(event: BlockEvent): void
  /** False where the frame depends on what has been edited. */
  mayRelay(event: BlockEvent): boolean
  /** Undefined while nothing of it has been written. */
  index(): number | undefined
  /** Closes it; nothing from the second time on. */
  settle(): readonly Frame[]
}

export function writeBlock(block: Block, ordinal: number, slots: Slots, context: EncodeContext): BlockWriter {
  switch (block.type) {
    case "text":
    case "refusal":
    case "data":
      return writer(textContent(block, ordinal, slots, context))
    case "reasoning":
      return writer(thinkingContent(block, ordinal, slots, context))
    case "tool-call":
      if (block.by !== "provider" || ranHere(block)) return writer(callContent(block, ordinal, slots, context))
      return writer(wholeContent(block, ordinal, slots, context))
    case "tool-result":
    case "compaction":
    case "media":
    case "pin":
    case "foreign":
      return writer(wholeContent(block, ordinal, slots, context))
    default:
      return block satisfies never
  }
}

/** What differs from one kind of block to the next. */
interface Content {
  readonly slot: Slot
  start(): readonly Frame[]
  delta(delta: Delta): readonly Frame[]
  set(patch: BlockPatch): readonly Frame[]
  /** What a frame said that went out as it came. */
  heard?(delta: Delta): void
  /** What comes before the end of the block, the end, and what comes after it. `edited`: some frames were rendered, some relayed. */
  end(edited: boolean): readonly Frame[]
  /** The text of a block may still get citations after its end. */
  readonly waits?: true
}

interface Slot {
  index(): number | undefined
  /** The start of the block, the first time. */
  open(json: Json): readonly Frame[]
  say(delta: JsonObject): Frame
  stop(): Frame
  take(): void
}

function slotOf(slots: Slots): Slot {
  let index: number | undefined
  return {
    index: () => index,
    take() {
      index ??= slots.take()
    },
    open(json) {
      if (index !== undefined) return []
      index = slots.take()
      return [blockStart(index, json)]
    },
    say: (delta) => blockDelta(index ?? 0, delta),
    stop: () => blockStop(index ?? 0),
  }
}

function writer(content: Content): BlockWriter {
  const { slot } = content
  let isRelayed = false
  let isRendered = false
  let isPending = false
  let isClosed = false

  function close(): readonly Frame[] {
    if (isClosed) return []
    isClosed = true
    return content.end(isRelayed && isRendered)
  }

  return {
    start() {
      return content.start()
    },
    write(event) {
      if (isClosed) return []
      if (event.type === "block-delta") {
        isRendered = true
        return content.delta(event.delta)
      }
      if (event.type === "block-set") {
        isPending = true
        return content.set(event.set)
      }
      return event.type === "block-end" && !content.waits ? close() : []
    },
    relayed(event) {
      if (event.type === "block-start") {
        slot.take()
        isRelayed = true
      } else if (event.type === "block-delta") {
        isRelayed = true
        content.heard?.(event.delta)
      } else if (event.type === "block-end") isClosed = true
    },
    mayRelay(event) {
      if (event.type === "block-set") return !(event.set.seal && isRendered)
      return event.type !== "block-end" || !(isRendered || isPending)
    },
    index: slot.index,
    settle: close,
  }
}

/** A native block's own start, without what the deltas say. */
const startOf = (block: Block, base: JsonObject): JsonObject => {
  const from = originOf(block)
  const source = from?.wire === wireId ? asObject(from.json) : undefined
  return source?.type === base.type ? { ...source, ...base } : base
}

const whole = (slots: Slots, json: Json): readonly Frame[] => {
  const slot = slotOf(slots)
  return [...slot.open(json), slot.stop()]
}

type TextLike = Extract<Block, { type: "text" | "refusal" | "data" }>

const textIn = (block: TextLike): string => (block.type === "data" ? block.json : block.text)

function textContent(block: TextLike, ordinal: number, slots: Slots, context: EncodeContext): Content {
  const slot = slotOf(slots)
  let sent = ""
  let cited = 0
  let seal: Seal | undefined = block.seal

  const open = (): readonly Frame[] => {
    const base = { type: "text", text: "" }
    const start = startOf(block, base)
    return slot.open(start.citations ? { ...start, citations: [] } : start)
  }
  const say = (text: string): readonly Frame[] => {
    if (text === "") return []
    sent += text
    return [...open(), slot.say({ type: "text_delta", text })]
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

/** What is missing of a text of which a part has been sent; what has been sent cannot be taken back. */
function remainder(sent: string, text: string, context: EncodeContext): string {
  if (text.startsWith(sent)) return text.slice(sent.length)
  context.note({ code: "block-adapted", path: context.path, effect: "adapted", side: "response" })
  return ""
}

function thinkingContent(block: ReasoningBlock, ordinal: number, slots: Slots, context: EncodeContext): Content {
  const slot = slotOf(slots)
  const empty = { type: "thinking", thinking: "", signature: "" }
  let text = ""
  let part = -1
  let seal = block.seal

  function say(index: number, piece: string, summary: boolean): readonly Frame[] {
    if (piece === "" || index > 0 || summary)
      context.note({ code: "block-adapted", path: `${context.path}.parts`, effect: "adapted", side: "response" })
    if (piece === "") return []
    const isNext = part >= 0 && index !== part
    part = index
    const thinking = isNext ? `\n\n${piece}` : piece
    text += thinking
    return [...slot.open(startOf(block, empty)), slot.say({ type: "thinking_delta", thinking })]
  }

  function sealed(live: Seal): readonly Frame[] {
    const json = thinkingForClient(text, live, ordinal)
    const isOpen = slot.index() !== undefined
    if (json.type === "redacted_thinking" && !isOpen) return [...slot.open(json), slot.stop()]
    return [
      ...slot.open(startOf(block, empty)),
      slot.say({ type: "signature_delta", signature: json.signature ?? json.data ?? "" }),
      slot.stop(),
    ]
  }

  return {
    slot,
    start: () => block.parts.flatMap((one, index) => say(index, one.text, one.summary === true)),
    delta: (delta) => (delta.type === "part" ? say(delta.index, delta.text, delta.summary === true) : []),
    heard(delta) {
      if (delta.type === "part") text += delta.text
    },
    set(patch) {
      if (patch.seal) seal = patch.seal
      return []
    },
    end(edited) {
      if (seal && !edited) return sealed(seal)
      if (slot.index() !== undefined) return [slot.stop()]
      if (isNative(block)) return [...slot.open(startOf(block, empty)), slot.stop()]
      context.note({ code: "block-unsupported", path: context.path, effect: "dropped", side: "response" })
      return []
    },
  }
}

function callContent(block: ToolCallBlock, ordinal: number, slots: Slots, context: EncodeContext): Content {
  const slot = slotOf(slots)
  const isText = block.form === "text"
  let sent = ""
  let seal: Seal | undefined

  function say(piece: string): readonly Frame[] {
    if (piece === "") return []
    const opening = isText && sent === "" ? '{"input":"' : ""
    sent += piece
    return [slot.say({ type: "input_json_delta", partial_json: isText ? opening + escaped(piece) : piece })]
  }

  function carrier(live: Seal | undefined): readonly Frame[] {
    const over = live && sealedText(block)
    return live && over !== undefined ? whole(slots, carrierOf(live, ordinal, over)) : []
  }

  return {
    slot,
    start() {
      if (isText) context.note({ code: "emulated", path: context.path, effect: "adapted", side: "response" })
      const before = carrier(block.seal)
      return [...before, ...slot.open(startOf(block, callStart(block, context))), ...say(block.input)]
    },
    delta: (delta) => (delta.type === "input" ? say(delta.text) : []),
    set(patch) {
      if (patch.seal) seal = patch.seal
      return patch.input === undefined ? [] : say(remainder(sent, patch.input, context))
    },
    end() {
      const rest = sent === "" ? (isText ? '{"input":""}' : "{}") : isText ? '"}' : ""
      const last = rest === "" ? [] : [slot.say({ type: "input_json_delta", partial_json: rest })]
      return [...last, slot.stop(), ...carrier(seal)]
    },
  }
}

/** A piece of a JSON string, without the quotes. */
const escaped = (text: string): string => JSON.stringify(text).slice(1, -1)

function callStart(block: ToolCallBlock, context: EncodeContext): JsonObject {
  const base = { id: block.id, name: block.name, input: {} }
  if (block.by !== "provider") return { type: "tool_use", ...base, name: clientName(block, context) }
  return block.namespace === undefined
    ? { type: "server_tool_use", ...base }
    : { type: "mcp_tool_use", ...base, server_name: block.namespace }
}

/** Blocks that the format sends in one piece wait for their end. */
function wholeContent(block: Block, ordinal: number, slots: Slots, context: EncodeContext): Content {
  const slot = slotOf(slots)
  const draft = draftOf(block)
  return {
    slot,
    start: () => [],
    delta(delta) {
      draft.append(delta)
      return []
    },
    set(patch) {
      draft.set(patch)
      return []
    },
    end() {
      if (slot.index() !== undefined) return [slot.stop()]
      return encodeBlock(draft.value(), ordinal, context).flatMap((json) => {
        const object = asObject(json)
        return object?.type === "compaction" ? compacted(object, slot) : [...slot.open(json), slot.stop()]
      })
    },
  }
}

/** The vendor says a summary in one delta. */
function compacted(json: JsonObject, slot: Slot): readonly Frame[] {
  const { content, encrypted_content: encrypted } = json
  const delta = {
    type: "compaction_delta",
    content: asString(content) ?? null,
    ...(encrypted ? { encrypted_content: encrypted } : {}),
  }
  const { encrypted_content: _, ...start } = json
  return [...slot.open({ ...start, content: null }), slot.say(delta), slot.stop()]
}
