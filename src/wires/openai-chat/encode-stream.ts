import type { GatewayError } from "../../core/error.ts"
import type { Frame, Machine, Step, StreamEnd, StreamEvent } from "../../core/event.ts"
import type { Exchange } from "../../core/exchange.ts"
import { stopWithTools } from "../../core/response.ts"
import { sequence } from "../../core/sequence.ts"
import type { Usage } from "../../core/usage.ts"
import type { Head } from "../../core/wire.ts"
import { asArray, asNumber, asObject, type Json, type JsonObject, stringifyJson } from "../../lib/json.ts"
import { encodeAnnotations } from "./annotations.ts"
import { chunkState, type SentBlock, type SentChoice } from "./chunk-state.ts"
import { done, jsonIn } from "./decode-stream.ts"
import { type ChoiceDelta, endDeltas, growDeltas, setDeltas, startDeltas } from "./encode-delta.ts"
import { noteStop } from "./encode-response.ts"
import { errors } from "./error.ts"
import { encodeStop } from "./stop.ts"
import { members, wireId } from "./types.ts"
import { encodeUsage } from "./usage.ts"
import { type Writer, writerFor } from "./writer.ts"

export const errorFrames = (error: GatewayError): readonly Frame[] => [{ data: stringifyJson({ error: errors.object(error) }) }]

/** A chunk without choices that brings nothing but usage. */
function isUsageOnly(frame: Frame): boolean {
  if (!frame.data.includes('"usage"')) return false
  const source = asObject(jsonIn(frame))
  return source?.usage !== undefined && source.usage !== null && asArray(source.choices)?.length === 0
}

/** True for the usage chunk of a stream whose caller did not ask for it. */
export const hide = (frame: Frame, head: Head): boolean => head.stream && !head.usageAsked && isUsageOnly(frame)

/** Writes a stream of chunks: frames of this wire as they came, everything else anew. */
export function streamEncoder(exchange: Exchange): Machine<Step, Frame> {
  const isSameWire = exchange.target.wire === wireId
  const isUnasked = exchange.request.stream !== undefined && !exchange.request.stream.usage
  const chunks = chunkWriter(exchange, !isUnasked)
  const inOrder = sequence({ note: exchange.note })
  let isRelayed = false
  let isOver = false

  function render(step: Step): readonly Frame[] {
    const frames: Frame[] = []
    for (const event of step.events) {
      if (isOver) break
      isOver = event.type === "error" || event.type === "response-end"
      // what closes a relayed stream is the upstream's own business
      if (!(isRelayed && event.type === "response-end")) frames.push(...chunks.render(event))
    }
    return isRelayed ? [...frames, ...chunks.release()] : frames
  }

  return {
    push(step) {
      if (isOver) return []
      const { frame } = step
      if (isSameWire && frame) {
        isRelayed = true
        chunks.learn(step, frame)
        isOver = step.events.some((event) => event.type === "error" || event.type === "response-end")
        return isUnasked && isUsageOnly(frame) ? [] : [frame]
      }
      return isRelayed ? render(step) : inOrder.push(step).flatMap(render)
    },
    flush(end: StreamEnd) {
      return isOver || isRelayed ? [] : inOrder.flush(end).flatMap(render)
    },
  }
}

interface ChunkWriter {
  render(event: StreamEvent): readonly Frame[]
  /** Finish reasons that wait for the end of the answer. */
  release(): readonly Frame[]
  /** Follows a frame that goes out as it came. */
  learn(step: Step, frame: Frame): void
}

const chunkFrame = (chunk: JsonObject): Frame => ({ data: stringifyJson(chunk) })

