import type { Frame, Machine } from "../../core/event.ts"
import type { Draft } from "../../core/node.ts"
import type { Mark } from "../../core/wire.ts"
import { asArray, asObject, asString, type Json, type JsonObject, parseJson } from "../../lib/json.ts"
import { scanTopLevel } from "../../lib/json-splice.ts"
import { signFinder } from "../../lib/sign-finder.ts"
import { errors } from "./error.ts"
import { decodeStop } from "./stop.ts"
import { decodeUsage, drewImages, isBilledByPiece } from "./usage.ts"

const kindOfFrame = /"type"\s*:\s*"((?:response\.|error)[a-z_.]*)"/

/** The type, from the event line where there is one; the payload begins with it for servers that send none. */
const typeOf = (frame: Frame): string => frame.event ?? kindOfFrame.exec(frame.data)?.[1] ?? ""

const callTypes = /"type"\s*:\s*"(?:function_call|custom_tool_call)"/

/** Frames that show something to a reader, by what their types end with. */
const shows = (type: string): boolean =>
  type.endsWith(".delta") || type.endsWith("output_item.done") || type.endsWith("partial_image")

/** Reads what a relay has to know; after the first content only announcements of calls and the closing frame are looked into. */
export function streamTap(): Machine<Frame, Mark> {
  let named = false
  let committed = false
  let calls = false
  let over = false

  function mark(type: string, data: string): Mark | undefined {
    switch (type) {
      case "response.created":
      case "response.in_progress":
        return named ? undefined : name(data)
      case "response.completed":
      case "response.incomplete":
      case "response.failed":
        over = true
        return closing(data, type, calls)
      case "error": {
        over = true
        const body = objectOf(data)
        return { error: errors.ofObject(asObject(body.error) ?? body) }
      }
      case "response.output_item.added":
        if (calls || !callTypes.test(data)) return undefined
        calls = true
        return commit({ toolCall: true })
      default:
        return !committed && shows(type) ? commit({}) : undefined
    }
  }

  function commit(more: Mark): Mark {
    if (committed) return more
    committed = true
    return { ...more, content: true }
  }

  function name(data: string): Mark {
    named = true
    return identity(objectOf(objectOf(data).response))
  }

  return {
    push(frame) {
      if (over) return []
      const type = typeOf(frame)
      const found = type === "" ? undefined : mark(type, frame.data)
      return found ? [found] : []
    },
    flush: () => [],
  }
}

function objectOf(json: Json | string | undefined): JsonObject {
  if (typeof json !== "string") return asObject(json) ?? {}
  try {
    return asObject(parseJson(json)) ?? {}
  } catch {
    return {}
  }
}

function identity(body: JsonObject): Mark {
  const id = asString(body.id)
  const model = asString(body.model)
  return { ...(id ? { id } : {}), ...(model ? { model } : {}) }
}

function closing(data: string, type: string, calls: boolean): Mark {
  const body = objectOf(objectOf(data).response)
  const usage = decodeUsage(body)
  const used = usage ? { usage } : {}
  if (type === "response.failed" || body.status === "failed") return { ...used, error: errors.ofObject(objectOf(body.error)) }
  return { ...answerMark(body, calls), ...used, end: true }
}

function answerMark(body: JsonObject, calls: boolean): Mark {
  const called = calls || asArray(body.output)?.some(isCall) === true
  const { reason, raw } = decodeStop(body, called)
  const mark: Draft<Mark> = identity(body)
  mark.content = true
  mark.stop = { reason, raw }
  if (called) mark.toolCall = true
  return mark
}

function isCall(item: Json): boolean {
  const type = asObject(item)?.type
  return type === "function_call" || type === "custom_tool_call"
}

const smallBody = 65_536
const peeked = ["id", "model", "object", "status", "error", "incomplete_details", "usage", "tool_usage"] as const
const scannedKeys = [...peeked, "output", "tools"]

/** What a relay has to know of a whole body. Of a large one only the few members that say it are parsed. */
export function peekBody(bytes: Uint8Array): Mark {
  try {
    if (bytes.length <= smallBody) return markBody(parseJson(Buffer.prototype.utf8Slice.call(bytes, 0, bytes.length)))
    const text = Buffer.prototype.latin1Slice.call(bytes, 0, bytes.length)
    return markOf(scanned(bytes, text), callTypes.test(text))
  } catch {
    return noAnswer
  }
}

export function markBody(json: Json): Mark {
  const body = asObject(json)
  return body ? markOf(body, false) : noAnswer
}

const noAnswer: Mark = {
  error: { kind: "bad-answer", blame: "provider", message: "The provider's answer is no response object." },
}

function scanned(bytes: Uint8Array, text: string): JsonObject {
  const body: Record<string, Json> = {}
  const { members } = scanTopLevel(bytes, scannedKeys)
  const read = (key: string): void => {
    const member = members.findLast((one) => one.key === key)
    if (member) body[key] = parseJson(Buffer.from(bytes.subarray(member.valueStart, member.valueEnd)).toString("utf8"))
  }
  for (const key of peeked) read(key)
  if (isBilledByPiece(text, body.tool_usage)) read("output")
  else if (members.some(({ key }) => key === "output")) body.output = []
  if (drewImages(body.tool_usage)) read("tools")
  return body
}

/** `calls`: a tool is called in an output that was not parsed. */
function markOf(body: JsonObject, calls: boolean): Mark {
  const error = asObject(body.error)
  if (error && (body.status === undefined || body.status === "failed")) return { error: errors.ofObject(error) }
  if (!asArray(body.output) && body.status === undefined) return noAnswer
  const mark: Draft<Mark> = answerMark(body, calls)
  const usage = decodeUsage(body)
  if (usage) mark.usage = usage
  mark.end = true
  return mark
}

/** Every closing event, and every error, names itself by one of these: `response.completed`, `incomplete`, `failed`, `cancelled`. */
export const saysMore = signFinder([
  { word: "e.comp" },
  { word: "e.inco" },
  { word: "e.fail" },
  { word: "e.canc" },
  { word: "rror" },
])
