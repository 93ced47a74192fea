import type { Block, Pin } from "../../core/block.ts"
import { withOwnCallIds } from "../../core/call-ids.ts"
import { fault } from "../../core/error.ts"
import type { Exchange } from "../../core/exchange.ts"
import { isDerivedId } from "../../core/id.ts"
import { type FieldTable, overlay } from "../../core/lens.ts"
import { isIdle, type Role } from "../../core/message.ts"
import { changedFields, mappedNodes, nothing, originOf } from "../../core/node.ts"
import type { Request } from "../../core/request.ts"
import { userWithin } from "../../core/user.ts"
import { asArray, asObject, asString, type Json, type JsonObject } from "../../lib/json.ts"
import { encodeMessage } from "./encode-items.ts"
import { includeFor } from "./hosted-tools.ts"
import { noteForeignRest, settleBlock, settleMessage, settleNodes } from "./nodes.ts"
import { encodeOutput, encodeReasoning, wantsReasoning } from "./options.ts"
import { encodeToolChoice } from "./tool-choice.ts"
import { encodeTools } from "./tools.ts"
import { home, includeLogprobs, includeSeals, wireId } from "./types.ts"

const table: FieldTable = {
  model: ["model"],
  instructions: ["instructions"],
  messages: ["input"],
  tools: ["tools"],
  toolChoice: ["tool_choice"],
  parallelTools: ["parallel_tool_calls"],
  maxOutput: ["max_output_tokens"],
  temperature: ["temperature"],
  topP: ["top_p"],
  logprobs: ["top_logprobs", "include"],
  reasoning: ["reasoning"],
  output: ["text"],
  cacheKey: ["prompt_cache_key"],
  user: ["user"],
  serviceTier: ["service_tier"],
  store: ["store"],
  stream: ["stream"],
  pins: ["previous_response_id", "conversation", "prompt"],
}

/** "Expected a string with maximum length 64", says the vendor. */
const longestUser = 64

/** A body for `POST /responses` of the try's target. */
export function encodeRequest(given: Request, exchange: Exchange): Json {
  const request = settle(given)
  checkPins(request, exchange)
  const from = originOf(request)
  const source = from?.wire === wireId ? asObject(from.json) : undefined
  if (!source) noteForeignRest(request, "", "request", exchange.note)
  const changed = source ? new Set(changedFields(request)) : undefined
  if (changed && request.model !== exchange.target.model) changed.add("model")
  const input = encodeInput(request, source, exchange)
  if (input !== source?.input) changed?.add("messages")
  if (source && changed?.size === 0) return from?.json ?? source
  noteUnsupported(request, exchange)
  const wanted = (field: string): boolean => !changed || changed.has(field)
  const built = buildBody(request, source, input, exchange, wanted)
  return source && changed ? overlay(source, built, changed, table) : built
}

/** Lists whose members are what was decoded count as unedited, copies included. */
function settle(request: Request): Request {
  const messages = settleNodes(request, "messages", mappedNodes(request.messages, settleMessage))
  const instructions =
    request.instructions && settleNodes(request, "instructions", mappedNodes(request.instructions, settleBlock))
  const tools = request.tools && settleNodes(request, "tools", request.tools)
  const same = messages === request.messages && instructions === request.instructions && tools === request.tools
  return same ? request : { ...request, messages, ...(instructions ? { instructions } : {}), ...(tools ? { tools } : {}) }
}

/** The source's own input while each of its messages goes out as it came. */
function encodeInput(request: Request, source: JsonObject | undefined, exchange: Exchange): Json {
  let at = 0
  const items: Json[] = []
  let role: Role | undefined
  const messages = exchange.client === wireId ? request.messages : withOwnCallIds(request.messages, exchange.note)
  for (const message of messages) {
    if (role !== message.role) at = 0
    role = message.role
    for (const item of encodeMessage(message, { side: "request", exchange, path: "messages[*]", at })) items.push(item)
    at += message.blocks.length
  }
  const was = source?.input
  const list = asArray(was)
  if (list && list.length === items.length && items.every((item, index) => item === list[index])) return was ?? items
  const text = asString(was) === undefined ? undefined : onlyText(request)
  return text ?? items
}

