import { type Exchange, fromToolKey, toolKey } from "../../core/exchange.ts"
import { deriveId } from "../../core/id.ts"
import type { Tool } from "../../core/message.ts"
import type { EncodeContext } from "./types.ts"

/** Longest tool name that the vendor takes, and the length that every server of this format takes. */
const maxName = 128
const safeName = 64
const legalName = /^[a-zA-Z0-9_-]+$/
const legalId = /^[a-zA-Z0-9_-]{1,64}$/

interface Named {
  readonly name: string
  readonly namespace?: string
}

/** Claims the names that travel unchanged, so that no derived name takes one of them. */
export function claimNames(tools: readonly Tool[], exchange: Exchange): void {
  for (const tool of tools) {
    if (tool.type === "hosted" || tool.namespace !== undefined || !isLegal(tool.name)) continue
    exchange.names.set(toolKey(tool.name), tool.name)
  }
}

const isLegal = (name: string): boolean => name.length <= maxName && legalName.test(name)

/**
 * The name a tool has on the wire. A namespace goes in front of it; what the charset or the length forbids is replaced, with a hash at the
 * end. The answer's decoder undoes it through `exchange.names`.
 */
export function nameOnWire(tool: Named, context: EncodeContext): string {
  const { names } = context.exchange
  const key = toolKey(tool.name, tool.namespace)
  const known = names.theirs(key)
  const isKnown = known !== key || names.hasTheirs(key)
  const name = isKnown ? known : deriveName(tool, key, context.exchange)
  if (!isKnown) names.set(key, name)
  if (name !== key) context.note({ code: "tool-name-adapted", path: context.path, effect: "adapted", side: context.side })
  return name
}

function deriveName(tool: Named, key: string, exchange: Exchange): string {
  if (tool.namespace === undefined && isLegal(tool.name)) return tool.name
  const flat = tool.namespace === undefined ? tool.name : `${tool.namespace}__${tool.name}`
  const legal = flat.replace(/[^a-zA-Z0-9_-]/g, "_")
  if (legal === flat && isLegal(flat) && flat.length <= safeName && !exchange.names.hasTheirs(flat)) return flat
  const hash = deriveId("call", "tool-name", key).slice(4, 12)
  return `${legal.slice(0, safeName - hash.length - 1)}_${hash}`
}

/** What the client calls the tool that the model called. */
export const nameOfOurs = (name: string, exchange: Exchange): Named => fromToolKey(exchange.names.ours(name))

/** A call id within the charset and length that the vendor checks; the same id always becomes the same. */
export function idOnWire(id: string, context: EncodeContext): string {
  if (legalId.test(id)) return id
  const { ids } = context.exchange
  const derived = deriveId("call", "tool-id", id)
  ids.set(id, derived)
  context.note({ code: "tool-id-adapted", path: `${context.path}.id`, effect: "adapted", side: context.side })
  return derived
}

/** Marks a tool of free text that was declared as a function. */
export const customMark = (key: string): string => `custom-tool:${key}`
