import { lru } from "../lib/lru.ts"
import { findClaimant, findModel, sells } from "./price-data.ts"
import { makerOf, makerSellers, sellerOf } from "./sellers.ts"

/** An empty owner and a window of 0 say that there is none. */
const owners = lru<string, string>({ max: 2_000 })
const windows = lru<string, number>({ max: 2_000 })
const none = ""

/** Open weights that others serve: their maker's own API does not know them. */
const openWeights = /^gpt-oss/

/** The provider of ours that is the maker of a bare model name, such as `anthropic` for `claude-…`; undefined when nobody is known to be. */
export function ownerOf(model: string): string | undefined {
  const known = owners.get(model)
  if (known !== undefined) return known === none ? undefined : known
  const owner = findOwner(model)
  owners.set(model, owner ?? none)
  return owner
}

function findOwner(model: string): string | undefined {
  if (model.includes("/") || openWeights.test(model)) return undefined
  const claimant = findClaimant(model)
  const claimed = claimant && makerOf(claimant.id)
  if (claimed !== undefined) return claimed
  const seller = makerSellers.find((id) => sells(id, model))
  return seller === undefined ? undefined : makerOf(seller)
}

export interface Limits {
  /** Input and output together, in tokens. */
  readonly context?: number
}

/** What the price list knows of a model's limits: at the given provider, else at the model's maker. */
export function limitsOf(model: string, provider?: string): Limits {
  const seller = provider === undefined ? undefined : sellerOf(provider)
  const context = (seller === undefined ? undefined : windowOf(seller, model)) ?? windowAtMaker(model)
  return context === undefined ? {} : { context }
}

function windowAtMaker(model: string): number | undefined {
  const owner = ownerOf(model)
  const seller = owner === undefined ? undefined : sellerOf(owner)
  return seller === undefined ? undefined : windowOf(seller, model)
}

function windowOf(seller: string, model: string): number | undefined {
  const key = `${seller}\n${model}`
  const known = windows.get(key)
  if (known !== undefined) return known === 0 ? undefined : known
  const found = findModel(seller, model, Date.now())?.info.context_window
  windows.set(key, found ?? 0)
  return found
}
