import type { Pin } from "../../core/block.ts"
import type { Exchange } from "../../core/exchange.ts"
import { noteRest, overlay } from "../../core/lens.ts"
import type { Tool } from "../../core/message.ts"
import { changedFields, nothing, originOf } from "../../core/node.ts"
import type { Request } from "../../core/request.ts"
import { userWithin } from "../../core/user.ts"
import { asObject, type Json, type JsonObject, parseJson } from "../../lib/json.ts"
import { encodeCache } from "./cache.ts"
import { encodeConversation, withFewMarks } from "./encode-messages.ts"
import { buildUse, encodeServers, nameOfTool } from "./hosted-tools.ts"
import { requirePin } from "./media.ts"
import { claimNames } from "./names.ts"
import { outputSchema } from "./output-schema.ts"
import { encodeReasoning, type Thinking } from "./reasoning.ts"
import { withinStrictness } from "./strict-tools.ts"
import { withThinkingKept } from "./thinking-turn.ts"
import { allowedTools, encodeToolChoice } from "./tool-choice.ts"
import { encodeTool } from "./tools.ts"
import { type EncodeContext, inside, present, wireId } from "./types.ts"

/** The vendor demands a limit; this one stands in for a caller's that has none where the target's is not known. */
const defaultMaxOutput = 8_192

/** Keys that come from children, which decide by themselves whether they are as they were. */
const composed = ["system", "messages", "tools"] as const

/** The wire keys that each hub field decides. */
const table: Readonly<Record<string, readonly string[]>> = {
  model: ["model"],
  toolChoice: ["tool_choice"],
  parallelTools: ["tool_choice"],
  maxOutput: ["max_tokens", "thinking"],
  temperature: ["temperature"],
  topP: ["top_p"],
  topK: ["top_k"],
  stop: ["stop_sequences"],
  reasoning: ["thinking", "output_config"],
  output: ["output_config", "output_format"],
  cache: ["cache_control"],
  user: ["metadata"],
  serviceTier: ["service_tier"],
  pins: ["container"],
  stream: ["stream"],
}

/** `metadata.user_id`: https://platform.claude.com/docs/en/api/messages/create. */
const longestUser = 256

/** Fills `exchange.names`, `ids` and `emulated`; throws `unsupported` where leaving something out would lose the context. */
export function encodeRequest(given: Request, exchange: Exchange): Json {
  const context: EncodeContext = { wire: wireId, place: "request", side: "request", note: exchange.note, path: "", exchange }
  const request = withThinkingKept(given, context)
  const from = originOf(request)
  const source = from?.wire === wireId && from.place === "request" ? asObject(from.json) : undefined
  if (!source) noteRest(request, context, "request")
  noteUnsupported(request, context)
  const children = encodeChildren(withFewMarks(request, context), source, context)
  if (!source) return Object.assign(buildAll(request, allKeys, context), children, { model: exchange.target.model })
  const changed = changedFields(request) ?? new Set<string>()
  const keys = new Set([...changed].flatMap((field) => table[field] ?? []))
  const built = Object.assign(buildAll(request, keys, context), children, { model: exchange.target.model })
  const fields = new Set([...changed, ...composed, "model"])
  return overlay(source, built, fields, { ...table, system: ["system"], messages: ["messages"], tools: ["tools", "mcp_servers"] })
}

function encodeChildren(request: Request, source: JsonObject | undefined, context: EncodeContext): JsonObject {
  const tools = request.tools ? encodeTools(request, context) : undefined
  const { system, messages } = encodeConversation(withJsonMode(request, context), context)
  const children: Record<string, Json> = { messages }
  if (system !== undefined) children.system = system
  if (tools !== undefined) children.tools = tools
  const servers = encodeServers(tools ?? nothing, request, source?.mcp_servers)
  if (servers !== undefined) children.mcp_servers = servers
  return children
}

function encodeTools(request: Request, context: EncodeContext): readonly Json[] | undefined {
  const tools = request.tools ?? nothing
  claimNames(tools, context.exchange)
  const inner = inside(context, "tools[*]")
  const strictly = withinStrictness(request, inner)
  const encoded: Json[] = []
  for (const tool of allowedTools(tools, request.toolChoice, context)) {
    const json = encodeTool(strictly(tool), inner)
    if (json === undefined) continue
    if (tool.type !== "hosted" || tool.wire === wireId || !isThere(json, encoded)) encoded.push(json)
    else context.note({ code: "tool-unsupported", path: "tools[*]", effect: "dropped", side: "request" })
  }
  return encoded.length > 0 || tools.length === 0 ? encoded : undefined
}