/** The text of a conversation that is one plain text of the user's. */
function onlyText({ messages }: Request): string | undefined {
  const message = messages[0]
  const block = message?.blocks[0]
  const plain = messages.length === 1 && message?.role === "user" && message.blocks.length === 1 && !message.name
  return plain && block?.type === "text" && !block.cache ? block.text : undefined
}

function buildBody(
  request: Request,
  source: JsonObject | undefined,
  input: Json,
  exchange: Exchange,
  wanted: (field: string) => boolean,
): JsonObject {
  const tools = request.tools ?? nothing
  const adapt = (path: string, effect: "adapted" | "dropped"): void =>
    exchange.note({ code: effect === "adapted" ? "field-adapted" : "field-unsupported", path, effect, side: "request" })
  const { reasoning, output, instructions } = request
  const declared = request.tools && wanted("tools") ? encodeTools(tools, source?.tools, exchange) : undefined
  const { toolChoice, parallelTools } = source || declared?.length ? request : noChoice(request, exchange)
  const body: Record<string, Json | undefined> = {
    model: exchange.target.model,
    input,
    instructions: instructions && wanted("instructions") ? encodeInstructions(instructions, exchange) : undefined,
    tools: source || declared?.length ? declared : undefined,
    tool_choice: toolChoice && wanted("toolChoice") ? encodeToolChoice(toolChoice, tools, exchange) : undefined,
    parallel_tool_calls: parallelTools,
    max_output_tokens: request.maxOutput,
    temperature: request.temperature,
    top_p: request.topP,
    top_logprobs: request.logprobs || undefined,
    include: encodeInclude(request, source, exchange),
    reasoning: reasoning && wanted("reasoning") ? encodeReasoning(reasoning, asObject(source?.reasoning), adapt) : undefined,
    text: output && wanted("output") ? encodeOutput(output, asObject(source?.text), adapt) : undefined,
    prompt_cache_key: request.cacheKey,
    user: userWithin(longestUser, request, exchange),
    service_tier: request.serviceTier,
    store: request.store,
    stream: request.stream ? true : undefined,
    ...encodePins(request.pins, source),
  }
  const made: Record<string, Json> = {}
  for (const key in body) {
    const value = body[key]
    if (value !== undefined) made[key] = value
  }
  return made
}

/** The vendor refuses a choice among no tools. */
function noChoice({ toolChoice, parallelTools }: Request, { note }: Exchange): Pick<Request, "toolChoice" | "parallelTools"> {
  if (toolChoice) {
    const effect = isIdle(toolChoice) ? "adapted" : "dropped"
    note({ code: "tool-choice-unsupported", path: "toolChoice", effect, side: "request" })
  }
  if (parallelTools === false) note({ code: "field-unsupported", path: "parallelTools", effect: "dropped", side: "request" })
  return {}
}

/** Sealed reasoning is asked for wherever it would be lost otherwise: for callers of another format, unless the vendor keeps it for them. */
function encodeInclude(request: Request, source: JsonObject | undefined, exchange: Exchange): Json | undefined {
  const said = asArray(source?.include) ?? nothing
  const kept: readonly Json[] = said.length === 0 ? nothing : said.filter((one) => one !== includeLogprobs)
  const seals = exchange.client !== wireId && wantsReasoning(request) && request.store !== true && !kept.includes(includeSeals)
  const shown = exchange.client === wireId ? nothing : shownParts(request, exchange)
  if (kept.length === 0 && !seals && shown.length === 0 && request.logprobs === undefined) return undefined
  const include: Json[] = [...kept, ...shown]
  if (seals) include.push(includeSeals)
  if (request.logprobs !== undefined) include.push(includeLogprobs)
  return include
}

