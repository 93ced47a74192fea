import type { Frame, Machine } from "../../core/event.ts"
import type { Draft } from "../../core/node.ts"
import type { Mark } from "../../core/wire.ts"
import { asArray, asObject, asString, type Json, type JsonObject, parseJson } from "../../lib/json.ts"
import { JsonScanError, scanTopLevel } from "../../lib/json-splice.ts"
import { signFinder } from "../../lib/sign-finder.ts"
import { errorIn } from "./error.ts"
import { decodeStop } from "./stop.ts"
import { decodeUsage, mergeUsage } from "./usage.ts"

/** Marks what a relay must know of each frame. Once there was content, only the first and the last frames are parsed. */
export function tap(): Machine<Frame, Mark> {
  let usage: JsonObject | undefined
  let committed = false

  function usageMark(json: Json | undefined): Mark {
    if (!asObject(json)) return {}
    usage = mergeUsage(usage, asObject(json))
    const decoded = decodeUsage(usage)
    return decoded ? { usage: decoded } : {}
  }

  function start(object: JsonObject): Mark {
    const message = asObject(object.message) ?? {}
    const id = asString(message.id)
    const model = asString(message.model)
    const blocks = asArray(message.content) ?? []
    const named = { ...(id === undefined ? {} : { id }), ...(model === undefined ? {} : { model }) }
    return { ...named, ...usageMark(message.usage), ...stopMark(message), ...contentMark(blocks), ...callMark(blocks) }
  }

  /** Empty pieces are no content; a call is from its start. */
  function piece(object: JsonObject): Mark {
    const said = asObject(object.content_block) ?? asObject(object.delta)
    return contentMark(said ? [said] : [])
  }

  function read(kind: string, frame: Frame): Mark {
    switch (kind) {
      case "content_block_start":
      case "content_block_delta": {
        const isCall = kind === "content_block_start" && frame.data.includes('"tool_use"')
        const mark: Mark = isCall ? { content: true, toolCall: true } : committed ? {} : piece(parsed(frame.data))
        committed ||= mark.content === true
        return mark
      }
      case "message_start": {
        const mark = start(parsed(frame.data))
        committed ||= mark.content === true
        return mark
      }
      case "message_delta": {
        const object = parsed(frame.data)
        return { ...usageMark(object.usage), ...stopMark(asObject(object.delta) ?? {}) }
      }
      case "message_stop":
        return { end: true }
      case "error": {
        const error = errorIn({ ...parsed(frame.data), type: "error" })
        return error ? { error } : {}
      }
      default:
        return {}
    }
  }

  return {
    push: (frame) => {
      const mark = read(kindOf(frame), frame)
      return Object.keys(mark).length > 0 ? [mark] : []
    },
    flush: () => [],
  }
}

const kinds = ["content_block_delta", "content_block_start", "message_start", "message_delta", "message_stop", "error"] as const
const typed = kinds.map((kind) => [kind, new RegExp(`"type"\\s*:\\s*"${kind}"`)] as const)

/** The event's name, or the type in its payload where a framing has no names. */
function kindOf(frame: Frame): string {
  if (frame.event !== undefined) return frame.event
  const { data } = frame
  const type = asString(typed.some(([, pattern]) => pattern.test(data)) ? parsed(data).type : undefined)
  return type ?? ""
}

function parsed(data: string): JsonObject {
  try {
    return asObject(parseJson(data)) ?? {}
  } catch {
    return {}
  }
}

/** A finish is content too: an answer may have nothing else. */
function stopMark(from: JsonObject): Mark {
  const stop = decodeStop(from)
  return stop.reason === "pending" ? {} : { content: true, stop: { reason: stop.reason, raw: stop.raw } }
}

const silent: ReadonlySet<string> = new Set(["type", "index", "signature", "citations", "estimated_tokens"])

function contentMark(said: readonly Json[]): Mark {
  const speaks = said.some((one) => {
    const object = asObject(one) ?? {}
    if (object.type === "signature_delta") return object.signature !== ""
    return Object.entries(object).some(([key, value]) => !silent.has(key) && value !== "" && value !== null)
  })
  return speaks ? { content: true } : {}
}

const callMark = (blocks: readonly Json[]): Mark => (blocks.some(isCall) ? { toolCall: true } : {})

const isCall = (block: Json): boolean => asObject(block)?.type === "tool_use"

/** Bodies up to this size are parsed whole. */
const small = 65_536

const peeked = ["type", "id", "model", "usage", "stop_reason", "stop_sequence", "error", "content"] as const

/** The unary twin: what a relay must know of a whole body. Never throws; `error` where it is no answer. */
export function peek(body: Uint8Array): Mark {
  return mark(body.length <= small ? parsed(Buffer.prototype.utf8Slice.call(body, 0, body.length)) : members(body))
}

export function mark(body: Json): Mark {
  const object = asObject(body) ?? {}
  const error = errorIn(object)
  if (error) return { error }
  if (object.type !== "message" && object.content === undefined)
    return { error: { kind: "bad-answer", blame: "provider", message: "The upstream's answer is no message." } }
  const id = asString(object.id)
  const model = asString(object.model)
  const usage = decodeUsage(object.usage)
  const stop = decodeStop(object)
  const said: Draft<Mark> = { content: true, end: true }
  if (id !== undefined) said.id = id
  if (model !== undefined) said.model = model
  if (usage) said.usage = usage
  if (stop.reason !== "pending") said.stop = { reason: stop.reason, raw: stop.raw }
  if (asArray(object.content)?.some(isCall)) said.toolCall = true
  return said
}

/** Some members of a large body; of its content only whether it calls a tool. */
function members(body: Uint8Array): JsonObject {
  const result: Record<string, Json> = {}
  try {
    for (const { key, valueStart, valueEnd } of scanTopLevel(body, peeked).members) {
      const text = Buffer.from(body.buffer, body.byteOffset + valueStart, valueEnd - valueStart).toString("utf8")
      if (key !== "content") result[key] = parseJson(text)
      else result[key] = /"type"\s*:\s*"tool_use"/.test(text) ? [{ type: "tool_use" }] : []
    }
  } catch (error) {
    if (!(error instanceof JsonScanError || error instanceof SyntaxError)) throw error
    return {}
  }
  return result
}

/** The events of a message as a whole, and errors. */
export const saysMore = signFinder([{ word: "message_" }, { word: "rror" }])
