import type { ToolCallBlock } from "../../core/block.ts"
import { answerCallId } from "../../core/call-ids.ts"
import { type Exchange, fromToolKey, toolKey } from "../../core/exchange.ts"
import { deriveId } from "../../core/id.ts"
import type { ItemContext } from "./decode-items.ts"
import { wireId } from "./types.ts"

const legalName = /^[a-zA-Z0-9_-]{1,128}$/
const maxCallId = 64

/** The name of a tool on this wire, which has namespaces of its own. A name that it refuses is replaced by one that stays the same. */
export function wireName(name: string, namespace: string | undefined, exchange: Exchange): string {
  if (legalName.test(name)) return name
  const key = toolKey(name, namespace)
  const known = exchange.names.theirs(key)
  if (known !== key) return known
  const base = name.replace(/[^a-zA-Z0-9_-]/g, "_").slice(0, 100)
  const made = `${base}_${deriveId("call", "name", key).slice(4)}`
  exchange.names.set(key, made)
  exchange.note({ code: "tool-name-adapted", path: "tools[*].name", effect: "adapted", side: "request" })
  return made
}

/** Ids longer than the vendor takes are replaced by derived ones, the same for a call and its result. */
export function wireCallId(id: string, exchange: Exchange, path: string): string {
  if (id.length <= maxCallId) return id
  const known = exchange.ids.theirs(id)
  if (known !== id) return known
  const made = deriveId("call", "long", id)
  exchange.ids.set(id, made)
  exchange.note({ code: "tool-id-adapted", path: `${path}.id`, effect: "adapted", side: "request" })
  return made
}

/** How an answer's items are read: names and ids as the caller knows them, and calls that only the vendor can have made to itself. */
export function answerItems(exchange: Exchange): ItemContext {
  const { target, names, ids, request } = exchange
  const declared = new Set<string>()
  let hosted = false
  for (const tool of request.tools ?? []) {
    if (tool.type === "hosted") hosted = true
    else declared.add(toolKey(tool.name, tool.namespace))
  }
  return {
    place: "response",
    issuer: target.issuer,
    ...(target.account === undefined ? {} : { account: target.account }),
    isProviderCall: (name, namespace) => hosted && !declared.has(toolKey(name, namespace)),
    toolName: (name) => fromToolKey(names.ours(name)),
    callId: (id) => answerCallId(ids.ours(id), exchange),
    ...(exchange.client === wireId ? {} : { sealsItems: true as const }),
  }
}

/** A call that the caller has to answer. */
export const isCallersCall = (block: { readonly type: string; readonly by?: ToolCallBlock["by"] }): boolean =>
  block.type === "tool-call" && block.by !== "provider"
