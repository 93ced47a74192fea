import { fault } from "../../core/error.ts"
import { expectJson } from "../../core/expected.ts"
import { restOf } from "../../core/lens.ts"
import type { Message, Tool } from "../../core/message.ts"
import { attach, type Draft, nothing } from "../../core/node.ts"
import type { Note } from "../../core/notice.ts"
import type { Request } from "../../core/request.ts"
import { asArray, asBoolean, asNumber, asObject, asString, type Json, type JsonObject } from "../../lib/json.ts"
import { cacheRest, readCache } from "./cache.ts"
import { decodeRequestMessage, openCalls } from "./decode-message.ts"
import {
  optionsRest,
  plainFields,
  readFields,
  readLogprobsOption,
  readOutput,
  readReasoningOptions,
  switchFields,
  wordFields,
} from "./options.ts"
import { requestReader } from "./reader.ts"
import { requestFields } from "./request-fields.ts"
import { choiceRest, decodeLegacyFunction, decodeTool, decodeToolChoice } from "./tools.ts"
import { joined, requestKeys, wireId } from "./types.ts"

/** Reads a Chat Completions body. Throws GatewayFault naming the field only for shapes it cannot read. */
export function decodeRequest(body: Json, note: Note): Request {
  const source = asObject(body)
  if (!source) throw fault("invalid-request", "the request body must be a JSON object")
  const model = asString(source.model)
  if (model === undefined) throw fault("invalid-request", "model must be a string", { param: "model" })
  expectJson(body, requestFields, "")
  const messages = listAt(source, "messages")
  if (!messages) throw fault("invalid-request", "messages must be an array of messages", { param: "messages" })
  const reader = requestReader(note)
  const open = openCalls()
  const decoded: Message[] = []
  for (const message of messages) decoded.push(decodeRequestMessage(message, `messages[${decoded.length}]`, reader, open))
  const request: Draft<Request> = { model, messages: decoded, pins: nothing }
  readTooling(source, request)
  readSampling(source, request)
  readOptions(source, request)
  const beside = joined(joined(choiceRest(source), optionsRest(source)), cacheRest(source))
  return attach<Request>(request, {
    wire: wireId,
    place: "request",
    json: body,
    rest: joined(restOf(source, requestKeys), beside),
  })
}

function readTooling(source: JsonObject, request: Draft<Request>): void {
  const tools = readTools(source)
  const choice = decodeToolChoice(source.tool_choice ?? source.function_call)
  if (tools) request.tools = tools
  if (choice) request.toolChoice = choice
}

function readSampling(source: JsonObject, request: Draft<Request>): void {
  const maxOutput = asNumber(source.max_completion_tokens) ?? asNumber(source.max_tokens)
  if (maxOutput !== undefined) request.maxOutput = maxOutput
  readFields(source, request, plainFields, asNumber)
  readFields(source, request, wordFields, asString)
  readFields(source, request, switchFields, asBoolean)
  const stop = readStop(source.stop)
  const logprobs = readLogprobsOption(source)
  if (stop) request.stop = stop
  if (logprobs !== undefined) request.logprobs = logprobs
}

function readOptions(source: JsonObject, request: Draft<Request>): void {
  const reasoning = readReasoningOptions(source)
  const output = readOutput(source)
  const cache = readCache(source)
  const stream = readStream(source)
  if (reasoning) request.reasoning = reasoning
  if (output) request.output = output
  if (cache) request.cache = cache
  if (stream) request.stream = stream
}

/** The array at a key; absent when it is missing or null. */
function listAt(source: JsonObject, key: string): readonly Json[] | undefined {
  const value = source[key]
  if (value === undefined || value === null) return undefined
  const list = asArray(value)
  if (!list) throw fault("invalid-request", `${key} must be an array`, { param: key })
  return list
}

function readTools(source: JsonObject): readonly Tool[] | undefined {
  const tools = listAt(source, "tools")?.map(decodeTool) ?? nothing
  const functions = listAt(source, "functions")?.map(decodeLegacyFunction) ?? nothing
  const all = joined(tools, functions)
  return all.length > 0 ? all : undefined
}

function readStop(json: Json | undefined): readonly string[] | undefined {
  const one = asString(json)
  if (one !== undefined) return [one]
  const several = asArray(json)?.flatMap((entry) => asString(entry) ?? [])
  return several && several.length > 0 ? several : undefined
}

function readStream(source: JsonObject): Request["stream"] {
  if (asBoolean(source.stream) !== true) return undefined
  return { usage: asBoolean(asObject(source.stream_options)?.include_usage) === true }
}
