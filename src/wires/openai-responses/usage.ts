import { nothing } from "../../core/node.ts"
import type { Note } from "../../core/notice.ts"
import { type TokenClass, tokenClasses, totals, type Usage, type UsageLine } from "../../core/usage.ts"
import { asArray, asNumber, asObject, asString, type Json, type JsonObject } from "../../lib/json.ts"
import { wireId } from "./types.ts"

type Counts = Partial<Record<TokenClass, number>>

/** The usage of a response object, with the vendor's own tools that it ran as units; undefined when it has none. */
export function decodeUsage(body: JsonObject): Usage | undefined {
  const raw = asObject(body.usage)
  if (!raw) return undefined
  const tokens: Counts = {}
  countInput(raw, tokens)
  countOutput(raw, tokens)
  const units = unitsOf(body)
  const total = asNumber(raw.total_tokens)
  const drawn = imageLine(body)
  const line: UsageLine = units ? { kind: "answer", tokens, units } : { kind: "answer", tokens }
  return {
    lines: drawn ? [line, drawn] : [line],
    unexplained: total === undefined ? 0 : total - sumOf(tokens),
    raw,
    wire: wireId,
  }
}

function sumOf(tokens: Counts): number {
  let sum = 0
  for (const name in tokens) sum += tokens[name as TokenClass] ?? 0
  return sum
}

/** Cached, written and non-text tokens are parts of `input_tokens`. */
function countInput(raw: JsonObject, tokens: Counts): void {
  const details = asObject(raw.input_tokens_details)
  let left = asNumber(raw.input_tokens) ?? 0
  for (const key in inputDetails) {
    const name = inputDetails[key]
    const said = asNumber(details?.[key])
    if (said === undefined || name === undefined) continue
    const count = Math.max(0, Math.min(said, left))
    tokens[name] = count
    left -= count
  }
  tokens.input = left
}

const inputDetails: Readonly<Record<string, TokenClass>> = {
  cached_tokens: "cache-read",
  cache_write_tokens: "cache-write",
  audio_tokens: "input-audio",
  image_tokens: "input-image",
}

/** Reasoning is part of `output_tokens`, but for vendors whose total counts it beside them. */
function countOutput(raw: JsonObject, tokens: Counts): void {
  const details = asObject(raw.output_tokens_details)
  const output = asNumber(raw.output_tokens) ?? 0
  const thought = asNumber(details?.reasoning_tokens)
  const said = Math.max(0, thought ?? 0)
  const outside = said > 0 && asNumber(raw.total_tokens) === (asNumber(raw.input_tokens) ?? 0) + output + said
  const reasoning = outside ? said : Math.min(said, output)
  let left = outside ? output : output - reasoning
  if (thought !== undefined) tokens.reasoning = reasoning
  const audio = Math.max(0, Math.min(asNumber(details?.audio_tokens) ?? 0, left))
  if (audio > 0) tokens["output-audio"] = audio
  left -= audio
  tokens.output = left
}

const imageTool = "image_generation"
const imageItem = `${imageTool}_call`

/** True where the image tool has used tokens, which the vendor leaves out of the answer's usage. */
export function drewImages(tools: Json | undefined): boolean {
  const raw = asObject(asObject(tools)?.image_gen)
  return (asNumber(raw?.input_tokens) ?? 0) + (asNumber(raw?.output_tokens) ?? 0) > 0
}

/** Images are drawn by a model of their own: the one the tool names, else one whose price nobody can know. */
function imageLine(body: JsonObject): UsageLine | undefined {
  if (!drewImages(body.tool_usage)) return undefined
  const raw = asObject(asObject(body.tool_usage)?.image_gen)
  const tool = (asArray(body.tools) ?? []).map(asObject).find((one) => one?.type === imageTool)
  const input = asNumber(raw?.input_tokens) ?? 0
  const output = asNumber(raw?.output_tokens) ?? 0
  const seen = Math.min(asNumber(asObject(raw?.input_tokens_details)?.image_tokens) ?? 0, input)
  const drawn = Math.min(asNumber(asObject(raw?.output_tokens_details)?.image_tokens) ?? output, output)
  const tokens: Counts = { input: input - seen, "output-image": drawn }
  if (seen > 0) tokens["input-image"] = seen
  if (output > drawn) tokens.output = output - drawn
  return { kind: "image-generation", model: asString(tool?.model) ?? imageTool, tokens }
}

