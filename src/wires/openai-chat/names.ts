import { type Exchange, fromToolKey, toolKey } from "../../core/exchange.ts"
import { deriveId } from "../../core/id.ts"
import { type Node, originOf } from "../../core/node.ts"
import { wireId } from "./types.ts"

/** Function names: `^[a-zA-Z0-9_-]{1,64}$`. */
const legalName = /^[A-Za-z0-9_-]{1,64}$/

/** Ids of tool calls: the vendor takes up to 40 characters. */
const longestId = 40

const cameFromHere = (node: Node | undefined): boolean => node !== undefined && originOf(node)?.wire === wireId

interface Named extends Node {
  readonly name: string
  readonly namespace?: string
}

/** The name of a tool on this wire, which knows no namespaces. A name that must change is kept in `exchange.names` for the way back. */
export function nameOnWire(named: Named, exchange: Exchange, path: string): string {
  const { name, namespace } = named
  const key = toolKey(name, namespace)
  const known = exchange.names.theirs(key)
  if (known !== key) return known
  if (namespace === undefined && (legalName.test(name) || cameFromHere(named))) return name
  const flat = (namespace === undefined ? name : `${namespace}__${name}`).replace(/[^A-Za-z0-9_-]/g, "_")
  const taken = flat.length > 64 || flat === "" || exchange.names.hasTheirs(flat) || isRealName(flat, exchange)
  const made = taken ? `${flat.slice(0, 44)}_${deriveId("call", "name", key)}` : flat
  exchange.names.set(key, made)
  exchange.note({ code: "tool-name-adapted", path, effect: "adapted", side: "request" })
  return made
}

const isRealName = (name: string, { request }: Exchange): boolean =>
  (request.tools ?? []).some((tool) => tool.type !== "hosted" && tool.namespace === undefined && tool.name === name)

/** Our name and namespace for a name in an answer. */
export const nameFromWire = (name: string, exchange: Exchange): { name: string; namespace?: string } =>
  fromToolKey(exchange.names.ours(name))

/** The id of a call on this wire; one that is too long gets a derived one, the same for the call and its result. */
export function idOnWire(id: string, node: Node, exchange: Exchange, path: string): string {
  const known = exchange.ids.theirs(id)
  if (known !== id || id.length <= longestId || cameFromHere(node)) return known
  const made = deriveId("call", "id", id)
  exchange.ids.set(id, made)
  exchange.note({ code: "tool-id-adapted", path, effect: "adapted", side: "request" })
  return made
}
