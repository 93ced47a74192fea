import { withOwnCallIds } from "../../core/call-ids.ts"
import { fault } from "../../core/error.ts"
import type { Exchange } from "../../core/exchange.ts"
import { type FieldTable, overlay } from "../../core/lens.ts"
import { isIdle, type Message, type Tool } from "../../core/message.ts"
import { changedFields, lostOrigin, originOf } from "../../core/node.ts"
import type { Request } from "../../core/request.ts"
import { userWithin } from "../../core/user.ts"
import { asArray, asObject, type Json, type JsonObject } from "../../lib/json.ts"
import { cacheKeys } from "./cache.ts"
import { settledList } from "./dependents.ts"
import { encodeMessage, holdsEnvelope } from "./encode-message.ts"
import { logprobsKeys, outputKeys, plainFields, reasoningKeys, switchFields, wordFields } from "./options.ts"
import { hasClosedSeal } from "./seal-issuer.ts"
import { encodeTool, encodeToolChoice, isLegacy, noteChoice } from "./tools.ts"
import { inTurns } from "./turn-order.ts"
import { members, wireId } from "./types.ts"
import { type Writer, within, writerFor } from "./writer.ts"

/** Fields that are a key of the same meaning. */
const sameKeys: Readonly<Record<string, string>> = { ...plainFields, ...wordFields, ...switchFields }

const table: FieldTable = {
  model: ["model"],
  instructions: ["messages"],
  messages: ["messages"],
  tools: ["tools", "functions"],
  toolChoice: ["tool_choice", "function_call"],
  maxOutput: ["max_completion_tokens", "max_tokens"],
  stop: ["stop"],
  logprobs: ["logprobs", "top_logprobs"],
  reasoning: ["reasoning_effort", "reasoning"],
  output: ["response_format", "modalities", "verbosity"],
  cache: ["cache_control"],
  stream: ["stream", "stream_options"],
  ...Object.fromEntries(Object.entries(sameKeys).map(([field, key]) => [field, [key]])),
}

const allFields: ReadonlySet<string> = new Set(Object.keys(table))

/**
 * The body for the exchange's target, in the hub's words where they were edited and in its own elsewhere. A stream is always asked
 * for its usage. Throws `unsupported` where leaving something out would lose the context.
 */
export function encodeRequest(given: Request, exchange: Exchange): Json {
  const request = settled(given)
  refusePins(request)
  const writer = writerFor(exchange, "request", "")
  const from = originOf(request)
  const source = from?.wire === wireId && from.place === "request" ? asObject(from.json) : undefined
  if (!source) {
    noteRoot(request, writer)
    return buildKeys(request, allFields, writer, undefined)
  }
  const changed = new Set(changedFields(request))
  if (source.model !== exchange.target.model) changed.add("model")
  if (request.stream && !request.stream.usage) changed.add("stream")
  if (needsRewrite(source) || request.messages.some((message) => hasClosedSeal(message.blocks, exchange))) changed.add("messages")
  if (changed.size === 0) return from?.json ?? source
  const built = buildKeys(request, changed, writer, source)
  return overlay(source, built, changed, table)
}

/** Nothing in a body of this wire names what a vendor keeps of earlier calls. */
function refusePins({ pins }: Request): void {
  const pin = pins[0]
  if (pin)
    throw fault("unsupported", `the ${pin.kind} ${pin.id} cannot be continued with this model: send the messages themselves`, {
      param: "pins",
    })
}

/** A body that holds envelopes is never sent as it is, however little of it was edited. */
const needsRewrite = (source: JsonObject): boolean =>
  (asArray(source.messages) ?? []).some((message) => holdsEnvelope(asObject(message) ?? {}))

function settled(request: Request): Request {
  const messages = settledList(request, "messages", request.messages)
  const tools = request.tools && settledList(request, "tools", request.tools)
  if (messages === request.messages && tools === request.tools) return request
  return { ...request, messages, ...(tools ? { tools } : {}) }
}

function noteRoot(request: Request, writer: Writer): void {
  const from = originOf(request)
  const { note, side } = writer
  if (from && from.wire !== wireId)
    for (const key of from.rest) note({ code: "field-unsupported", path: key, effect: "dropped", side })
  else if (lostOrigin(request)) note({ code: "origin-lost", path: "", effect: "dropped", side })
}