/** Items of these types are billed for each one, images only where the vendor does not tell their tokens. */
const billed = new Set(["web_search_call", "file_search_call", "code_interpreter_call", "image_generation_call", "x_search_call"])

/** Pages that were opened and searched through cost the tokens alone. https://platform.openai.com/docs/guides/tools-web-search#output-and-citations */
const freeActions: ReadonlySet<string> = new Set(["open_page", "find_in_page", "find"])

const isFree = (item: JsonObject | undefined): boolean => freeActions.has(asString(asObject(item?.action)?.type) ?? "")

/** Sign of an item that {@link decodeUsage} counts, images apart where their tokens are told. */
const billedItem = /"type"\s*:\s*"(?:(?:web|file|x)_search|code_interpreter)_call"/
const drawnItem = /"type"\s*:\s*"image_generation_call"/

/** Whether the output of an answer has to be read for what is billed by the piece. `text`: the whole answer, unparsed. */
export const isBilledByPiece = (text: string, toolUsage: Json | undefined): boolean =>
  billedItem.test(text) || (!drewImages(toolUsage) && drawnItem.test(text))

function unitsOf(body: JsonObject): Readonly<Record<string, number>> | undefined {
  let units: Record<string, number> | undefined
  const searches = asNumber(asObject(asObject(body.tool_usage)?.web_search)?.num_requests)
  for (const item of asArray(body.output) ?? nothing) {
    const type = asString(asObject(item)?.type)
    if (type === undefined || !billed.has(type) || isFree(asObject(item)) || (type === imageItem && drewImages(body.tool_usage)))
      continue
    const name = type.slice(0, -"_call".length)
    units ??= {}
    units[name] = (units[name] ?? 0) + 1
  }
  if (!searches) return units
  units ??= {}
  units.web_search = searches
  return units
}

/** The vendor's own value where it is ours; else one built from the sums, with a notice where those cannot be told apart again. */
export function encodeUsage(usage: Usage | undefined, note: Note): Json {
  if (!usage) return null
  if (usage.wire === wireId && asObject(usage.raw)) return usage.raw
  const built = buildUsage(usage)
  const again = decodeUsage({ usage: built })
  if (!again || !sameLines(usage.lines, again.lines))
    note({ code: "field-adapted", path: "usage.lines[*]", effect: "adapted", side: "response" })
  return built
}

function sameLines(left: readonly UsageLine[], right: readonly UsageLine[]): boolean {
  return left.length === right.length && left.every((line, index) => sameLine(line, right[index] ?? line))
}

/** What is rebuilt has no units. */
function sameLine(left: UsageLine, right: UsageLine): boolean {
  if (left.kind !== right.kind || left.model !== right.model || left.units || right.units) return false
  return tokenClasses.every((name) => (left.tokens[name] ?? 0) === (right.tokens[name] ?? 0))
}

function buildUsage(usage: Usage): JsonObject {
  const { input, output, classes } = totals(usage)
  const cached = (classes["cache-read"] ?? 0) + (classes["cache-read-audio"] ?? 0)
  const written = (classes["cache-write"] ?? 0) + (classes["cache-write-1h"] ?? 0)
  return {
    input_tokens: input,
    input_tokens_details: {
      cached_tokens: cached,
      ...(written > 0 ? { cache_write_tokens: written } : {}),
      ...detail("audio_tokens", classes["input-audio"]),
      ...detail("image_tokens", classes["input-image"]),
    },
    output_tokens: output,
    output_tokens_details: {
      reasoning_tokens: classes.reasoning ?? 0,
      ...detail("audio_tokens", classes["output-audio"]),
    },
    total_tokens: input + output + usage.unexplained,
  }
}

const detail = (key: string, count: number | undefined): JsonObject => (count ? { [key]: count } : {})
