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
  const iterations = (asArray(raw.iterations) ?? []).flatMap((one): JsonObject[] => {
    const object = asObject(one)
    return object ? [object] : []
  })
  if (iterations.length === 0) return { lines: [{ kind: "answer", tokens: top, ...units }], unexplained: 0, raw, wire: wireId }
  const lines = iterations.map(lineOf)
  const billed = lines.findLastIndex((line) => line.kind === "answer" || line.kind === "fallback")
  const at = billed < 0 ? lines.length - 1 : billed
  const listed = lines.map((line, index) => (index === at ? { ...line, ...units } : line))
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
  const add = (name: TokenClass, count: number): void => {
    if (count > 0) tokens[name] = count
  }
  const output = asNumber(from.output_tokens) ?? 0
  const thinking = Math.min(asNumber(asObject(from.output_tokens_details)?.thinking_tokens) ?? 0, output)
  const written = writtenTokens(from)
  add("input", asNumber(from.input_tokens) ?? 0)
  add("cache-read", asNumber(from.cache_read_input_tokens) ?? 0)
  add("cache-write", written.short)
  add("cache-write-1h", written.long)
  add("output", output - thinking)
  add("reasoning", thinking)
  return tokens
}

/** The total wins over its parts, which a stream says only at its start. */
function writtenTokens(from: JsonObject): { short: number; long: number } {
  const split = asObject(from.cache_creation)
  const long = asNumber(split?.ephemeral_1h_input_tokens) ?? 0
  const total = asNumber(from.cache_creation_input_tokens) ?? long + (asNumber(split?.ephemeral_5m_input_tokens) ?? 0)
  return { long: Math.min(long, total), short: total - Math.min(long, total) }
}

const unitSuffix = "_requests"

function unitsOf(tools: JsonObject | undefined): { units?: Readonly<Record<string, number>> } {
  const units: Record<string, number> = {}
  for (const [key, value] of Object.entries(tools ?? {})) {
    const count = asNumber(value) ?? 0
    if (count > 0) units[key.endsWith(unitSuffix) ? key.slice(0, -unitSuffix.length) : key] = count
  }
  return Object.keys(units).length > 0 ? { units } : {}
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
  const tier = serviceTier === undefined ? {} : { service_tier: serviceTier }
  if (!usage) {
    context.note({ code: "usage-missing", path: "usage", effect: "adapted", side: "response" })
    return { input_tokens: 0, output_tokens: 0, ...tier }
  }
  noteLost(usage, context)
  const { classes, output } = totals(usage)
  const count = (...names: TokenClass[]): number => names.reduce((total, name) => total + (classes[name] ?? 0), 0)
  const long = count("cache-write-1h")
  const reasoning = count("reasoning")
  const units = unitMembers(usage)
  return {
    input_tokens: count("input", "input-audio", "input-image"),
    cache_creation_input_tokens: count("cache-write") + long,
    cache_read_input_tokens: count("cache-read", "cache-read-audio"),
    ...(long > 0 ? { cache_creation: { ephemeral_5m_input_tokens: count("cache-write"), ephemeral_1h_input_tokens: long } } : {}),
    output_tokens: output,
    ...(reasoning > 0 ? { output_tokens_details: { thinking_tokens: reasoning } } : {}),
    ...(units ? { server_tool_use: units } : {}),
    ...tier,
  }
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
    for (const [name, count] of Object.entries(tokens))
      if (!own.has(name) && count > 0)
        note({ code: "field-adapted", path: "usage.lines[*].tokens", effect: "adapted", side: "response" })
}

function unitMembers(usage: Usage): JsonObject | undefined {
  const members: Record<string, number> = {}
  for (const { units } of usage.lines)
    for (const [name, count] of Object.entries(units ?? {}))
      members[`${name}${unitSuffix}`] = (members[`${name}${unitSuffix}`] ?? 0) + count
  return Object.keys(members).length > 0 ? members : undefined
}

/**
 * What other vendors call the service of those who asked for nothing else: https://platform.openai.com/docs/api-reference/chat/object,
 * https://console.groq.com/docs/service-tiers.
 */
export const ordinaryTiers: ReadonlySet<string> = new Set(["default", "on_demand"])

/** What the vendor calls a service level in an answer. */
export const answerTiers: ReadonlySet<string> = new Set(["standard", "priority", "batch"])
