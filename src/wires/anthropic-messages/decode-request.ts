import type { Pin } from "../../core/block.ts"
import { fault } from "../../core/error.ts"
import { expectJson } from "../../core/expected.ts"
import { historyCallId } from "../../core/id.ts"
import type { Message, Role } from "../../core/message.ts"
import { attach } from "../../core/node.ts"
import type { Note } from "../../core/notice.ts"
import type { OutputOptions, Request } from "../../core/request.ts"
import { asArray, asNumber, asObject, asString, type Json, type JsonObject, stringifyJson } from "../../lib/json.ts"
import { decodeCache } from "./cache.ts"
import { decodeContent } from "./decode-blocks.ts"
import { decodeReasoning, reasoningRest } from "./reasoning.ts"
import { requestFields } from "./request-fields.ts"
import { messageShape, requestShape, restIn } from "./shape.ts"
import { decodeTool, decodeToolChoice } from "./tools.ts"
import { type DecodeContext, home, ride, wireId } from "./types.ts"

/** Throws GatewayFault naming the field for a shape it cannot read. https://platform.claude.com/docs/en/api/messages */
export function decodeRequest(body: Json, note: Note): Request {
  const object = asObject(body)
  if (!object) throw fault("invalid-request", "expected a JSON object")
  const context = requestContext(note)
  const model = asString(object.model)
  if (model === undefined) throw wrong("model", "a string")
  expectJson(object, requestFields, "")
  const instructions = decodeContent(object.system, context, "system")
  const tools = listOf(object.tools, "tools")?.map((tool, index) => decodeTool(tool, context, `tools[${index}]`))
  const request: Request = {
    model,
    ...(instructions.length > 0 ? { instructions } : {}),
    messages: decodeMessages(object.messages, context),
    ...(tools ? { tools } : {}),
    ...decodeToolChoice(object.tool_choice),
    ...numbers(object),
    ...decodeStopSequences(object.stop_sequences),
    ...member("reasoning", decodeReasoning(object)),
    ...member("output", decodeOutput(object)),
    ...decodeCache(object),
    ...member("user", asString(asObject(object.metadata)?.user_id)),
    ...member("serviceTier", asString(object.service_tier)),
    pins: decodePins(object.container),
    ...(object.stream === true ? { stream: { usage: true } } : {}),
  }
  const rest = [...restIn(object, requestShape), ...reasoningRest(object)]
  return attach(request, { wire: wireId, place: "request", json: object, rest })
}

const wrong = (param: string, expected: string) => fault("invalid-request", `${param}: expected ${expected}`, { param })

const member = <K extends string, T>(key: K, value: T | undefined): { [P in K]?: T } =>
  (value === undefined ? {} : { [key]: value }) as { [P in K]?: T }

/** History without call ids gets them from what was called and how often before. */
function requestContext(note: Note): DecodeContext {
  const seen = new Map<string, number>()
  return {
    place: "request",
    note,
    issuer: home,
    missingId(name, input) {
      const key = `${name}\u0000${input}`
      const before = seen.get(key) ?? 0
      seen.set(key, before + 1)
      return historyCallId(name, input, before)
    },
  }
}

function listOf(json: Json | undefined, param: string): readonly Json[] | undefined {
  if (json === undefined || json === null) return undefined
  const list = asArray(json)
  if (!list) throw wrong(param, "a list")
  return list
}

const roles: ReadonlySet<string> = new Set<Role>(["user", "assistant", "system"])

function decodeMessages(json: Json | undefined, context: DecodeContext): readonly Message[] {
  const list = listOf(json, "messages")
  if (!list) throw wrong("messages", "a list")
  return list.map((one, index) => decodeMessage(one, context, `messages[${index}]`))
}

function decodeMessage(json: Json, context: DecodeContext, where: string): Message {
  const object = asObject(json)
  if (!object) throw wrong(where, "a message object")
  const role = asString(object.role)
  if (role === undefined || !roles.has(role)) throw wrong(`${where}.role`, '"user", "assistant" or "system"')
  const message: Message = { role: role as Role, blocks: decodeContent(object.content, context, `${where}.content`) }
  return ride(message, context, object, messageShape)
}

/** Each number of the hub and the key it stands under. */
const numberKeys = { maxOutput: "max_tokens", temperature: "temperature", topP: "top_p", topK: "top_k" } as const

function numbers(body: JsonObject): { -readonly [K in keyof typeof numberKeys]?: number } {
  const result: { -readonly [K in keyof typeof numberKeys]?: number } = {}
  for (const [field, key] of Object.entries(numberKeys) as [keyof typeof numberKeys, string][]) {
    const json = body[key]
    if (json === undefined || json === null) continue
    const value = asNumber(json)
    if (value === undefined) throw wrong(key, "a number")
    result[field] = value
  }
  return result
}

function decodeStopSequences(json: Json | undefined): { stop?: readonly string[] } {
  const list = listOf(json, "stop_sequences")
  if (!list) return {}
  return {
    stop: list.map((one, index) => {
      const text = asString(one)
      if (text === undefined) throw wrong(`stop_sequences[${index}]`, "a string")
      return text
    }),
  }
}

function decodeOutput(body: JsonObject): OutputOptions | undefined {
  const format = asObject(asObject(body.output_config)?.format) ?? asObject(body.output_format)
  if (format?.type !== "json_schema" || format.schema === undefined) return undefined
  return { schema: stringifyJson(format.schema) }
}

/** A container is named by its id alone or as a member of an object. */
function decodePins(container: Json | undefined): readonly Pin[] {
  const id = asString(container) ?? asString(asObject(container)?.id)
  return id === undefined ? [] : [{ kind: "container", id, issuer: home }]
}
