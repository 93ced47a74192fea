import type { CacheHint } from "../../core/block.ts"
import { asObject, asString, type JsonObject } from "../../lib/json.ts"
import type { EncodeContext } from "./types.ts"

/** The hint in an object's `cache_control`, as a member to spread. */
export function decodeCache(json: JsonObject): { cache?: CacheHint } {
  const cache = readCache(json)
  return cache ? { cache } : noCache
}

const noCache = {}

export function readCache(json: JsonObject): CacheHint | undefined {
  const control = asObject(json.cache_control)
  if (!control) return undefined
  const ttl = asString(control.ttl)
  return ttl === undefined ? {} : { ttl }
}

/** Lifetimes that the vendor knows. */
const lifetimes: ReadonlySet<string> = new Set(["5m", "1h"])

/** Lifetimes of other vendors become the vendor's own default. */
export function encodeCache(cache: CacheHint | undefined, context: EncodeContext): JsonObject | undefined {
  if (!cache) return undefined
  if (cache.ttl === undefined) return { type: "ephemeral" }
  if (lifetimes.has(cache.ttl)) return { type: "ephemeral", ttl: cache.ttl }
  const path = context.path === "" ? "cache.ttl" : `${context.path}.cache.ttl`
  context.note({ code: "field-adapted", path, effect: "adapted", side: context.side })
  return { type: "ephemeral" }
}
