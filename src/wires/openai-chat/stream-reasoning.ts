import type { ReasoningBlock, Seal } from "../../core/block.ts"
import type { At, StreamEvent } from "../../core/event.ts"
import { type Envelope, openEnvelope, sealedHash } from "../../core/seal.ts"
import { asArray, asObject, asString, type Json, type JsonObject } from "../../lib/json.ts"
import { fragment } from "./media.ts"
import type { Reader } from "./reader.ts"
import type { LooseSeal } from "./seal-place.ts"
import type { Running, StreamBlocks } from "./stream-blocks.ts"
import { given, wireId } from "./types.ts"

/** The thinking of one choice. */
export interface StreamReasoning {
  take(delta: JsonObject, out: StreamEvent[]): void
  /** Thinking that came inside the content. */
  takeText(text: string, out: StreamEvent[]): void
  /** Envelopes that seal something other than thinking, to be put back when all is there. */
  readonly loose: readonly LooseSeal[]
}

interface Thought {
  readonly run: Running
  readonly at: At
  /** Type and index of the entry that its last part grows by. */
  key: string
  readonly id: string | undefined
  part: number
  isSealed: boolean
}

const isText = (kind: string): boolean => kind === "reasoning.text" || kind === "reasoning.summary"

/** The thinking so far, and what it is read and written with. */
interface Thinking {
  readonly blocks: StreamBlocks
  readonly reader: Reader
  readonly thoughts: Thought[]
  readonly loose: LooseSeal[]
  /** An entry without text opens nothing unless it turns out to be sealed. */
  blank: ReasoningBlock["parts"][number] | undefined
}

export function streamReasoning(blocks: StreamBlocks, reader: Reader): StreamReasoning {
  const thinking: Thinking = { blocks, reader, thoughts: [], loose: [], blank: undefined }
  return {
    take(delta, out) {
      const entries = delta.reasoning_details ? (asArray(delta.reasoning_details) ?? []) : none
      if (!entries.some(hasText)) takeText(thinking, asString(delta.reasoning_content) || asString(delta.reasoning) || "", out)
      for (const entry of entries) takeEntry(thinking, entry, out)
    },
    takeText: (text, out) => takeText(thinking, text, out),
    loose: thinking.loose,
  }
}

const none: readonly Json[] = []

function current({ thoughts, blocks }: Thinking): Thought | undefined {
  const last = thoughts.at(-1)
  return last && blocks.running === last.run ? last : undefined
}

function open(thinking: Thinking, key: string, id: string | undefined, out: StreamEvent[]): Thought {
  const run = thinking.blocks.run("reasoning", out, true)
  const thought: Thought = { run, at: run.at, key, id, part: 0, isSealed: false }
  thinking.thoughts.push(thought)
  thinking.blank = undefined
  return thought
}

function add(thought: Thought, text: string, isSummary: boolean, out: StreamEvent[]): void {
  thought.run.text += text
  const delta = { type: "part" as const, index: thought.part, text, ...(isSummary ? { summary: true as const } : {}) }
  out.push({ type: "block-delta", at: thought.at, delta })
}

function takeText(thinking: Thinking, text: string, out: StreamEvent[]): void {
  if (text === "") return
  const running = current(thinking)
  const thought = running && running.key === "" && !running.isSealed ? running : open(thinking, "", undefined, out)
  add(thought, text, false, out)
}

function takeEntry(thinking: Thinking, json: Json, out: StreamEvent[]): void {
  const entry = asObject(json)
  const kind = asString(entry?.type) ?? ""
  if (entry && isText(kind)) takeTextEntry(thinking, entry, kind, out)
  else if (!entry || kind !== "reasoning.encrypted" || !takeEncrypted(thinking, entry, out))
    thinking.blocks.whole({ type: "foreign", wire: wireId, value: fragment("reasoning_details", json) }, out)
}

function takeTextEntry(thinking: Thinking, entry: JsonObject, kind: string, out: StreamEvent[]): void {
  const isSummary = kind === "reasoning.summary"
  const text = asString(isSummary ? entry.summary : entry.text) ?? ""
  const key = `${kind} ${String(entry.index)}`
  const signature = asString(entry.signature) || undefined
  if (text !== "") add(thoughtFor(thinking, entry, key, out), text, isSummary, out)
  else if (!thinking.thoughts.some((thought) => thought.key === key && !thought.isSealed))
    thinking.blank = { text: "", ...(isSummary ? { summary: true as const } : {}) }
  if (signature !== undefined) takeSignature(thinking, signature, key, out)
}

/** The one that the entry goes on with, in a part of its own where only the id says that they belong together. */
function thoughtFor(thinking: Thinking, entry: JsonObject, key: string, out: StreamEvent[]): Thought {
  const id = asString(entry.id)
  const running = current(thinking)
  if (running && !running.isSealed) {
    if (running.key === key && entry.index !== undefined) return running
    if (id !== undefined && running.id === id) {
      running.part += 1
      running.key = key
      return running
    }
  }
  return open(thinking, key, id, out)
}

function takeSignature(thinking: Thinking, data: string, key: string, out: StreamEvent[]): void {
  const { reader, thoughts } = thinking
  if (reader.isEnveloped(data)) {
    takeEnvelope(thinking, data, undefined, out)
    return
  }
  const seal: Seal = { issuer: reader.issuer, kind: "signature", data }
  const thought = thoughts.findLast((one) => one.key === key && !one.isSealed)
  if (thought) set(thought, seal, out)
  else sealed(thinking, seal, out)
}

/** False for an entry without data. */
function takeEncrypted(thinking: Thinking, entry: JsonObject, out: StreamEvent[]): boolean {
  const { reader, thoughts } = thinking
  const data = asString(entry.data)
  const id = asString(entry.id)
  if (data === undefined || data === "") return false
  if (reader.isEnveloped(data)) {
    takeEnvelope(thinking, data, id, out)
    return true
  }
  const seal: Seal = { issuer: reader.issuer, kind: "encrypted", data, ...given("id", id) }
  const last = thoughts.at(-1)
  if (last && id !== undefined && last.id === id && !last.isSealed) set(last, seal, out)
  else sealed(thinking, seal, out)
  return true
}

function takeEnvelope(thinking: Thinking, data: string, id: string | undefined, out: StreamEvent[]): void {
  const { reader, thoughts, blank, loose } = thinking
  const envelope = openEnvelope(data)
  if (!envelope) {
    reader.stale()
    return
  }
  const last = thoughts.at(-1)
  if (last && !last.isSealed && blank === undefined && isOver(envelope, last.run.text)) set(last, envelope.seal, out)
  else if (isOver(envelope, "")) sealed(thinking, envelope.seal, out)
  else loose.push({ envelope, ...given("id", id) })
}

function set(thought: Thought, seal: Seal, out: StreamEvent[]): void {
  thought.isSealed = true
  out.push({ type: "block-set", at: thought.at, set: { seal } })
}

/** A block of nothing but its seal. */
function sealed(thinking: Thinking, seal: Seal, out: StreamEvent[]): void {
  const { blank, blocks } = thinking
  blocks.whole({ type: "reasoning", parts: blank ? [blank] : [], seal }, out)
  thinking.blank = undefined
}

const isOver = (envelope: Envelope, text: string): boolean => envelope.over === sealedHash(text)

function hasText(json: Json): boolean {
  const entry = asObject(json)
  return isText(asString(entry?.type) ?? "") && (asString(entry?.text) || asString(entry?.summary) || "") !== ""
}
