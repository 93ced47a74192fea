import type { GatewayError } from "../../core/error.ts"
import type { Frame, Machine } from "../../core/event.ts"
import type { Draft } from "../../core/node.ts"
import type { Mark } from "../../core/wire.ts"
import { asArray, asNumber, asObject, asString, type Json, type JsonObject, parseJson } from "../../lib/json.ts"
import { scanTopLevel } from "../../lib/json-splice.ts"
import { signFinder } from "../../lib/sign-finder.ts"
import { done, jsonIn, valueAt } from "./chunks.ts"
import { errorInFrame } from "./decode-stream.ts"
import { errors } from "./error.ts"
import { decodeStop } from "./stop.ts"
import { decodeUsage } from "./usage.ts"

/** Larger bodies are not parsed whole. */
const parseLimit = 64 * 1024

const hasUsage = (data: string): boolean => valueAt(data, '"usage"') === "{"
const hasFinish = (data: string): boolean => valueAt(data, '"finish_reason"') === '"' || data.split('"finish_reason"').length > 2
const hasError = (data: string): boolean => data.includes('"error"')
const opensChoice = (data: string): boolean => data.includes('"role"')

function isContent(delta: JsonObject): boolean {
  const { content } = delta
  if (typeof content === "string" ? content !== "" : (asArray(content)?.length ?? 0) > 0) return true
  for (const key of ["reasoning_content", "reasoning", "refusal"]) if ((asString(delta[key]) ?? "") !== "") return true
  for (const key of ["tool_calls", "reasoning_details", "images"]) if ((asArray(delta[key])?.length ?? 0) > 0) return true
  return asObject(delta.audio) !== undefined || asObject(delta.function_call) !== undefined
}

const isCall = (delta: JsonObject): boolean =>
  (asArray(delta.tool_calls)?.length ?? 0) > 0 || asObject(delta.function_call) !== undefined

/** Reads what a relay needs from the frames. After the first content only frames that finish, count, fail or open a choice are parsed. */
export const streamTap = (): Machine<Frame, Mark> => new StreamTap()

class StreamTap implements Machine<Frame, Mark> {
  private readonly open = new Set<number>()
  private hasContent = false
  private hasCall = false
  private isKnown = false
  private isEnded = false

  push(frame: Frame): readonly Mark[] {
    if (this.isPlain(frame)) return nothing
    const mark = this.read(frame)
    for (const _ in mark) return [mark]
    return nothing
  }

  flush(): readonly Mark[] {
    return nothing
  }

  /** Content like that before it, or no chunk at all. */
  private isPlain(frame: Frame): boolean {
    const { data } = frame
    if (data === "" || data === done) return true
    if (!this.hasContent || !this.isKnown || frame.event === "error") return false
    if (hasFinish(data) || hasUsage(data) || hasError(data) || opensChoice(data)) return false
    return this.hasCall || !data.includes('"tool_calls"')
  }

  private read(frame: Frame): Mark {
    const source = asObject(jsonIn(frame))
    if (!source) return {}
    const error = errorInFrame(source, frame)
    if (error) return { error }
    const choices = asArray(source.choices) ?? []
    const mark: Draft<Mark> = {}
    for (let position = 0; position < choices.length; position += 1) {
      const choice = asObject(choices[position])
      if (choice) this.readChoice(choice, position, mark)
    }
    if (!this.isEnded && mark.stop !== undefined && this.open.size === 0) {
      this.isEnded = true
      mark.end = true
    }
    const usage = decodeUsage(source.usage) ?? decodeUsage(asObject(source.x_groq)?.usage)
    if (usage) mark.usage = usage
    if (choices.length > 0) this.identify(source, mark)
    return mark
  }

  private readChoice(choice: JsonObject, position: number, mark: Draft<Mark>): void {
    const index = asNumber(choice.index) ?? position
    const delta = asObject(choice.delta) ?? asObject(choice.message) ?? noDelta
    const { reason, raw } = decodeStop(choice)
    const isFinished = reason !== "pending"
    if (isFinished) {
      this.open.delete(index)
      mark.stop = { reason, raw }
    } else if (!this.isEnded) this.open.add(index)
    if (!this.hasContent && (isFinished || isContent(delta))) {
      this.hasContent = true
      mark.content = true
    }
    if (!this.hasCall && isCall(delta)) {
      this.hasCall = true
      mark.toolCall = true
    }
  }

  private identify(source: JsonObject, mark: Draft<Mark>): void {
    if (this.isKnown) return
    this.isKnown = true
    const id = asString(source.id)
    const model = asString(source.model)
    if (id) mark.id = id
    if (model) mark.model = model
  }
}

const nothing: readonly Mark[] = []
const noDelta: JsonObject = {}

/** What a relay needs of a whole body. Never throws. */
export function peek(body: Uint8Array): Mark {
  try {
    return mark(body.length <= parseLimit ? (JSON.parse(textOf(body)) as Json) : shallow(body))
  } catch {
    return { error: notAnAnswer }
  }
}

export function mark(body: Json): Mark {
  const source = asObject(body)
  return source ? markOf(source) : { error: notAnAnswer }
}

const notAnAnswer: GatewayError = {
  kind: "bad-answer",
  blame: "provider",
  message: "the upstream's answer is not a chat completion",
}

const textOf = (body: Uint8Array, from = 0, to = body.length): string => Buffer.prototype.utf8Slice.call(body, from, to)

const peekedKeys: readonly string[] = ["id", "model", "choices", "usage", "error", "object", "message", "code"]

/** The few members of a big body that matter. */
function shallow(body: Uint8Array): JsonObject {
  const found: Record<string, Json> = {}
  for (const { key, valueStart, valueEnd } of scanTopLevel(body, peekedKeys).members)
    found[key] = parseJson(textOf(body, valueStart, valueEnd))
  return found
}

/** Runs once a call on every relay, so it builds one object and copies none. */
function markOf(source: JsonObject): Mark {
  const choices = asArray(source.choices)
  if (!choices) return { error: errors.inBody(source) ?? notAnAnswer }
  const mark: { -readonly [K in keyof Mark]: Mark[K] } = { end: true }
  const first = asObject(choices[0])
  if (first) {
    const { reason, raw } = decodeStop(first)
    mark.stop = { reason, raw }
    if (reason !== "pending") mark.content = true
  }
  for (const choice of choices) {
    const message = asObject(asObject(choice)?.message)
    if (!message) continue
    if (isContent(message)) mark.content = true
    if (isCall(message)) mark.toolCall = true
  }
  const usage = decodeUsage(source.usage)
  if (usage) mark.usage = usage
  if (typeof source.model === "string") mark.model = source.model
  return mark
}

/** The ends of `"finish_reason"` and `"usage"` with a value, of `"index"` in further choices, and of any error. */
export const saysMore = signFinder([
  { word: 'son"', unless: "n" },
  { word: 'age"', unless: "n" },
  { word: 'dex"', unless: "0" },
  { word: "rror" },
])
