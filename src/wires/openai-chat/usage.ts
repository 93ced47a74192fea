import { restOf } from "../../core/lens.ts"
import type { Note } from "../../core/notice.ts"
import { type TokenClass, totals, type Usage } from "../../core/usage.ts"
import { asNumber, asObject, type Json, type JsonObject } from "../../lib/json.ts"
import { members, wireId } from "./types.ts"

const count = (json: Json | undefined): number | undefined => {
  const value = asNumber(json)
  return value !== undefined && Number.isFinite(value) && value >= 0 ? value : undefined
}

const keys = (...names: string[]): ReadonlySet<string> => new Set(names)
const usageKeys = keys(
  "prompt_tokens",
  "completion_tokens",
  "total_tokens",
  "prompt_tokens_details",
  "completion_tokens_details",
  "prompt_cache_hit_tokens",
  "prompt_cache_miss_tokens",
  "cached_tokens",
  "num_sources_used",
  "server_tool_use",
)
const detailKeys = keys(
  "text_tokens",
  "cached_tokens",
  "cache_write_tokens",
  "cache_creation_tokens",
  "audio_tokens",
  "image_tokens",
  "reasoning_tokens",
  "accepted_prediction_tokens",
  "rejected_prediction_tokens",
)

const unitKeys = keys("web_search_requests")

/** True when a usage says more than its classes and units hold, such as times or a cost. */
export function saysMore(json: Json | undefined): boolean {
  const source = asObject(json)
  if (!source) return false
  return (
    restOf(source, usageKeys).length > 0 ||
    hasMore(source.prompt_tokens_details, detailKeys) ||
    hasMore(source.completion_tokens_details, detailKeys) ||
    hasMore(source.server_tool_use, unitKeys)
  )
}

function hasMore(json: Json | undefined, modelled: ReadonlySet<string>): boolean {
  const object = asObject(json)
  return object !== undefined && restOf(object, modelled).length > 0
}

/** The first of several names under which vendors report one figure. */
const first = (one: Json | undefined, other?: Json, another?: Json): number => count(one) ?? count(other) ?? count(another) ?? 0

/**
 * Splits a vendor's usage into disjoint classes. Cached, written, audio and image tokens are part of `prompt_tokens`; reasoning is part of
 * `completion_tokens` except where the vendor's own total shows that it was added on top. Undefined for a value without any count.
 */
export function decodeUsage(json: Json | undefined): Usage | undefined {
  const source = asObject(json)
  if (!source || json === undefined) return undefined
  const prompt = count(source.prompt_tokens)
  const completion = count(source.completion_tokens)
  const total = count(source.total_tokens)
  if (prompt === undefined && completion === undefined && total === undefined) return undefined
  const tokens: Counted = {}
  const sum = countInput(tokens, source, prompt ?? 0) + countOutput(tokens, source, prompt ?? 0, completion ?? 0, total)
  const units = unitsOf(source)
  return {
    lines: [units ? { kind: "answer", tokens, units } : { kind: "answer", tokens }],
    unexplained: total === undefined ? 0 : total - sum,
    raw: json,
    wire: wireId,
  }
}

const noDetails: JsonObject = {}

type Counted = Partial<Record<TokenClass, number>>

function put(tokens: Counted, name: TokenClass, value: number): void {
  if (value > 0) tokens[name] = value
}

/** The classes of the prompt, and their sum. Audio that does not fit beside the cached tokens was read from the cache. */
function countInput(tokens: Counted, source: JsonObject, prompt: number): number {
  const details = asObject(source.prompt_tokens_details) ?? noDetails
  const cached = Math.min(prompt, first(details.cached_tokens, source.prompt_cache_hit_tokens, source.cached_tokens))
  let left = prompt - cached
  const write = Math.min(left, first(details.cache_write_tokens, details.cache_creation_tokens))
  left -= write
  const audio = first(details.audio_tokens)
  const plainAudio = Math.min(left, audio)
  left -= plainAudio
  const cachedAudio = Math.min(cached, audio - plainAudio)
  const image = Math.min(left, first(details.image_tokens))
  left -= image
  tokens.input = left
  put(tokens, "cache-read", cached - cachedAudio)
  put(tokens, "cache-write", write)
  put(tokens, "input-audio", plainAudio)
  put(tokens, "cache-read-audio", cachedAudio)
  put(tokens, "input-image", image)
  return left + cached + write + plainAudio + image
}

