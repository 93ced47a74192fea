import type { Frame, Step, StreamEvent } from "../../core/event.ts"
import type { Exchange } from "../../core/exchange.ts"
import { stopWithTools } from "../../core/response.ts"
import type { Usage } from "../../core/usage.ts"
import { asArray, asNumber, asObject, type Json, type JsonObject, stringifyJson } from "../../lib/json.ts"
import { encodeAnnotations } from "./annotations.ts"
import { type ChunkState, chunkState, type SentBlock, type SentChoice } from "./chunk-state.ts"
import { done, errorFrames, jsonIn } from "./chunks.ts"
import { type ChoiceDelta, endDeltas, growDeltas, setDeltas, startDeltas } from "./encode-delta.ts"
import { noteStop } from "./encode-response.ts"
import { encodeStop } from "./stop.ts"
import { members, wireId } from "./types.ts"
import { encodeUsage } from "./usage.ts"
import { type Writer, writerFor } from "./writer.ts"

export interface ChunkWriter {
  render(event: StreamEvent): readonly Frame[]
  /** Finish reasons that wait for the end of the answer. */
  release(): readonly Frame[]
  /** Follows a frame that goes out as it came. */
  learn(step: Step, frame: Frame): void
}

/** A streamed answer as it is being written. */
interface Answer {
  readonly exchange: Exchange
  readonly isUsageWanted: boolean
  readonly state: ChunkState
  readonly loud: Writer
  readonly silent: Writer
  /** What every chunk says of the answer, and the text with which each chunk therefore begins. */
  head: JsonObject
  opening: string
  usage: Usage | undefined
  /** Finish reasons wait for the end: a client takes them for the whole answer. */
  finishes: Frame[]
}

type BlockEvent = Extract<StreamEvent, { at: unknown }>
type Of<T extends StreamEvent["type"]> = Extract<StreamEvent, { type: T }>

export function chunkWriter(exchange: Exchange, isUsageWanted: boolean): ChunkWriter {
  const loud = writerFor(exchange, "response", "candidates[*].messages[*].blocks[*]")
  const silent: Writer = { ...loud, note: () => {} }
  const answer: Answer = {
    exchange,
    isUsageWanted,
    state: chunkState(),
    loud,
    silent,
    head: {},
    opening: "{",
    usage: undefined,
    finishes: [],
  }
  return {
    render: (event) => take(answer, event, loud),
    release: () => released(answer),
    learn: (step, frame) => learn(answer, step, frame),
  }
}

function setHead(answer: Answer, head: JsonObject): void {
  const text = stringifyJson(head)
  answer.head = head
  answer.opening = text === "{}" ? "{" : `${text.slice(0, -1)},`
}

/** The envelope is the same in every chunk, so its text is made once. */
function frameOf({ opening }: Answer, { index }: SentChoice, { delta, logprobs }: ChoiceDelta, stop?: JsonObject): Frame {
  const said = logprobs === undefined ? { index, delta } : { index, delta, logprobs }
  const choice = stop ? { ...said, ...stop } : Object.assign(said, { finish_reason: null })
  return { data: `${opening}"choices":[${stringifyJson(choice)}]}` }
}

function released(answer: Answer): Frame[] {
  const frames = answer.finishes
  if (frames.length > 0) answer.finishes = []
  return frames
}

/** Choices begin in their order, so that readers who number them by appearance agree. */
function begin(answer: Answer, candidate: number): readonly Frame[] {
  const frames: Frame[] = []
  for (let index = 0; index <= candidate; index++) {
    const choice = answer.state.choice(index)
    if (choice.isBegun) continue
    choice.isBegun = true
    frames.push(frameOf(answer, choice, { delta: { role: "assistant", content: "" } }))
  }
  return frames
}

function takeBlock(answer: Answer, event: BlockEvent, writer: Writer): readonly Frame[] {
  const { state } = answer
  const choice = state.choice(event.at.candidate)
  const sent = event.type === "block-start" ? state.begin(event.at, event.block) : state.block(event.at)
  if (!sent) return []
  const deltas = deltasOf(event, sent, choice, writer)
  if (deltas.length > 0) follow(sent, choice, writer)
  return deltas.map((delta) => frameOf(answer, choice, delta))
}

