import type { Pin } from "../../core/block.ts"
import { fault } from "../../core/error.ts"
import { expectJson } from "../../core/expected.ts"
import { historyCallId } from "../../core/id.ts"
import type { Message, Role } from "../../core/message.ts"
import { attach, type Draft, nothing } from "../../core/node.ts"
import type { Note } from "../../core/notice.ts"
import type { OutputOptions, Request } from "../../core/request.ts"
import { asArray, asNumber, asObject, asString, type Json, type JsonObject, stringifyJson } from "../../lib/json.ts"
import { readCache } from "./cache.ts"
import { decodeContent } from "./decode-blocks.ts"
import { readServers, serversRest } from "./hosted-tools.ts"
import { decodeReasoning, reasoningRest } from "./reasoning.ts"
import { requestFields } from "./request-fields.ts"
import { messageShape, requestShape, restIn } from "./shape.ts"
import { decodeToolChoice } from "./tool-choice.ts"
import { decodeTool } from "./tools.ts"
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
  const tools = listOf(object.tools, "tools")
  const request: Draft<Request> = {
    model,
    messages: decodeMessages(object.messages, context),
    pins: decodePins(object.container),
  }
  if (instructions.length > 0) request.instructions = instructions
  const servers = readServers(object.mcp_servers)
  if (tools) request.tools = tools.map((tool, index) => decodeTool(tool, context, `tools[${index}]`, servers))
  readOptions(object, request)
  if (object.stream === true) request.stream = { usage: true }
  const unread = restIn(object, requestShape)
  const unmodelled = joined(reasoningRest(object), serversRest(servers, request.tools))
  const rest = joined(unread, unmodelled)
  return attach<Request>(request, { wire: wireId, place: "request", json: object, rest })
}

const joined = (left: readonly string[], right: readonly string[]): readonly string[] =>
  right.length === 0 ? left : left.length === 0 ? right : [...left, ...right]

function readOptions(object: JsonObject, request: Draft<Request>): void {
  if (object.tool_choice !== undefined) Object.assign(request, decodeToolChoice(object.tool_choice))
  readNumbers(object, request)
  const stop = decodeStopSequences(object.stop_sequences)
  const reasoning = decodeReasoning(object)
  const output = decodeOutput(object)
  const cache = readCache(object)
  const user = asString(asObject(object.metadata)?.user_id)
  const serviceTier = asString(object.service_tier)
  if (stop) request.stop = stop
  if (reasoning) request.reasoning = reasoning
  if (output) request.output = output
  if (cache) request.cache = cache
  if (user !== undefined) request.user = user
  if (serviceTier !== undefined) request.serviceTier = serviceTier
}

const wrong = (param: string, expected: string) => fault("invalid-request", `${param}: expected ${expected}`, { param })

/** History without call ids gets them from what was called and how often before. */
function requestContext(note: Note): DecodeContext {
  let seen: Map<string, number> | undefined
  return {
    place: "request",
    note,
    issuer: home,
    missingId(name, input) {
      const key = `${name}\u0000${input}`
      seen ??= new Map()
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
  const messages: Message[] = []
  for (const one of list) messages.push(decodeMessage(one, context, messages.length))
  return messages
}

function decodeMessage(json: Json, context: DecodeContext, index: number): Message {
  const object = asObject(json)
  if (!object) throw wrong(`messages[${index}]`, "a message object")
  const role = asString(object.role)
  if (role === undefined || !roles.has(role)) throw wrong(`messages[${index}].role`, '"user", "assistant" or "system"')
  const message: Message = { role: role as Role, blocks: decodeContent(object.content, context, `messages[${index}].content`) }
  return ride(message, context, object, messageShape)
}

/** Each number of the hub and the key it stands under. */
const numberKeys = { maxOutput: "max_tokens", temperature: "temperature", topP: "top_p", topK: "top_k" } as const

function readNumbers(body: JsonObject, request: Draft<Request>): void {
  for (const name in numberKeys) {
    const field = name as keyof typeof numberKeys
    const key = numberKeys[field]
    const json = body[key]
    if (json === undefined || json === null) continue
    const value = asNumber(json)
    if (value === undefined) throw wrong(key, "a number")
    request[field] = value
  }
}

const decodeStopSequences = (json: Json | undefined): readonly string[] | undefined =>
  listOf(json, "stop_sequences")?.map((one, index) => {
    const text = asString(one)
    if (text === undefined) throw wrong(`stop_sequences[${index}]`, "a string")
    return text
  })

function decodeOutput(body: JsonObject): OutputOptions | undefined {
  const format = asObject(asObject(body.output_config)?.format) ?? asObject(body.output_format)
  if (format?.type !== "json_schema" || format.schema === undefined) return undefined
  return { schema: stringifyJson(format.schema) }
}

/** A container is named by its id alone or as a member of an object. */
function decodePins(container: Json | undefined): readonly Pin[] {
  const id = asString(container) ?? asString(asObject(container)?.id)
  return id === undefined ? nothing : [{ kind: "container", id, issuer: home }]
}
