import type { Json } from "../lib/json.ts"

/** One vendor API format, such as Chat Completions. Wires name themselves; nothing else spells their names. */
export type WireId = string

/** Who made a piece of opaque state and can read it again: a vendor, not a deployment. */
export type Issuer = string

export type Place = "request" | "response"

/** An own, enumerable symbol key: `{...node}` keeps it, JSON and structuredClone drop it. */
export const origin: unique symbol = Symbol("origin")

/** Where a node came from: the exact JSON, and the modelled fields as they were when it was decoded. */
export interface Origin {
  readonly wire: WireId
  readonly place: Place
  /** The node's own source value. Absent where the wire has no value of its own for the node, such as a plain string content. */
  readonly json?: Json
  /** The node itself as decoded. A node is untouched while each of its modelled fields is identical to the one here. */
  readonly view: object
  /** Keys of `json` that no hub field models. */
  readonly rest: readonly string[]
}

/** What every hub value carries beside its fields. */
export interface Node {
  readonly [origin]?: Origin
  /** The wire it came from. It survives cloning, so an encoder can tell a fresh node from one that lost its origin. */
  readonly came?: WireId
}

/** A value that is being put together and that nobody else holds yet. */
export type Draft<T> = { -readonly [K in keyof T]: T[K] }

/** Puts a ride-along on a freshly decoded node, which is changed for it. */
export function attach<N extends Node>(node: N, from: { wire: WireId; place: Place; json?: Json; rest?: readonly string[] }): N {
  const placed: { came?: WireId; [origin]?: Origin } = node
  const { wire, place, json, rest = nothing } = from
  placed.came = wire
  placed[origin] = json === undefined ? { wire, place, view: node, rest } : { wire, place, json, view: node, rest }
  return node
}

/** The empty list that is shared by all who found nothing. */
export const nothing: readonly never[] = []

export const originOf = (node: Node): Origin | undefined => node[origin]

/** The names of modelled fields whose value is not identical to the decoded one; undefined when the node has no origin. */
export function changedFields(node: Node): ReadonlySet<string> | undefined {
  const from = node[origin]
  if (!from) return undefined
  if (from.view === node) return none
  const was = fieldsOf(from.view)
  const is = fieldsOf(node)
  const changed = new Set<string>()
  for (const key in is) if (!Object.is(is[key], was[key])) changed.add(key)
  for (const key in was) if (!(key in is) && was[key] !== undefined) changed.add(key)
  return changed
}

const fieldsOf = (value: object) => value as Readonly<Record<string, unknown>>

const none: ReadonlySet<string> = new Set()

/** True while no modelled field differs from what was decoded. A node without an origin is never untouched. */
export const untouched = (node: Node): boolean => changedFields(node)?.size === 0

/** True when both are one and the same decoded node, unedited; copies made by `{...node}` count as the same. */
const sameNode = (left: Node, right: Node): boolean =>
  left === right || (left[origin] !== undefined && left[origin] === right[origin] && untouched(left) && untouched(right))

/** Element-wise `sameNode`. */
export function sameNodes(left: readonly Node[], right: readonly Node[]): boolean {
  if (left === right) return true
  if (left.length !== right.length) return false
  for (let index = 0; index < left.length; index++) if (!sameNode(left[index] as Node, right[index] as Node)) return false
  return true
}

/** The list itself where nothing becomes another. */
export function mappedNodes<N>(list: readonly N[], map: (node: N) => N): readonly N[] {
  for (let index = 0; index < list.length; index++) {
    const node = list[index] as N
    const mapped = map(node)
    if (mapped !== node) return [...list.slice(0, index), mapped, ...list.slice(index + 1).map(map)]
  }
  return list
}

/** True for a node that was decoded once and has since lost its ride-along, for instance by structuredClone. */
export const lostOrigin = (node: Node): boolean => node.came !== undefined && node[origin] === undefined

/** A copy without the ride-along: what remains is only what the hub models. */
export function fresh<T>(value: T): T {
  if (Array.isArray(value)) return value.map(fresh) as T
  if (typeof value !== "object" || value === null || Object.getPrototypeOf(value) !== Object.prototype) return value
  const kept = Object.entries(value).filter(([key]) => key !== "came")
  return Object.fromEntries(kept.map(([key, inner]) => [key, fresh(inner)])) as T
}