function deltasOf(event: BlockEvent, sent: SentBlock, choice: SentChoice, writer: Writer): readonly ChoiceDelta[] {
  switch (event.type) {
    case "block-start":
      return startDeltas(sent, choice, writer)
    case "block-delta":
      return growDeltas(sent, event.delta, choice, writer)
    case "block-set":
      return setDeltas(sent, event.set, choice, writer)
    case "block-end":
      return endDeltas(sent, choice, writer)
    default:
      return event satisfies never
  }
}

/** Readers join text that follows text. */
function follow(sent: SentBlock, choice: SentChoice, writer: Writer): void {
  const { last } = choice
  if (last === sent) return
  choice.last = sent
  const { type } = sent.draft.start
  if (last && (type === "text" || type === "refusal") && last.draft.start.type === type)
    writer.note({ code: "block-adapted", path: writer.path, effect: "adapted", side: "response" })
}

function finish(answer: Answer, event: Of<"turn-end">, writer: Writer): readonly Frame[] {
  const choice = answer.state.choice(event.candidate)
  choice.isFinished = true
  const stop = stopWithTools(event.stop, choice.hasCall)
  noteStop(stop, event.stop, writer)
  const annotations = choice.isCited ? encodeAnnotations(textsOf(choice), writer) : undefined
  const cited = annotations ? [frameOf(answer, choice, { delta: { annotations } })] : []
  return [...cited, frameOf(answer, choice, { delta: {} }, encodeStop(stop))]
}

const textsOf = (choice: SentChoice) =>
  [...choice.blocks.values()].map((sent) => sent.draft.value()).filter((block) => block.type === "text")

function close(answer: Answer, event: Of<"response-end">): readonly Frame[] {
  const { head, loud, usage } = answer
  const frames = released(answer)
  if (event.blocked && answer.state.choices().length === 0)
    frames.push(...begin(answer, 0), ...finish(answer, { type: "turn-end", candidate: 0, stop: event.blocked }, loud))
  for (const pin of event.pins ?? [])
    loud.note({ code: "pin-unsupported", path: `pins.${pin.kind}`, effect: "dropped", side: "response" })
  const tier = event.serviceTier === undefined ? {} : { service_tier: event.serviceTier }
  if (usage && answer.isUsageWanted)
    frames.push({ data: stringifyJson({ ...head, ...tier, choices: [], usage: encodeUsage(usage, loud.note) }) })
  return [...frames, { data: done }]
}

function take(answer: Answer, event: StreamEvent, writer: Writer): readonly Frame[] {
  switch (event.type) {
    case "response-start":
      setHead(answer, headOf(event, answer.exchange))
      return []
    case "message-start":
      return begin(answer, event.candidate)
    case "block-start":
    case "block-delta":
    case "block-set":
    case "block-end":
      return takeBlock(answer, event, writer)
    case "message-end":
      return []
    case "turn-end":
      answer.finishes.push(...finish(answer, event, writer))
      return begin(answer, event.candidate)
    case "usage":
      answer.usage = event.usage
      return []
    case "response-end":
      return close(answer, event)
    case "error":
      return errorFrames(event.error)
    case "foreign":
      return foreignFrames(event, writer)
    default:
      return event satisfies never
  }
}

function learn(answer: Answer, step: Step, frame: Frame): void {
  for (const event of step.events) if (event.type !== "response-end") take(answer, event, answer.silent)
  answer.finishes = []
  if (step.events.some((event) => event.type === "response-start" || event.type === "message-start")) adopt(answer, step, frame)
}

/** What is written anew between relayed frames looks like them: the same envelope, the vendor's own indices. */
function adopt(answer: Answer, step: Step, frame: Frame): void {
  const source = asObject(jsonIn(frame))
  if (!source) return
  const { state } = answer
  const { choices, usage: _usage, obfuscation: _obfuscation, ...envelope } = source
  setHead(answer, envelope)
  const started = step.events.flatMap((event) => (event.type === "message-start" ? [event.candidate] : []))
  const known = new Set(state.choices().flatMap(({ index }) => (started.includes(index) ? [] : [index])))
  const indices = (asArray(choices) ?? []).map((entry, position) => asNumber(asObject(entry)?.index) ?? position)
  const fresh = indices.filter((index) => !known.has(index))
  started.forEach((candidate, position) => {
    state.choice(candidate).index = fresh[position] ?? candidate
  })
}

const headOf = (event: Of<"response-start">, exchange: Exchange): JsonObject =>
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
