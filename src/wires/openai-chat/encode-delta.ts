import type { Block, Logprob, ReasoningBlock, ToolCallBlock } from "../../core/block.ts"
import type { BlockPatch, Delta } from "../../core/event.ts"
import { deriveId } from "../../core/id.ts"
import type { Json, JsonObject } from "../../lib/json.ts"
import type { SentBlock, SentChoice } from "./chunk-state.ts"
import { carry, wireName } from "./encode-calls.ts"
import { dropped, encodePart, noteTextFields } from "./encode-content.ts"
import { noteEmpty, sealEntry, textEntry } from "./encode-reasoning.ts"
import { encodeLogprobs } from "./logprobs.ts"
import { sealedText } from "./seal-place.ts"
import { given, members, wireId } from "./types.ts"
import { noteRest, type Writer } from "./writer.ts"

/** A `delta` of a choice, and the log probabilities that go beside it. */
export interface ChoiceDelta {
  readonly delta: JsonObject
  readonly logprobs?: Json
}

const said = (delta: JsonObject): readonly ChoiceDelta[] => [{ delta }]

/** What the start of a block says. */
export function startDeltas(sent: SentBlock, choice: SentChoice, writer: Writer): readonly ChoiceDelta[] {
  const block = sent.draft.value()
  switch (block.type) {
    case "text":
      noteRest(block, writer)
      noteTextFields(block, writer)
      choice.isCited ||= (block.citations?.length ?? 0) > 0
      if (block.text === "") return []
      return [{ delta: { content: block.text }, ...given("logprobs", block.logprobs && encodeLogprobs(block.logprobs)) }]
    case "refusal":
      noteRest(block, writer)
      return block.text === "" ? [] : said({ refusal: block.text })
    case "reasoning":
      noteRest(block, writer)
      return block.parts.flatMap((part, index) => (part.text === "" ? [] : partDelta(sent, choice, { index, ...part }, writer)))
    case "tool-call":
      if (block.by !== "provider") return callStart(sent, block, choice, writer)
      dropped(block, writer)
      return []
    case "data":
    case "compaction":
      return partText(block, writer)
    case "media":
      return []
    case "pin":
      noteRest(block, writer)
      writer.note({ code: "pin-unsupported", path: writer.path, effect: "dropped", side: writer.side })
      return []
    case "foreign":
      if (block.wire === wireId) return fragmentDelta(block.value)
      dropped(block, writer)
      return []
    case "tool-result":
      dropped(block, writer)
      return []
    default:
      return block satisfies never
  }
}

function partText(block: Block, writer: Writer): readonly ChoiceDelta[] {
  const part = encodePart(block, writer) as { readonly text?: Json } | undefined
  return part?.text === undefined || part.text === "" ? [] : said({ content: part.text })
}

/** A piece of a message that nobody modelled: lists take it as an element, content as a part. */
function fragmentDelta(value: Json): readonly ChoiceDelta[] {
  const [entry] = Object.entries(value as JsonObject)
  if (!entry) return []
  const [key, piece] = entry
  return said({ [key]: key === "audio" ? piece : [piece] })
}

function callStart(sent: SentBlock, block: ToolCallBlock, choice: SentChoice, writer: Writer): readonly ChoiceDelta[] {
  noteRest(block, writer)
  sent.call = choice.nextCall++
  choice.hasCall = true
  const name = wireName(block, writer)
  const isText = block.form === "text"
  const inner = isText ? { custom: { name, input: "" } } : { function: { name, arguments: "" } }
  const head = { tool_calls: [{ index: sent.call, id: block.id, type: isText ? "custom" : "function", ...inner }] }
  return block.input === "" ? said(head) : [{ delta: head }, ...inputDelta(sent, block.input, block)]
}

function inputDelta(sent: SentBlock, text: string, block: Block): readonly ChoiceDelta[] {
  if (block.type !== "tool-call" || sent.call < 0 || text === "") return []
  sent.hasInput = true
  const inner = block.form === "text" ? { custom: { input: text } } : { function: { arguments: text } }
  return said({ tool_calls: [{ index: sent.call, ...inner }] })
}

type Part = { readonly index: number; readonly text: string; readonly summary?: true }

/** Thinking goes out twice: as one string, and as details that a seal can stand beside. */
function partDelta(sent: SentBlock, choice: SentChoice, part: Part, writer: Writer): readonly ChoiceDelta[] {
  const entry = textEntry(part, entryIndex(sent, choice, part.index), thoughtId(sent, writer))
  return said({ ...(part.text === "" ? {} : { reasoning_content: part.text }), reasoning_details: [entry] })
}

function entryIndex(sent: SentBlock, choice: SentChoice, part: number): number {
  const index = sent.entries.get(part) ?? choice.nextEntry++
  sent.entries.set(part, index)
  return index
}

const thoughtId = (sent: SentBlock, { exchange }: Writer): string =>
  deriveId("item", exchange.seed, "reasoning", sent.at.candidate, sent.at.message, sent.at.block)

