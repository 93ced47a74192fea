import type { Block, Citation } from "../../core/block.ts"
import type { At, StreamEvent } from "../../core/event.ts"
import type { Exchange } from "../../core/exchange.ts"
import { stopWithTools } from "../../core/response.ts"
import { sealedHash } from "../../core/seal.ts"
import { asArray, asObject, asString, type Json, type JsonObject } from "../../lib/json.ts"
import { readAnnotations } from "./annotations.ts"
import { decodePart } from "./decode-content.ts"
import { decodeLogprobs } from "./logprobs.ts"
import { decodeMediaPart, fragment } from "./media.ts"
import { type Reader, responseReader } from "./reader.ts"
import { type LooseSeal, sealedText } from "./seal-place.ts"
import { decodeStop } from "./stop.ts"
import { type Running, type StreamBlocks, streamBlocks } from "./stream-blocks.ts"
import { type StreamCalls, streamCalls } from "./stream-calls.ts"
import { type StreamReasoning, streamReasoning } from "./stream-reasoning.ts"
import { wireId } from "./types.ts"

/** One choice of a stream. */
export interface StreamChoice {
  take(choice: JsonObject, out: StreamEvent[]): void
  readonly isFinished: boolean
}

/** The choice so far, and what it is read with. */
interface Choice {
  readonly candidate: number
  readonly exchange: Exchange
  readonly reader: Reader
  readonly blocks: StreamBlocks
  readonly reasoning: StreamReasoning
  readonly calls: StreamCalls
  readonly texts: Running[]
  readonly citations: Citation[]
  readonly others: Block[]
  audio: At | undefined
  isBegun: boolean
  isFinished: boolean
}

export function streamChoice(candidate: number, exchange: Exchange): StreamChoice {
  const reader = responseReader(exchange, candidate)
  const blocks = streamBlocks(candidate)
  const choice: Choice = {
    candidate,
    exchange,
    reader,
    blocks,
    reasoning: streamReasoning(blocks, reader),
    calls: streamCalls(blocks, reader),
    texts: [],
    citations: [],
    others: [],
    audio: undefined,
    isBegun: false,
    isFinished: false,
  }
  return {
    take: (source, out) => takeChoice(choice, source, out),
    get isFinished() {
      return choice.isFinished
    },
  }
}

function takeChoice(choice: Choice, source: JsonObject, out: StreamEvent[]): void {
  const { candidate, exchange } = choice
  const delta = asObject(source.delta) ?? asObject(source.message) ?? nothing
  if (choice.isFinished) {
    if (saysSomething(delta))
      exchange.note({ code: "event-unsupported", path: "candidates[*]", effect: "dropped", side: "response" })
    return
  }
  if (!choice.isBegun) out.push({ type: "message-start", candidate, message: 0, value: { role: "assistant" } })
  choice.isBegun = true
  takeDelta(choice, delta, source, out)
  if (decodeStop(source).reason !== "pending") close(choice, source, out)
}

const nothing: JsonObject = {}

/** Most deltas say one thing, so each key is looked into only if it is there. */
function takeDelta(choice: Choice, delta: JsonObject, source: JsonObject, out: StreamEvent[]): void {
  const { blocks, reasoning, calls } = choice
  reasoning.take(delta, out)
  takeContent(choice, delta.content, source, out)
  if (delta.refusal) takeRefusal(choice, asString(delta.refusal) ?? "", out)
  if (delta.images) for (const image of asArray(delta.images) ?? []) blocks.whole(imageOf(image), out)
  const spoken = asObject(delta.audio)
  if (spoken) takeAudio(choice, spoken, out)
  if (delta.annotations) takeAnnotations(choice, asArray(delta.annotations) ?? [])
  if (delta.tool_calls) takeCalls(choice, asArray(delta.tool_calls) ?? [], out)
  const legacy = asObject(delta.function_call)
  if (legacy) calls.takeLegacy(legacy, out)
}

function takeText({ blocks, texts }: Choice, text: string, source: JsonObject, out: StreamEvent[]): void {
  const logprobs = source.logprobs ? decodeLogprobs(source.logprobs) : undefined
  if (text === "" && (logprobs === undefined || blocks.running?.kind !== "text")) return
  const run = blocks.run("text", out)
  if (texts.at(-1) !== run) texts.push(run)
  run.text += text
  out.push({ type: "block-delta", at: run.at, delta: logprobs ? { type: "text", text, logprobs } : { type: "text", text } })
}

