import { nothing } from "../../core/node.ts"
import { type TokenClass, type Tokens, totals, type Usage, type UsageLine } from "../../core/usage.ts"
import { asArray, asNumber, asObject, asString, type Json, type JsonObject } from "../../lib/json.ts"
import { type EncodeContext, wireId } from "./types.ts"

/**
 * Usage as billed. `input_tokens` leaves the cache out. Where the vendor lists iterations each is a line: the top level leaves compactions,
 * advisors and declined first tries out, although they are billed. https://platform.claude.com/docs/en/build-with-claude/compaction
 */
export function decodeUsage(json: Json | undefined): Usage | undefined {
  const raw = asObject(json)
  if (!raw) return undefined
  const units = unitsOf(asObject(raw.server_tool_use))
  const top = tokensOf(raw)
  const iterations = objectsIn(asArray(raw.iterations) ?? nothing)
  if (iterations.length === 0) {
    const line: UsageLine = units ? { kind: "answer", tokens: top, units } : { kind: "answer", tokens: top }
    return { lines: [line], unexplained: 0, raw, wire: wireId }
  }
  return withIterations(iterations, top, units, raw)
}

function objectsIn(list: readonly Json[]): readonly JsonObject[] {
  const objects: JsonObject[] = []
  for (const one of list) {
    const object = asObject(one)
    if (object) objects.push(object)
  }
  return objects
}

type Units = Readonly<Record<string, number>>

function withIterations(iterations: readonly JsonObject[], top: Tokens, units: Units | undefined, raw: JsonObject): Usage {
  const lines = iterations.map(lineOf)
  const billed = lines.findLastIndex((line) => line.kind === "answer" || line.kind === "fallback")
  const at = billed < 0 ? lines.length - 1 : billed
  const listed = lines.map((line, index) => (index === at && units ? { ...line, units } : line))
  const missing = sum(top) - lines.reduce((total, line) => total + sum(line.tokens), 0)
  return { lines: listed, unexplained: Math.max(0, missing), raw, wire: wireId }
}

const kinds: Readonly<Record<string, string>> = {
  message: "answer",
  compaction: "compaction",
  advisor_message: "advisor",
  fallback_message: "fallback",
}

function lineOf(iteration: JsonObject): UsageLine {
  const type = asString(iteration.type) ?? "message"
  const model = asString(iteration.model)
  const kind = Object.hasOwn(kinds, type) ? (kinds[type] ?? type) : type
  return { kind, tokens: tokensOf(iteration), ...(model === undefined ? {} : { model }) }
}

const sum = (tokens: Tokens): number => Object.values(tokens).reduce((total, count) => total + count, 0)

function tokensOf(from: JsonObject): Tokens {
  const tokens: Partial<Record<TokenClass, number>> = {}
  const output = asNumber(from.output_tokens) ?? 0
  const thinking = Math.min(asNumber(asObject(from.output_tokens_details)?.thinking_tokens) ?? 0, output)
  const written = writtenTokens(from)
  add(tokens, "input", asNumber(from.input_tokens) ?? 0)
  add(tokens, "cache-read", asNumber(from.cache_read_input_tokens) ?? 0)
  add(tokens, "cache-write", written.short)
  add(tokens, "cache-write-1h", written.long)
  add(tokens, "output", output - thinking)
  add(tokens, "reasoning", thinking)
  return tokens
}

function add(tokens: Partial<Record<TokenClass, number>>, name: TokenClass, count: number): void {
  if (count > 0) tokens[name] = count
}

/** The total wins over its parts, which a stream says only at its start. */
function writtenTokens(from: JsonObject): { short: number; long: number } {
  const split = asObject(from.cache_creation)
  const long = asNumber(split?.ephemeral_1h_input_tokens) ?? 0
  const total = asNumber(from.cache_creation_input_tokens) ?? long + (asNumber(split?.ephemeral_5m_input_tokens) ?? 0)
  return { long: Math.min(long, total), short: total - Math.min(long, total) }
}

const unitSuffix = "_requests"

function unitsOf(tools: JsonObject | undefined): Units | undefined {
  let units: Record<string, number> | undefined
  for (const key in tools) {
    const count = asNumber(tools[key]) ?? 0
    if (count <= 0) continue
    units ??= {}
    units[key.endsWith(unitSuffix) ? key.slice(0, -unitSuffix.length) : key] = count
  }
  return units
}

