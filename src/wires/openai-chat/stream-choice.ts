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
import { responseReader } from "./reader.ts"
import { type LooseSeal, sealedText } from "./seal-place.ts"
import { decodeStop } from "./stop.ts"
import { type Running, type StreamBlocks, streamBlocks } from "./stream-blocks.ts"
import { type StreamCalls, streamCalls } from "./stream-calls.ts"
import { streamReasoning } from "./stream-reasoning.ts"
import { wireId } from "./types.ts"

/** One choice of a stream. */
export interface StreamChoice {
  take(choice: JsonObject, out: StreamEvent[]): void
  readonly isFinished: boolean
}

export function streamChoice(candidate: number, exchange: Exchange): StreamChoice {
  const reader = responseReader(exchange, candidate)
  const blocks = streamBlocks(candidate)
  const reasoning = streamReasoning(blocks, reader)
  const calls = streamCalls(blocks, reader)
  const texts: Running[] = []
  const citations: Citation[] = []
  const others: Block[] = []
  let audio: At | undefined
  let isBegun = false
  let isFinished = false

  function takeText(text: string, choice: JsonObject, out: StreamEvent[]): void {
    const logprobs = choice.logprobs ? decodeLogprobs(choice.logprobs) : undefined
    if (text === "" && (logprobs === undefined || blocks.running?.kind !== "text")) return
    const run = blocks.run("text", out)
    if (texts.at(-1) !== run) texts.push(run)
    run.text += text
    out.push({ type: "block-delta", at: run.at, delta: logprobs ? { type: "text", text, logprobs } : { type: "text", text } })
  }

  function takeContent(content: Json | undefined, choice: JsonObject, out: StreamEvent[]): void {
    const text = asString(content)
    if (text !== undefined) {
      takeText(text, choice, out)
      return
    }
    for (const json of asArray(content) ?? []) {
      const block = decodePart(json, reader)
      if (block.type === "text") takeText(block.text, choice, out)
      else if (block.type === "reasoning") reasoning.takeText(block.parts.map((part) => part.text).join(""), out)
      else blocks.whole(block, out)
    }
  }

  function takeRefusal(text: string, out: StreamEvent[]): void {
    if (text === "") return
    const { at } = blocks.run("refusal", out)
    out.push({ type: "block-delta", at, delta: { type: "text", text } })
  }

  function takeAudio(source: JsonObject, out: StreamEvent[]): void {
    audio ??= blocks.start({ type: "media", kind: "audio", source: { type: "base64", data: "" } }, out)
    const transcript = asString(source.transcript)
    const data = asString(source.data)
    if (transcript) out.push({ type: "block-delta", at: audio, delta: { type: "transcript", text: transcript } })
    if (data) out.push({ type: "block-delta", at: audio, delta: { type: "bytes", data } })
  }

  function takeDelta(delta: JsonObject, choice: JsonObject, out: StreamEvent[]): void {
    reasoning.take(delta, out)
    takeContent(delta.content, choice, out)
    if (delta.refusal) takeRefusal(asString(delta.refusal) ?? "", out)
    if (delta.images) for (const image of asArray(delta.images) ?? []) blocks.whole(imageOf(image), out)
    const spoken = asObject(delta.audio)
    if (spoken) takeAudio(spoken, out)
    if (delta.annotations) takeAnnotations(asArray(delta.annotations) ?? [])
    if (delta.tool_calls) takeCalls(asArray(delta.tool_calls) ?? [], out)
    const legacy = asObject(delta.function_call)
    if (legacy) calls.takeLegacy(legacy, out)
  }

  function takeAnnotations(list: readonly Json[]): void {
    const read = readAnnotations(list, "response")
    citations.push(...read.citations)
    others.push(...read.others)
  }

  function takeCalls(list: readonly Json[], out: StreamEvent[]): void {
    for (const json of list) {
      const entry = asObject(json)
      if (entry) calls.take(entry, out)
    }
  }

  function close(choice: JsonObject, out: StreamEvent[]): void {
    blocks.endRun(out)
    if (audio) out.push({ type: "block-end", at: audio })
    calls.close(out)
    for (const block of others) blocks.whole(block, out)
    out.push(...citationEvents(texts, citations))
    for (const one of reasoning.loose) restore(one, texts, calls, blocks, out, () => reader.stale())
    const hasCall = calls.all.some((call) => call.at !== undefined)
    const stop = stopWithTools(decodeStop(choice), hasCall)
    out.push({ type: "message-end", candidate, message: 0 }, { type: "turn-end", candidate, stop })
    isFinished = true
  }

  return {
    take(choice, out) {
      const delta = asObject(choice.delta) ?? asObject(choice.message) ?? {}
      if (isFinished) {
        if (saysSomething(delta))
          exchange.note({ code: "event-unsupported", path: "candidates[*]", effect: "dropped", side: "response" })
        return
      }
      if (!isBegun) out.push({ type: "message-start", candidate, message: 0, value: { role: "assistant" } })
      isBegun = true
      takeDelta(delta, choice, out)
      if (decodeStop(choice).reason !== "pending") close(choice, out)
    },
    get isFinished() {
      return isFinished
    },
  }
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