function takeContent(choice: Choice, content: Json | undefined, source: JsonObject, out: StreamEvent[]): void {
  const text = asString(content)
  if (text !== undefined) {
    takeText(choice, text, source, out)
    return
  }
  for (const json of asArray(content) ?? []) {
    const block = decodePart(json, choice.reader)
    if (block.type === "text") takeText(choice, block.text, source, out)
    else if (block.type === "reasoning") choice.reasoning.takeText(block.parts.map((part) => part.text).join(""), out)
    else choice.blocks.whole(block, out)
  }
}

function takeRefusal({ blocks }: Choice, text: string, out: StreamEvent[]): void {
  if (text === "") return
  const { at } = blocks.run("refusal", out)
  out.push({ type: "block-delta", at, delta: { type: "text", text } })
}

function takeAudio(choice: Choice, source: JsonObject, out: StreamEvent[]): void {
  choice.audio ??= choice.blocks.start({ type: "media", kind: "audio", source: { type: "base64", data: "" } }, out)
  const at = choice.audio
  const transcript = asString(source.transcript)
  const data = asString(source.data)
  if (transcript) out.push({ type: "block-delta", at, delta: { type: "transcript", text: transcript } })
  if (data) out.push({ type: "block-delta", at, delta: { type: "bytes", data } })
}

function takeAnnotations({ citations, others }: Choice, list: readonly Json[]): void {
  const read = readAnnotations(list, "response")
  citations.push(...read.citations)
  others.push(...read.others)
}

function takeCalls({ calls }: Choice, list: readonly Json[], out: StreamEvent[]): void {
  for (const json of list) {
    const entry = asObject(json)
    if (entry) calls.take(entry, out)
  }
}

function close(choice: Choice, source: JsonObject, out: StreamEvent[]): void {
  const { candidate, blocks, calls, texts, audio, reader } = choice
  blocks.endRun(out)
  if (audio) out.push({ type: "block-end", at: audio })
  calls.close(out)
  for (const block of choice.others) blocks.whole(block, out)
  out.push(...citationEvents(texts, choice.citations))
  for (const one of choice.reasoning.loose) restore(one, texts, calls, blocks, out, () => reader.stale())
  const hasCall = calls.all.some((call) => call.at !== undefined)
  const stop = stopWithTools(decodeStop(source), hasCall)
  out.push({ type: "message-end", candidate, message: 0 }, { type: "turn-end", candidate, stop })
  choice.isFinished = true
}

const saysSomething = (delta: JsonObject): boolean =>
  ["content", "refusal", "reasoning_content", "reasoning"].some(
    (key) => delta[key] !== undefined && delta[key] !== null && delta[key] !== "",
  ) || (asArray(delta.tool_calls)?.length ?? 0) > 0

function imageOf(json: Json): Block {
  const part = asObject(json)
  const block = part?.image_url === undefined ? undefined : decodeMediaPart("image_url", part)
  return block ?? { type: "foreign", wire: wireId, value: fragment("images", json) }
}

/** Each citation goes to the block that its place in the whole text falls into. */
function citationEvents(texts: readonly Running[], citations: readonly Citation[]): readonly StreamEvent[] {
  if (citations.length === 0) return []
  let offset = 0
  const starts = texts.map((run) => {
    const start = offset
    offset += [...run.text].length
    return { run, start }
  })
  return starts.flatMap(({ run, start }): StreamEvent[] => {
    const mine = citations.filter((citation) => {
      const { span } = citation
      const owner = span ? starts.findLast((one) => one.start <= span[0]) : starts[0]
      return (owner ?? starts[0])?.run === run
    })
    if (mine.length === 0) return []
    const moved = mine.map(
      (one): Citation => (one.span && start > 0 ? { ...one, span: [one.span[0] - start, one.span[1] - start] } : one),
    )
    return [{ type: "block-set", at: run.at, set: { citations: moved } }]
  })
}

const emptyText = sealedHash("\u0001")

/** Puts a seal that travelled apart on the text or call it was made over. */
function restore(
  { envelope, id }: LooseSeal,
  texts: readonly Running[],
  calls: StreamCalls,
  blocks: StreamBlocks,
  out: StreamEvent[],
  stale: () => void,
): void {
  const { seal, over } = envelope
  const text = texts.find((run) => sealedHash(`\u0001${run.text}`) === over)
  const call = calls.all.find(
    ({ block, at }) => at && !block.seal && (id === undefined || block.id === id) && sealedHash(sealedText(block) ?? "") === over,
  )
  const at = text?.at ?? call?.at
  if (at) out.push({ type: "block-set", at, set: { seal } })
  else if (over === emptyText) blocks.whole({ type: "text", text: "", seal }, out)
  else stale()
}