/** A later frame's counts over an earlier one's: cumulative, maybe lower, null where it has nothing to say. */
export function mergeUsage(earlier: JsonObject | undefined, later: JsonObject | undefined): JsonObject | undefined {
  if (!earlier || !later) return later ?? earlier
  const merged: Record<string, Json> = { ...earlier }
  for (const [key, value] of Object.entries(later)) if (value !== null || !(key in merged)) merged[key] = value
  return merged
}

/** The vendor's own value where it is of this wire; else one built from the sums. */
export function encodeUsage(usage: Usage | undefined, serviceTier: string | undefined, context: EncodeContext): JsonObject {
  const raw = usage?.wire === wireId ? asObject(usage.raw) : undefined
  if (raw) return raw
  const built = usage ? countsOf(usage, context) : noCounts(context)
  if (serviceTier !== undefined) built.service_tier = serviceTier
  return built
}

function noCounts(context: EncodeContext): Record<string, Json> {
  context.note({ code: "usage-missing", path: "usage", effect: "adapted", side: "response" })
  return { input_tokens: 0, output_tokens: 0 }
}

function countsOf(usage: Usage, context: EncodeContext): Record<string, Json> {
  noteLost(usage, context)
  const { classes, output } = totals(usage)
  const long = classes["cache-write-1h"] ?? 0
  const short = classes["cache-write"] ?? 0
  const reasoning = classes.reasoning ?? 0
  const units = unitMembers(usage, context)
  const built: Record<string, Json> = {
    input_tokens: (classes.input ?? 0) + (classes["input-audio"] ?? 0) + (classes["input-image"] ?? 0),
    cache_creation_input_tokens: short + long,
    cache_read_input_tokens: (classes["cache-read"] ?? 0) + (classes["cache-read-audio"] ?? 0),
  }
  if (long > 0) built.cache_creation = { ephemeral_5m_input_tokens: short, ephemeral_1h_input_tokens: long }
  built.output_tokens = output
  if (reasoning > 0) built.output_tokens_details = { thinking_tokens: reasoning }
  if (units) built.server_tool_use = units
  return built
}

/** Classes with a place of their own in this format. */
const own: ReadonlySet<string> = new Set(["input", "cache-read", "cache-write", "cache-write-1h", "output", "reasoning"])

function noteLost(usage: Usage, context: EncodeContext): void {
  const { note } = context
  if (usage.unexplained !== 0) note({ code: "usage-unexplained", path: "usage.unexplained", effect: "dropped", side: "response" })
  const [line] = usage.lines
  if (usage.lines.length > 1 || (line && (line.kind !== "answer" || line.model !== undefined)))
    note({ code: "field-adapted", path: "usage.lines", effect: "adapted", side: "response" })
  for (const { tokens } of usage.lines)
    for (const name in tokens)
      if (!own.has(name) && (tokens[name as TokenClass] ?? 0) > 0)
        note({ code: "field-adapted", path: "usage.lines[*].tokens", effect: "adapted", side: "response" })
}

/** The tools whose use this format counts. */
const counted: ReadonlySet<string> = new Set(["web_search", "web_fetch"])

function unitMembers(usage: Usage, { note }: EncodeContext): JsonObject | undefined {
  let members: Record<string, number> | undefined
  for (const { units } of usage.lines)
    for (const name in units) {
      if (!counted.has(name)) {
        note({ code: "field-unsupported", path: "usage.lines[*].units", effect: "dropped", side: "response" })
        continue
      }
      const key = `${name}${unitSuffix}`
      members ??= {}
      members[key] = (members[key] ?? 0) + (units[name] ?? 0)
    }
  return members
}

/**
 * What other vendors call the service of those who asked for nothing else: https://platform.openai.com/docs/api-reference/chat/object,
 * https://console.groq.com/docs/service-tiers.
 */
export const ordinaryTiers: ReadonlySet<string> = new Set(["default", "on_demand"])

/** What the vendor calls a service level in an answer. */
export const answerTiers: ReadonlySet<string> = new Set(["standard", "priority", "batch"])
