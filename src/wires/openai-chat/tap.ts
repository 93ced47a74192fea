import type { GatewayError } from "../../core/error.ts"
import type { Frame, Machine } from "../../core/event.ts"
import type { Mark } from "../../core/wire.ts"
import { asArray, asNumber, asObject, asString, type Json, type JsonObject, parseJson } from "../../lib/json.ts"
import { scanTopLevel } from "../../lib/json-splice.ts"
import { signFinder } from "../../lib/sign-finder.ts"
import { done, jsonIn } from "./chunks.ts"
import { errorInFrame } from "./decode-stream.ts"
import { errors } from "./error.ts"
import { decodeStop } from "./stop.ts"
import { given } from "./types.ts"
import { decodeUsage } from "./usage.ts"

/** Larger bodies are not parsed whole. */
const parseLimit = 64 * 1024

/** The first character of a member's value; undefined when the payload has no such member. Keys inside strings have escaped quotes. */
function valueAt(data: string, key: string): string | undefined {
  for (let at = data.indexOf(key); at >= 0; at = data.indexOf(key, at + 1)) {
    if (data[at - 1] === "\\") continue
    let next = at + key.length
    while (data[next] === " ") next++
    if (data[next] !== ":") continue
    do next++
    while (data[next] === " ")
    return data[next]
  }
  return undefined
}

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
export function streamTap(): Machine<Frame, Mark> {
  const open = new Set<number>()
  let hasContent = false
  let hasCall = false
  let isKnown = false
  let isEnded = false

  function choiceMarks(choice: JsonObject, position: number): Mark {
    const index = asNumber(choice.index) ?? position
    const delta = asObject(choice.delta) ?? asObject(choice.message) ?? {}
    const stop = decodeStop(choice)
    const isFinished = stop.reason !== "pending"
    if (isFinished) open.delete(index)
    else if (!isEnded) open.add(index)
    const isFirst = !hasContent && (isFinished || isContent(delta))
    const isFirstCall = !hasCall && isCall(delta)
    hasContent ||= isFirst
    hasCall ||= isFirstCall
    return {
      ...(isFirst ? { content: true } : {}),
      ...(isFirstCall ? { toolCall: true } : {}),
      ...(isFinished ? { stop: { reason: stop.reason, raw: stop.raw } } : {}),
    }
  }

  function read(frame: Frame): Mark {
    const source = asObject(jsonIn(frame))
    if (!source) return {}
    const error = errorInFrame(source, frame)
    if (error) return { error }
    const choices = asArray(source.choices) ?? []
    let mark: Mark = {}
    choices.forEach((entry, position) => {
      const choice = asObject(entry)
      if (choice) mark = { ...mark, ...choiceMarks(choice, position) }
    })
    const hasEnded = !isEnded && mark.stop !== undefined && open.size === 0
    isEnded ||= hasEnded
    const usage = decodeUsage(source.usage) ?? decodeUsage(asObject(source.x_groq)?.usage)
    return { ...mark, ...(hasEnded ? { end: true } : {}), ...given("usage", usage), ...identity(source, choices.length > 0) }
  }

  function identity(source: JsonObject, isStart: boolean): Pick<Mark, "id" | "model"> {
    if (isKnown || !isStart) return {}
    isKnown = true
    return { ...given("id", asString(source.id) || undefined), ...given("model", asString(source.model) || undefined) }
  }

  return {
    push(frame) {
      const { data } = frame
      if (data === "" || data === done) return []
      if (
        hasContent &&
        isKnown &&
        !(hasFinish(data) || hasUsage(data) || hasError(data) || opensChoice(data) || frame.event === "error")
      ) {
        if (hasCall || !data.includes('"tool_calls"')) return []
      }
      const mark = read(frame)
      return Object.keys(mark).length > 0 ? [mark] : []
    },
    flush: () => [],
  }
}

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
