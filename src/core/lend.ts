import { equalJson, type Json, RawJson } from "../lib/json.ts"
import { type Node, origin, originOf } from "./node.ts"

/** A desk where nodes are left before their copies cross a process border. Whoever opens it closes it: one call, one desk. */
export interface Lending {
  /**
   * A plain copy that survives JSON and structuredClone: each node in it that has a ride-along carries a number under `$lent`. Values kept as
   * source text become what they spell.
   */
  lend<T>(value: T): T
  /**
   * The value with its ride-along back: an unedited node is the very node that was lent, an edited one keeps its origin and the
   * fields that are equal. Copies of a node are each given it. A node whose number is unknown stays without, which its encoder reports as `origin-lost`.
   */
  reclaim<T>(value: T): T
  /** Forgets all that was lent. */
  release(): void
  readonly size: number
}

interface Loan {
  readonly node: Record<string, unknown>
  readonly copy: Record<string, unknown>
}

const ticket = "$lent"
const defaultMaxNodes = 100_000

/** Nodes beyond the bound are lent without a number, so their ride-along is lost. */
export function lending(options: { readonly maxNodes?: number } = {}): Lending {
  const maxNodes = options.maxNodes ?? defaultMaxNodes
  const loans = new Map<number, Loan>()
  let next = 1

  function lend(value: unknown): unknown {
    if (value instanceof RawJson) return JSON.parse(value.rawJson)
    if (Array.isArray(value)) return value.map(lend)
    if (!isRecord(value)) return value
    const copy = mapValues(value, lend)
    if (!originOf(value as Node) || loans.size >= maxNodes) return copy
    loans.set(next, { node: value, copy })
    return { ...copy, [ticket]: next++ }
  }

  function reclaim(value: unknown): unknown {
    if (Array.isArray(value)) return value.map(reclaim)
    if (!isRecord(value)) return value
    const { [ticket]: lent, ...fields } = value
    const loan = typeof lent === "number" ? loans.get(lent) : undefined
    if (loan) return settle(loan, fields, reclaim)
    return mapValues(typeof lent === "number" ? fields : value, reclaim)
  }

  return {
    lend: <T>(value: T) => lend(value) as T,
    reclaim: <T>(value: T) => reclaim(value) as T,
    release: () => loans.clear(),
    get size() {
      return loans.size
    },
  }
}

/** The lent node if nothing changed, else its fields where equal and the returned ones elsewhere, with the origin. */
function settle(loan: Loan, fields: Record<string, unknown>, reclaim: (value: unknown) => unknown): unknown {
  const result: Record<string, unknown> = {}
  let same = true
  for (const [key, value] of Object.entries(fields)) {
    result[key] = settleField(loan, key, value, reclaim)
    same &&= Object.is(result[key], loan.node[key])
  }
  for (const key of Object.keys(loan.node)) if (loan.node[key] !== undefined && !(key in fields)) same = false
  return same ? loan.node : Object.assign(result, { [origin]: originOf(loan.node as Node) })
}

function settleField(loan: Loan, key: string, value: unknown, reclaim: (value: unknown) => unknown): unknown {
  if (key in loan.copy && equalPlain(value, loan.copy[key])) return loan.node[key]
  return reclaim(value)
}

const equalPlain = (left: unknown, right: unknown): boolean => Object.is(left, right) || equalJson(left as Json, right as Json)

function mapValues(value: Record<string, unknown>, map: (inner: unknown) => unknown): Record<string, unknown> {
  const copy: Record<string, unknown> = {}
  for (const [key, inner] of Object.entries(value)) if (inner !== undefined) copy[key] = map(inner)
  return copy
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && Object.getPrototypeOf(value) === Object.prototype