const isThere = (json: Json, encoded: readonly Json[]): boolean => encoded.some((one) => nameOfTool(one) === nameOfTool(json))

/** The vendor has no mode for JSON of any shape, so it is asked for in words. */
function withJsonMode(request: Request, context: EncodeContext): Request {
  if (!request.output?.json || request.output.schema !== undefined) return request
  context.note({ code: "field-adapted", path: "output.json", effect: "adapted", side: "request" })
  context.note({ code: "block-adapted", path: "instructions[*]", effect: "adapted", side: "request" })
  const text = "Answer with one JSON object and nothing else: no prose before or after it, no code fence."
  return { ...request, instructions: [...(request.instructions ?? []), { type: "text", text }] }
}

type Build = (request: Request, context: EncodeContext) => Json | undefined

/** Each key of the body but the composed ones, from the hub fields that it says. */
const builders: Readonly<Record<string, Build>> = {
  max_tokens: (request, context) => maxTokens(request, context),
  thinking: (request, context) => thinking(request, context),
  temperature: (request, context) => temperature(request, context),
  top_p: (request, context) => topP(request, context),
  top_k: (request, context) => withoutThinking("topK", request.topK, request, context),
  stop_sequences: (request, context) => stopSequences(request, context),
  stream: (request) => (request.stream ? true : undefined),
  tool_choice: (request, context) => encodeToolChoice(request, hasTools(request, context), context),
  output_config: (request, context) => outputConfig(request, context),
  metadata: (request, { exchange }) =>
    kept(request, "metadata", { user_id: userWithin(longestUser, request, exchange) }, metadataKeys),
  service_tier: (request, context) => serviceTier(request, context),
  container: (request, context) => container(request, context),
  cache_control: (request, context) => encodeCache(request.cache, context),
}
const metadataKeys = ["user_id"] as const
const thinkingKeys = ["type", "budget_tokens", "display"] as const
const configKeys = ["effort", "format"] as const
const containerKeys = ["id"] as const

const allKeys: ReadonlySet<string> = new Set(Object.keys(builders))

function buildAll(request: Request, keys: ReadonlySet<string>, context: EncodeContext): JsonObject {
  const members: Record<string, Json> = {}
  for (const key of keys) {
    const value = builders[key]?.(request, context)
    if (value !== undefined) members[key] = value
  }
  return members
}

const hasTools = ({ tools = nothing, toolChoice }: Request, context: EncodeContext): boolean =>
  allowedTools(tools, toolChoice, silent(context)).some((tool) => isTaken(tool, context))

const isTaken = (tool: Tool, context: EncodeContext): boolean =>
  tool.type !== "hosted" || tool.wire === wireId || buildUse(tool, silent(context)) !== undefined

const isForeign = ({ exchange }: EncodeContext): boolean => exchange.client !== wireId

const note = (code: "field-adapted" | "field-unsupported", path: string, context: EncodeContext): void =>
  context.note({ code, path, effect: code === "field-adapted" ? "adapted" : "dropped", side: "request" })

/** A member of the source whose unmodelled keys stay beside the modelled ones. */
function kept(
  request: Request,
  key: string,
  members: Record<string, Json | undefined>,
  modelled: readonly string[],
): Json | undefined {
  const from = originOf(request)
  const source = from?.wire === wireId ? asObject(asObject(from.json)?.[key]) : undefined
  let all: Record<string, Json> | undefined
  for (const name in source) {
    const value = source[name]
    if (value === undefined || modelled.includes(name)) continue
    all ??= {}
    all[name] = value
  }
  for (const name in members) {
    const value = members[name]
    if (value === undefined) continue
    all ??= {}
    all[name] = value
  }
  return all
}

const noMembers = {}

function limitOf(request: Request, context: EncodeContext): number {
  const most = context.exchange.target.limits.maxOutput
  const wanted = request.maxOutput ?? most ?? defaultMaxOutput
  return isForeign(context) && most !== undefined ? Math.min(wanted, most) : wanted
}

function maxTokens(request: Request, context: EncodeContext): number {
  const limit = limitOf(request, context)
  if (request.maxOutput === undefined)
    context.note({ code: "output-limit-defaulted", path: "maxOutput", effect: "adapted", side: "request" })
  else if (request.maxOutput !== limit) note("field-adapted", "maxOutput", context)
  return limit
}

const unheard = (): void => {}
const silent = (context: EncodeContext): EncodeContext => ({ ...context, note: unheard })