const textDelta = (content: string, logprobs: readonly Logprob[] | undefined): ChoiceDelta =>
  logprobs ? { delta: { content }, logprobs: encodeLogprobs(logprobs) } : { delta: { content } }

/** What a delta adds. */
export function growDeltas(sent: SentBlock, delta: Delta, choice: SentChoice, writer: Writer): readonly ChoiceDelta[] {
  const block = sent.draft.start
  sent.draft.append(delta)
  switch (delta.type) {
    case "text": {
      if (delta.text === "" && !delta.logprobs) return []
      if (block.type === "text") return [textDelta(delta.text, delta.logprobs)]
      if (block.type === "refusal") return said({ refusal: delta.text })
      return block.type === "data" ? said({ content: delta.text }) : []
    }
    case "part":
      return block.type === "reasoning" && delta.text !== "" ? partDelta(sent, choice, delta, writer) : []
    case "input":
      return inputDelta(sent, delta.text, block)
    case "transcript":
    case "bytes":
      return []
    default:
      return delta satisfies never
  }
}

/** What a replaced field adds: the rest of a text whose beginning is out already, a seal that came after the end. */
export function setDeltas(sent: SentBlock, patch: BlockPatch, choice: SentChoice, writer: Writer): readonly ChoiceDelta[] {
  const before = sent.draft.value()
  sent.draft.set(patch)
  choice.isCited ||= (patch.citations?.length ?? 0) > 0
  const out: ChoiceDelta[] = []
  if (patch.text !== undefined && (before.type === "text" || before.type === "refusal")) {
    const rest = restOfText(patch.text, before.text, writer)
    if (rest !== "") out.push({ delta: before.type === "text" ? { content: rest } : { refusal: rest } })
  }
  if (patch.input !== undefined && before.type === "tool-call")
    out.push(...inputDelta(sent, restOfText(patch.input, before.input, writer), before))
  if (patch.seal && sent.isEnded) out.push(...sealDeltas(sent, choice, writer))
  return out
}

function restOfText(now: string, before: string, writer: Writer): string {
  if (now.startsWith(before)) return now.slice(before.length)
  writer.note({ code: "event-unsupported", path: writer.path, effect: "dropped", side: writer.side })
  return ""
}

/** What the end of a block says: media whole, an input that never came, the seal. */
export function endDeltas(sent: SentBlock, choice: SentChoice, writer: Writer): readonly ChoiceDelta[] {
  sent.isEnded = true
  const block = sent.draft.value()
  const out: ChoiceDelta[] = []
  if (block.type === "media") out.push(...mediaDeltas(block, writer))
  if (block.type === "tool-call" && sent.call >= 0 && !sent.hasInput && block.form !== "text")
    out.push(...inputDelta(sent, "{}", block))
  if (block.type === "reasoning" && !block.seal && sent.entries.size === 0) noteEmpty(writer)
  return [...out, ...sealDeltas(sent, choice, writer)]
}

function mediaDeltas(block: Extract<Block, { type: "media" }>, writer: Writer): readonly ChoiceDelta[] {
  const { source, transcript, kind } = block
  if (kind === "image") {
    const part = encodePart(block, writer)
    return part === undefined ? [] : said({ images: [part] })
  }
  noteRest(block, writer)
  if (kind === "audio" && source.type === "base64") {
    if (block.mime !== undefined)
      writer.note({ code: "field-unsupported", path: `${writer.path}.mime`, effect: "dropped", side: writer.side })
    return said({ audio: members({ id: `audio_${writer.exchange.seed}`, data: source.data, transcript, expires_at: 0 }) })
  }
  writer.note({ code: "media-unsupported", path: writer.path, effect: "dropped", side: writer.side })
  return []
}

function sealDeltas(sent: SentBlock, choice: SentChoice, writer: Writer): readonly ChoiceDelta[] {
  const block = sent.draft.value()
  if (!block.seal || sent.isSealSent || (block.type === "tool-call" && sent.call < 0)) return []
  if (sealedText(block) === undefined) {
    writer.note({ code: "seal-foreign", path: `${writer.path}.seal`, effect: "dropped", side: writer.side })
    return []
  }
  sent.isSealSent = true
  const blanks = block.type === "reasoning" ? blankEntries(sent, block, choice, writer) : []
  const entry = sealEntry(block.seal, block, sent.ordinal, choice.nextEntry++, writer)
  const signed =
    block.type === "tool-call" ? { tool_calls: [{ index: sent.call, extra_content: carry(String(entry.data)) }] } : {}
  return said({ reasoning_details: [...blanks, entry], ...signed })
}

/** A sealed part without text is still a part. */
const blankEntries = (sent: SentBlock, block: ReasoningBlock, choice: SentChoice, writer: Writer): readonly JsonObject[] =>
  block.parts.flatMap((part, index) =>
    sent.entries.has(index) ? [] : [textEntry(part, entryIndex(sent, choice, index), thoughtId(sent, writer))],
  )
