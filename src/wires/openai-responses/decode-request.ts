import type { Block, Pin, ReasoningBlock } from "../../core/block.ts"
import { fault } from "../../core/error.ts"
import { expectJson } from "../../core/expected.ts"
import type { Message } from "../../core/message.ts"
import { attach, type Draft, nothing } from "../../core/node.ts"
import type { Note } from "../../core/notice.ts"
import type { Request } from "../../core/request.ts"
import { asArray, asBoolean, asNumber, asObject, asString, type Json, type JsonObject } from "../../lib/json.ts"
import { plainText } from "./decode-blocks.ts"
import { decodeItem, requestItems } from "./decode-items.ts"
import { withoutUnknown } from "./lone-calls.ts"
import { decodeOutput, decodeReasoning } from "./options.ts"
import { requestFields } from "./request-fields.ts"
import { restOfShape } from "./rest.ts"
import { type Carried, carriedBy, openReasoning, restoreSeals } from "./seals.ts"
import { decodeToolChoice } from "./tool-choice.ts"
import { decodeTools } from "./tools.ts"
import { home, includeLogprobs, includeSeals, requestShape, wireId } from "./types.ts"

/** A body of `POST /responses`. Throws GatewayFault for one whose model or input cannot be read. */
export function decodeRequest(json: Json, note: Note): Request {
  const body = asObject(json)
  if (!body) throw fault("invalid-request", "expected a JSON object")
  const model = readModel(body.model)
  expectJson(body, requestFields, "")
  const instructions = decodeInstructions(body.instructions)
  const toolChoice = decodeToolChoice(body.tool_choice)
  const reasoning = decodeReasoning(body.reasoning)
  const output = decodeOutput(body.text)
  const pins = decodePins(body)
  if ((body.input ?? null) === null && pins.length === 0)
    throw fault("invalid-request", "input is required, unless a conversation or a prompt of the provider's is named", {
      param: "input",
    })
  const request: Draft<Request> = { model, messages: decodeInput(body.input, note), pins }
  if (instructions) request.instructions = instructions
  if (asArray(body.tools)) request.tools = decodeTools(body.tools)
  if (toolChoice) request.toolChoice = toolChoice
  if (reasoning) request.reasoning = reasoning
  if (output) request.output = output
  readScalars(body, request)
  const unread = restOfShape(body, requestShape)
  const rest = asksForMore(body) ? [...unread, "include"] : unread
  return attach<Request>(request, { wire: wireId, place: "request", json, rest })
}

function readModel(json: Json | undefined): string {
  if (json === undefined || json === null) return ""
  const model = asString(json)
  if (model === undefined) throw fault("invalid-request", "model: expected a string", { param: "model" })
  return model
}

function readScalars(body: JsonObject, request: Draft<Request>): void {
  const asked = asArray(body.include)?.some(isLogprobs) ? 0 : undefined
  put(request, "parallelTools", asBoolean(body.parallel_tool_calls))
  put(request, "maxOutput", asNumber(body.max_output_tokens))
  put(request, "temperature", asNumber(body.temperature))
  put(request, "topP", asNumber(body.top_p))
  put(request, "logprobs", asNumber(body.top_logprobs) ?? asked)
  put(request, "cacheKey", asString(body.prompt_cache_key))
  put(request, "user", asString(body.user))
  put(request, "serviceTier", asString(body.service_tier))
  put(request, "store", asBoolean(body.store))
  if (body.stream === true) request.stream = { usage: true }
}

function put<K extends keyof Request>(request: Draft<Request>, key: K, value: Draft<Request>[K] | undefined): void {
  if (value !== undefined) request[key] = value
}

/** Whether it asks for parts of the answer that nobody models. */
const asksForMore = (body: JsonObject): boolean => asArray(body.include)?.some(isUnmodelled) === true

function isUnmodelled(one: Json): boolean {
  const word = asString(one)
  return word !== undefined && word !== includeSeals && word !== includeLogprobs
}

const isLogprobs = (one: Json): boolean => asString(one) === includeLogprobs

/** Instructions are one text; a list of items is read as the texts in it, joined as the vendor shows them. */
function decodeInstructions(json: Json | undefined): readonly Block[] | undefined {
  const text = asString(json)
  if (text !== undefined) return [plainText(text, "request")]
  const items = asArray(json)
  if (!items) return undefined
  const texts = items.flatMap((item) => decodeItem(item, requestItems, "instructions").blocks)
  const whole = texts.map((block) => (block.type === "text" ? block.text : "")).filter((one) => one !== "")
  const unread = texts.filter((block) => block.type !== "text")
  const joined: Block = { type: "text", text: whole.join("\n\n") }
  return [attach(joined, { wire: wireId, place: "request", json: items }), ...unread]
}

function decodeInput(json: Json | undefined, note: Note): readonly Message[] {
  const text = asString(json)
  if (text !== undefined) {
    const message: Message = { role: "user", blocks: [plainText(text, "request")] }
    return [attach(message, { wire: wireId, place: "request" })]
  }
  if (json === undefined || json === null) return []
  const items = asArray(json)
  if (!items) throw fault("invalid-request", "input: expected a string or a list of items", { param: "input" })
  const messages: Message[] = []
  const carried: Carried[] = []
  for (const [index, item] of items.entries()) {
    const envelope = carriedBy(asObject(item) ?? {})
    if (envelope) carried.push({ envelope, after: messages.length })
    else messages.push(openItem(decodeItem(item, requestItems, `input[${index}]`), note))
  }
  return withoutUnknown(restoreSeals(messages, carried, note, "request"), note)
}

/** A message whose seal this gateway had wrapped is no longer what its source says, so it has none. */
function openItem(message: Message, note: Note): Message {
  const [block] = message.blocks
  if ((block?.type !== "reasoning" && block?.type !== "compaction") || !block.seal) return message
  const opened = openReasoning(asReasoning(block), block.seal.data, note)
  if (!opened) return message
  const { seal } = opened
  const inner: Block = block.type === "reasoning" ? opened : { type: "compaction", came: wireId, ...(seal ? { seal } : {}) }
  return attach<Message>({ role: message.role, blocks: [inner] }, { wire: wireId, place: "request" })
}

const asReasoning = (block: Block): ReasoningBlock => (block.type === "reasoning" ? block : { type: "reasoning", parts: [] })

/** What the vendor keeps and the body leans on. */
function decodePins(body: JsonObject): readonly Pin[] {
  const response = asString(body.previous_response_id)
  const conversation = asString(body.conversation) ?? asString(asObject(body.conversation)?.id)
  const prompt = asString(asObject(body.prompt)?.id)
  if (response === undefined && conversation === undefined && prompt === undefined) return nothing
  const pins: Pin[] = []
  if (response !== undefined) pins.push({ kind: "response", id: response, issuer: home })
  if (conversation !== undefined) pins.push({ kind: "conversation", id: conversation, issuer: home })
  if (prompt !== undefined) pins.push({ kind: "prompt", id: prompt, issuer: home })
  return pins
}