/** The classes of the answer, and their sum. */
function countOutput(tokens: Counted, source: JsonObject, prompt: number, completion: number, total: number | undefined): number {
  const details = asObject(source.completion_tokens_details) ?? noDetails
  const stated = first(details.reasoning_tokens)
  const apart = stated > completion || (total !== undefined && stated > 0 && total - prompt - completion >= stated)
  const reasoning = apart ? stated : Math.min(completion, stated)
  let left = apart ? completion : completion - reasoning
  const audio = Math.min(left, first(details.audio_tokens))
  left -= audio
  const image = Math.min(left, first(details.image_tokens))
  left -= image
  const accepted = Math.min(left, first(details.accepted_prediction_tokens))
  left -= accepted
  const rejected = Math.min(left, first(details.rejected_prediction_tokens))
  left -= rejected
  tokens.output = left
  put(tokens, "reasoning", reasoning)
  put(tokens, "output-audio", audio)
  put(tokens, "output-image", image)
  put(tokens, "prediction-accepted", accepted)
  put(tokens, "prediction-rejected", rejected)
  return left + reasoning + audio + image + accepted + rejected
}

function unitsOf(source: JsonObject): Readonly<Record<string, number>> | undefined {
  const searches = count(asObject(source.server_tool_use)?.web_search_requests)
  const sources = count(source.num_sources_used)
  if (!searches && !sources) return undefined
  return { ...(searches ? { web_search: searches } : {}), ...(sources ? { search_source: sources } : {}) }
}

/** Searches as routers count them, https://openrouter.ai/docs/use-cases/usage-accounting; nothing else that a vendor counts has a place here. */
function encodeUnits({ lines }: Usage, note: Note): JsonObject | undefined {
  let searches = 0
  for (const { units } of lines)
    for (const name in units) {
      if (name === "web_search") searches += units[name] ?? 0
      else note({ code: "field-unsupported", path: "usage.lines[*].units", effect: "dropped", side: "response" })
    }
  return searches > 0 ? { web_search_requests: searches } : undefined
}

/** This wire's own value verbatim; any other built from the sums over all lines. */
export function encodeUsage(usage: Usage, note: Note): Json {
  if (usage.wire === wireId) return usage.raw
  const { input, output, classes } = totals(usage)
  if (classes["cache-write-1h"])
    note({ code: "field-adapted", path: "usage.lines[*].tokens.cache-write-1h", effect: "adapted", side: "response" })
  const cachedAudio = classes["cache-read-audio"] ?? 0
  const written = (classes["cache-write"] ?? 0) + (classes["cache-write-1h"] ?? 0)
  return members({
    prompt_tokens: input,
    completion_tokens: output,
    total_tokens: input + output + usage.unexplained,
    prompt_tokens_details: members({
      cached_tokens: (classes["cache-read"] ?? 0) + cachedAudio,
      cache_write_tokens: written || undefined,
      audio_tokens: (classes["input-audio"] ?? 0) + cachedAudio,
      image_tokens: classes["input-image"] || undefined,
    }),
    completion_tokens_details: members({
      reasoning_tokens: classes.reasoning ?? 0,
      audio_tokens: classes["output-audio"] ?? 0,
      image_tokens: classes["output-image"] || undefined,
      accepted_prediction_tokens: classes["prediction-accepted"] ?? 0,
      rejected_prediction_tokens: classes["prediction-rejected"] ?? 0,
    }),
    server_tool_use: encodeUnits(usage, note),
  })
}