/** What the vendor's tools found, for callers whose format always shows it. */
function shownParts({ tools }: Request, { target }: Exchange): readonly string[] {
  if (!tools?.some((tool) => tool.type === "hosted")) return nothing
  return [...new Set(tools.flatMap((tool) => (tool.type === "hosted" && includeFor(tool, target.features)) || []))]
}

/** The wire has one string for all instructions. */
function encodeInstructions(blocks: readonly Block[], exchange: Exchange): Json {
  const { note } = exchange
  const path = "instructions[*]"
  const texts: string[] = []
  for (const block of blocks) {
    if (block.type === "text") texts.push(block.text)
    else note({ code: "block-unsupported", path, effect: "dropped", side: "request" })
    if (block.cache) note({ code: "cache-unsupported", path: `${path}.cache`, effect: "dropped", side: "request" })
    noteForeignRest(block, path, "request", note)
  }
  if (texts.length > 1) note({ code: "block-adapted", path, effect: "adapted", side: "request" })
  return texts.join("\n\n")
}

function encodePins(pins: readonly Pin[], source: JsonObject | undefined): Record<string, Json | undefined> {
  if (pins.length === 0) return noPins
  const id = (kind: Pin["kind"]): string | undefined => pins.find((pin) => pin.kind === kind)?.id
  const prompt = id("prompt")
  const was = asObject(source?.prompt)
  return {
    previous_response_id: id("response"),
    conversation: id("conversation"),
    prompt: prompt === undefined ? undefined : { ...(was?.id === prompt ? was : {}), id: prompt },
  }
}

const noPins: Record<string, Json | undefined> = {}

/** Leaving out what the vendor keeps would leave out the context, so a target that cannot have it is refused. */
function checkPins(request: Request, exchange: Exchange): void {
  const { pins, messages } = request
  for (const pin of pins) checkPin(pin, exchange, pinParam(pin.kind))
  for (let index = 0; index < messages.length; index++) checkBlocks(messages[index]?.blocks ?? nothing, exchange, index)
}

function checkBlocks(blocks: readonly Block[], exchange: Exchange, index: number): void {
  for (const block of blocks) {
    const pin =
      block.type === "pin" ? block.pin : block.type === "media" && block.source.type === "pin" ? block.source.pin : undefined
    if (pin) checkPin(pin, exchange, `input[${index}]`)
    if (block.type === "tool-result") checkBlocks(block.content, exchange, index)
  }
}

const carriable: ReadonlySet<Pin["kind"]> = new Set(["response", "conversation", "prompt", "item", "file", "approval"])

function checkPin(pin: Pin, { target }: Exchange, param: string): void {
  const account = pin.account === undefined || target.account === undefined || pin.account === target.account
  const known = (pin.issuer === target.issuer || pin.issuer === home) && account && carriable.has(pin.kind)
  if (!known || isDerivedId(pin.id)) {
    const what = `The ${pin.kind} "${pin.id.slice(0, 64)}" is not known to the model's provider`
    throw fault("unsupported", `${what}; send its content in the request instead.`, { param })
  }
}

const pinParam = (kind: Pin["kind"]): string => (kind === "response" ? "previous_response_id" : kind)

const unsupported = ["topK", "frequencyPenalty", "presencePenalty", "stop", "seed"] as const

function noteUnsupported(request: Request, exchange: Exchange): void {
  const { note } = exchange
  for (const path of unsupported)
    if (request[path] !== undefined) note({ code: "field-unsupported", path, effect: "dropped", side: "request" })
  if ((request.candidates ?? 1) > 1)
    note({ code: "candidates-unsupported", path: "candidates", effect: "dropped", side: "request" })
  if (request.cache) note({ code: "cache-unsupported", path: "cache", effect: "dropped", side: "request" })
}
