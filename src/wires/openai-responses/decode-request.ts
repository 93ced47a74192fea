import type { Block, Pin, ReasoningBlock } from "../../core/block.ts"
import { fault } from "../../core/error.ts"
import { expectJson } from "../../core/expected.ts"
import type { Message } from "../../core/message.ts"
import { attach } from "../../core/node.ts"
import type { Note } from "../../core/notice.ts"
import type { Request } from "../../core/request.ts"
import { asArray, asBoolean, asNumber, asObject, asString, type Json, type JsonObject } from "../../lib/json.ts"
import { plainText } from "./decode-blocks.ts"
import { decodeItem, requestItems } from "./decode-items.ts"
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
  const request: Request = {
    model,
    ...(instructions ? { instructions } : {}),
    messages: decodeInput(body.input, note),
    ...(asArray(body.tools) ? { tools: decodeTools(body.tools) } : {}),
    ...(toolChoice ? { toolChoice } : {}),
    ...(reasoning ? { reasoning } : {}),
    ...(output ? { output } : {}),
    ...readScalars(body),
    pins: decodePins(body),
  }
  return attach(request, {
    wire: wireId,
    place: "request",
    json,
    rest: [...restOfShape(body, requestShape), ...includeRest(body)],
  })
}

function readModel(json: Json | undefined): string {
  if (json === undefined || json === null) return ""
  const model = asString(json)
  if (model === undefined) throw fault("invalid-request", "model: expected a string", { param: "model" })
  return model
}

function readScalars(body: JsonObject): Partial<Request> {
  const logprobs = asNumber(body.top_logprobs) ?? (includes(body).includes(includeLogprobs) ? 0 : undefined)
  return {
    ...optional("parallelTools", asBoolean(body.parallel_tool_calls)),
    ...optional("maxOutput", asNumber(body.max_output_tokens)),
    ...optional("temperature", asNumber(body.temperature)),
    ...optional("topP", asNumber(body.top_p)),
    ...optional("logprobs", logprobs),
    ...optional("cacheKey", asString(body.prompt_cache_key)),
    ...optional("user", asString(body.user)),
    ...optional("serviceTier", asString(body.service_tier)),
    ...optional("store", asBoolean(body.store)),
    ...(body.stream === true ? { stream: { usage: true } } : {}),
  }
}

const optional = <K extends string, V>(key: K, value: V | undefined): { [P in K]?: V } =>
  value === undefined ? {} : ({ [key]: value } as { [P in K]?: V })

const includes = (body: JsonObject): readonly string[] => (asArray(body.include) ?? []).flatMap((one) => asString(one) ?? [])

const includeRest = (body: JsonObject): readonly string[] =>
  includes(body).some((one) => one !== includeSeals && one !== includeLogprobs) ? ["include"] : []

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
  return restoreSeals(messages, carried, note, "request")
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
  const ids: readonly [Pin["kind"], string | undefined][] = [
    ["response", asString(body.previous_response_id)],
    ["conversation", asString(body.conversation) ?? asString(asObject(body.conversation)?.id)],
    ["prompt", asString(asObject(body.prompt)?.id)],
  ]
  return ids.flatMap(([kind, id]) => (id === undefined ? [] : [{ kind, id, issuer: home }]))
}