/** "Expected a string with maximum length 64", says the vendor. */
const longestUser = 64

/** The keys of the fields asked for. */
function buildKeys(request: Request, wanted: ReadonlySet<string>, writer: Writer, source: JsonObject | undefined): JsonObject {
  const built: Record<string, Json> = {}
  const { tools, maxOutput, stop, logprobs, reasoning, output, cache, stream } = request
  if (wanted.has("model")) built.model = writer.exchange.target.model
  if (wanted.has("messages") || wanted.has("instructions")) built.messages = encodeMessages(request, writer)
  if (tools && wanted.has("tools")) Object.assign(built, toolKeys(tools, writer.exchange))
  const asked = source || built.tools || built.functions ? request : withoutChoice(request, writer)
  if (asked.toolChoice && wanted.has("toolChoice"))
    putGiven(built, "tool_choice", encodeToolChoice(asked.toolChoice, writer.exchange))
  if (maxOutput !== undefined && wanted.has("maxOutput")) built[maxOutputKey(source)] = maxOutput
  for (const field in sameKeys) {
    const key = sameKeys[field]
    if (key !== undefined && wanted.has(field)) putGiven(built, key, asked[field as keyof typeof plainFields])
  }
  if (wanted.has("user")) putGiven(built, "user", userWithin(longestUser, request, writer.exchange))
  if (stop && wanted.has("stop")) putGiven(built, "stop", stopOf(stop, source))
  if (logprobs !== undefined && wanted.has("logprobs")) Object.assign(built, logprobsKeys(logprobs))
  if (reasoning && wanted.has("reasoning")) Object.assign(built, reasoningKeys(reasoning, writer, source))
  if (output && wanted.has("output")) Object.assign(built, outputKeys(output, writer))
  if (cache && wanted.has("cache")) Object.assign(built, cacheKeys(request, { ...writer, path: "request" }))
  if (stream && wanted.has("stream")) Object.assign(built, streamKeys(source))
  return built
}

/** Vendors refuse a choice among no tools. */
function withoutChoice(request: Request, { exchange, note }: Writer): Request {
  if (request.toolChoice === undefined && request.parallelTools === undefined) return request
  const { toolChoice, parallelTools, ...asked } = request
  if (toolChoice) noteChoice(isIdle(toolChoice) ? "adapted" : "dropped", exchange)
  if (parallelTools === false) note({ code: "field-unsupported", path: "parallelTools", effect: "dropped", side: "request" })
  return asked
}

function putGiven(built: Record<string, Json>, key: string, value: Json | undefined): void {
  if (value !== undefined) built[key] = value
}

function encodeMessages({ instructions, messages }: Request, writer: Writer): readonly Json[] {
  const encoded: Json[] = []
  if (instructions && instructions.length > 0) {
    const system: Message = { role: "system", blocks: instructions }
    encoded.push(...encodeMessage(system, { ...writer, path: "instructions" }))
  }
  const inside = within(writer, "messages[*]")
  const told = writer.exchange.client === wireId ? messages : withOwnCallIds(messages, writer.note)
  for (const message of inTurns(told, inside)) for (const json of encodeMessage(message, inside)) encoded.push(json)
  return encoded
}

function toolKeys(tools: readonly Tool[], exchange: Exchange): JsonObject {
  const legacy = tools.filter(isLegacy).flatMap((tool) => encodeTool(tool, exchange) ?? [])
  const others = tools.filter((tool) => !isLegacy(tool)).flatMap((tool) => encodeTool(tool, exchange) ?? [])
  return members({
    tools: others.length > 0 ? others : undefined,
    functions: legacy.length > 0 ? legacy : undefined,
  })
}

/** The limit in the spelling that the caller used; reasoning models know only the newer one. */
function maxOutputKey(source: JsonObject | undefined): "max_tokens" | "max_completion_tokens" {
  const isOlder = source?.max_tokens !== undefined && source.max_completion_tokens === undefined
  return isOlder ? "max_tokens" : "max_completion_tokens"
}

const stopOf = (stop: readonly string[], source: JsonObject | undefined): Json | undefined =>
  typeof source?.stop === "string" && stop.length === 1 ? stop[0] : stop

const streamKeys = (source: JsonObject | undefined): JsonObject => ({
  stream: true,
  stream_options: { ...asObject(source?.stream_options), include_usage: true },
})
