import type { CacheHint } from "../../core/block.ts"
import type { Exchange } from "../../core/exchange.ts"
import { restOf } from "../../core/lens.ts"
import { type Node, nothing, originOf, type Place } from "../../core/node.ts"
import { asObject, asString, type JsonObject } from "../../lib/json.ts"
import { given, joined, members, wireId } from "./types.ts"

export interface CacheContext {
  readonly exchange: Exchange
  readonly side: Place
  readonly place: Place
  readonly path: string
}

/** Cache marks: `cache_control` as routers take it, `prompt_cache_breakpoint` as the format's own vendor does. */
export function readCache(source: JsonObject): CacheHint | undefined {
  const mark = asObject(source.cache_control) ?? asObject(source.prompt_cache_breakpoint)
  return mark && given("ttl", asString(mark.ttl))
}

const markKeys: ReadonlySet<string> = new Set(["type", "ttl", "mode"])

/** Unmodelled keys inside a cache mark. */
export const cacheRest = (source: JsonObject): readonly string[] =>
  joined(restOfMark(source, "cache_control"), restOfMark(source, "prompt_cache_breakpoint"))

function restOfMark(source: JsonObject, name: string): readonly string[] {
  const mark = asObject(source[name])
  return mark ? restOf(mark, markKeys).map((key) => `${name}.${key}`) : nothing
}

/** The vendor's lifetimes of a breakpoint; others are left to its default. */
const breakpointTtls: ReadonlySet<string> = new Set(["30m", "12h"])

/** The mark on a block, tool or request: in the spelling it came in, else in the one that the route says it reads. */
export function cacheKeys(node: Node & { readonly cache?: CacheHint }, context: CacheContext): JsonObject {
  const { cache } = node
  if (!cache) return {}
  const { features } = context.exchange.target
  const from = originOf(node)
  const marked = from?.wire === wireId && (from.view as { readonly cache?: CacheHint }).cache !== undefined
  const spelt = marked ? asObject(from.json)?.prompt_cache_breakpoint : undefined
  if (spelt !== undefined || (!marked && features.has("cache-breakpoints")))
    return { prompt_cache_breakpoint: breakpoint(cache, context) }
  if (marked || features.has("cache-marks")) return { cache_control: members({ type: "ephemeral", ttl: cache.ttl }) }
  context.exchange.note({ code: "cache-unsupported", path: `${context.path}.cache`, effect: "dropped", side: context.side })
  return {}
}

function breakpoint(cache: CacheHint, { exchange, path, side }: CacheContext): JsonObject {
  const known = cache.ttl === undefined || breakpointTtls.has(cache.ttl)
  if (!known) exchange.note({ code: "field-adapted", path: `${path}.cache.ttl`, effect: "adapted", side })
  return members({ mode: "explicit", ttl: known ? cache.ttl : undefined })
}