const thinkingOf = (request: Request, context: EncodeContext): Thinking =>
  encodeReasoning(request, limitOf(request, context), context)

function thinking(request: Request, context: EncodeContext): Json | undefined {
  if (!request.reasoning) return undefined
  const said = asObject(thinkingOf(request, context).thinking)
  return said && said.type !== "disabled" ? kept(request, "thinking", said, thinkingKeys) : said
}

/** True when the vendor would refuse another sampling than its own. */
function thinks(request: Request, context: EncodeContext): boolean {
  if (!request.reasoning || !isForeign(context)) return false
  const type = asObject(thinkingOf(request, silent(context)).thinking)?.type
  return type === "enabled" || type === "adaptive"
}

function withoutThinking(field: string, value: number | undefined, request: Request, context: EncodeContext): number | undefined {
  if (value === undefined || !thinks(request, context)) return value
  note("field-unsupported", field, context)
  return undefined
}

/** From 0 to 1 here, to 2 elsewhere. */
function temperature(request: Request, context: EncodeContext): number | undefined {
  const { temperature: wanted } = request
  if (wanted === undefined || wanted === 1 || !isForeign(context)) return wanted
  const left = withoutThinking("temperature", wanted, request, context)
  if (left === undefined || left <= 1) return left
  note("field-adapted", "temperature", context)
  return 1
}

/** Newer models refuse it beside a temperature. */
function topP(request: Request, context: EncodeContext): number | undefined {
  const { topP: wanted } = request
  if (wanted === undefined || !isForeign(context)) return wanted
  if (request.temperature === undefined) return withoutThinking("topP", wanted, request, context)
  note("field-unsupported", "topP", context)
  return undefined
}

/** Sequences of whitespace alone are refused. */
function stopSequences(request: Request, context: EncodeContext): Json | undefined {
  const { stop } = request
  if (!stop || !isForeign(context)) return stop
  const usable = stop.filter((sequence) => sequence.trim() !== "")
  if (usable.length < stop.length) note("field-adapted", "stop", context)
  return usable.length > 0 ? usable : undefined
}

function outputConfig(request: Request, context: EncodeContext): Json | undefined {
  const effort = request.reasoning && thinkingOf(request, silent(context)).effort
  const schema = request.output?.schema
  const shape = schema === undefined ? undefined : outputSchema(parseJson(schema), context)
  const format = shape === undefined ? undefined : { type: "json_schema", schema: shape }
  return kept(request, "output_config", { effort, format }, configKeys)
}

/** Tiers of a request, the vendor's own and what others call them. */
const tiers: Readonly<Record<string, string>> = { auto: "auto", standard_only: "standard_only", default: "standard_only" }

function serviceTier(request: Request, context: EncodeContext): string | undefined {
  const { serviceTier: wanted } = request
  if (wanted === undefined || !isForeign(context)) return wanted
  const tier = Object.hasOwn(tiers, wanted) ? tiers[wanted] : undefined
  if (tier !== wanted) note(tier === undefined ? "field-unsupported" : "field-adapted", "serviceTier", context)
  return tier
}

function container(request: Request, context: EncodeContext): Json | undefined {
  for (const pin of request.pins) requirePin(pin, inside(context, `pins.${pin.kind}`))
  const id = request.pins.find(isContainer)?.id
  const others = kept(request, "container", noMembers, containerKeys)
  const object = asObject(others)
  if (object && Object.keys(object).length > 0) return present({ id, ...object })
  return id
}

const isContainer = (pin: Pin): boolean => pin.kind === "container"

/** Hub fields that no key of the vendor's says. */
function noteUnsupported(request: Request, context: EncodeContext): void {
  const { output } = request
  for (const field of unsaid) if (request[field] !== undefined) note("field-unsupported", field, context)
  if (output)
    for (const field of unsaidOfOutput) if (output[field] !== undefined) note("field-unsupported", `output.${field}`, context)
  if (output?.json && output.schema !== undefined) note("field-adapted", "output.json", context)
  if (request.candidates !== undefined)
    context.note({ code: "candidates-unsupported", path: "candidates", effect: "dropped", side: "request" })
  if (request.logprobs !== undefined)
    context.note({ code: "logprobs-unsupported", path: "logprobs", effect: "dropped", side: "request" })
}

const unsaid = ["frequencyPenalty", "presencePenalty", "seed", "cacheKey", "store"] as const
const unsaidOfOutput = ["name", "description", "strict", "verbosity", "modalities"] as const