function chunkWriter(exchange: Exchange, isUsageWanted: boolean): ChunkWriter {
  const state = chunkState()
  const loud = writerFor(exchange, "response", "candidates[*].messages[*].blocks[*]")
  const silent: Writer = { ...loud, note: () => {} }
  let head: JsonObject = {}
  let usage: Usage | undefined
  /** Finish reasons wait for the end: a client takes them for the whole answer. */
  const finishes: Frame[] = []

  const frameOf = (choice: SentChoice, { delta, logprobs }: ChoiceDelta, stop?: JsonObject): Frame =>
    chunkFrame({
      ...head,
      choices: [
        { index: choice.index, delta, ...(logprobs === undefined ? {} : { logprobs }), ...(stop ?? { finish_reason: null }) },
      ],
    })

  /** Choices begin in their order, so that readers who number them by appearance agree. */
  function begin(candidate: number): readonly Frame[] {
    const frames: Frame[] = []
    for (let index = 0; index <= candidate; index++) {
      const choice = state.choice(index)
      if (choice.isBegun) continue
      choice.isBegun = true
      frames.push(frameOf(choice, { delta: { role: "assistant", content: "" } }))
    }
    return frames
  }

  function takeBlock(event: Extract<StreamEvent, { at: unknown }>, writer: Writer): readonly Frame[] {
    const choice = state.choice(event.at.candidate)
    const sent = event.type === "block-start" ? state.begin(event.at, event.block) : state.block(event.at)
    if (!sent) return []
    const deltas = deltasOf(event)
    if (deltas.length > 0) follow(sent, choice, writer)
    return deltas.map((delta) => frameOf(choice, delta))

    function deltasOf(inner: Extract<StreamEvent, { at: unknown }>): readonly ChoiceDelta[] {
      if (!sent) return []
      switch (inner.type) {
        case "block-start":
          return startDeltas(sent, choice, writer)
        case "block-delta":
          return growDeltas(sent, inner.delta, choice, writer)
        case "block-set":
          return setDeltas(sent, inner.set, choice, writer)
        case "block-end":
          return endDeltas(sent, choice, writer)
        default:
          return inner satisfies never
      }
    }
  }

  /** Readers join text that follows text. */
  function follow(sent: SentBlock, choice: SentChoice, writer: Writer): void {
    const { last } = choice
    choice.last = sent
    if (!last || last === sent) return
    const { type } = sent.draft.start
    if ((type === "text" || type === "refusal") && last.draft.start.type === type)
      writer.note({ code: "block-adapted", path: writer.path, effect: "adapted", side: "response" })
  }

  function finish(event: Extract<StreamEvent, { type: "turn-end" }>, writer: Writer): readonly Frame[] {
    const choice = state.choice(event.candidate)
    choice.isFinished = true
    const stop = stopWithTools(event.stop, choice.hasCall)
    noteStop(stop, event.stop, writer)
    const values = [...choice.blocks.values()].map((sent) => sent.draft.value())
    const annotations = choice.isCited
      ? encodeAnnotations(
          values.filter((block) => block.type === "text"),
          writer,
        )
      : undefined
    const cited = annotations ? [frameOf(choice, { delta: { annotations } })] : []
    return [...cited, frameOf(choice, { delta: {} }, encodeStop(stop))]
  }

  function close(event: Extract<StreamEvent, { type: "response-end" }>): readonly Frame[] {
    const frames: Frame[] = finishes.splice(0)
    if (event.blocked && state.choices().length === 0)
      frames.push(...begin(0), ...finish({ type: "turn-end", candidate: 0, stop: event.blocked }, loud))
    for (const pin of event.pins ?? [])
      loud.note({ code: "pin-unsupported", path: `pins.${pin.kind}`, effect: "dropped", side: "response" })
    const tier = event.serviceTier === undefined ? {} : { service_tier: event.serviceTier }
    if (usage && isUsageWanted) frames.push(chunkFrame({ ...head, ...tier, choices: [], usage: encodeUsage(usage, loud.note) }))
    return [...frames, { data: done }]
  }

  function take(event: StreamEvent, writer: Writer): readonly Frame[] {
    switch (event.type) {
      case "response-start":
        head = headOf(event, exchange)
        return []
      case "message-start":
        return begin(event.candidate)
      case "block-start":
      case "block-delta":
      case "block-set":
      case "block-end":
        return takeBlock(event, writer)
      case "message-end":
        return []
      case "turn-end":
        finishes.push(...finish(event, writer))
        return begin(event.candidate)
      case "usage":
        usage = event.usage
        return []
      case "response-end":
        return close(event)
      case "error":
        return errorFrames(event.error)
      case "foreign":
        return foreignFrames(event, writer)
      default:
        return event satisfies never
    }
  }

  return {
    render: (event) => take(event, loud),
    release: () => finishes.splice(0),
    learn(step, frame) {
      for (const event of step.events) if (event.type !== "response-end") take(event, silent)
      finishes.length = 0
      if (step.events.some((event) => event.type === "response-start" || event.type === "message-start")) adopt(step, frame)
    },
  }

  /** What is written anew between relayed frames looks like them: the same envelope, the vendor's own indices. */
  function adopt(step: Step, frame: Frame): void {
    const source = asObject(jsonIn(frame))
    if (!source) return
    const { choices, usage: _usage, obfuscation: _obfuscation, ...envelope } = source
    head = envelope
    const started = step.events.flatMap((event) => (event.type === "message-start" ? [event.candidate] : []))
    const known = new Set(
      state
        .choices()
        .filter((choice) => !started.includes(choice.index))
        .map((choice) => choice.index),
    )
    const indices = (asArray(choices) ?? []).map((entry, position) => asNumber(asObject(entry)?.index) ?? position)
    const fresh = indices.filter((index) => !known.has(index))
    started.forEach((candidate, position) => {
      state.choice(candidate).index = fresh[position] ?? candidate
    })
  }
}

const headOf = (event: Extract<StreamEvent, { type: "response-start" }>, exchange: Exchange): JsonObject =>
  members({
    id: event.id,
    object: "chat.completion.chunk",
    created: event.created ?? Math.floor(exchange.now / 1000),
    model: event.model,
    service_tier: event.serviceTier,
  })

function foreignFrames({ wire, value }: { wire: string; value: Json }, writer: Writer): readonly Frame[] {
  if (wire === wireId) return [{ data: typeof value === "string" ? value : stringifyJson(value) }]
  writer.note({ code: "event-unsupported", path: "events[*]", effect: "dropped", side: "response" })
  return []
}
