import { sides, type Usage, type UsageLine } from "../core/usage.ts"
import { lru } from "../lib/lru.ts"
import { findModel, type ModelInfo, type ModelPrice } from "./price-data.ts"
import { priceLine, type Rates, ratesOf } from "./rates.ts"
import { isFree, sellerOf } from "./sellers.ts"

/** US dollars. What has no known price is undefined, never 0: a line, and with it the total. */
export interface Cost {
  readonly total?: number
  /** One for each usage line. */
  readonly lines: readonly (number | undefined)[]
}

export interface Sold {
  readonly provider: string
  readonly model: string
  /** Milliseconds since 1970: prices change with the date, some with the time of day. */
  readonly at: number
}

interface Held {
  readonly rates: Rates | undefined
  /** The minute for which they hold; absent when they do not depend on time. */
  readonly minute?: number
}

const held = lru<string, Held>({ max: 2_000 })

/**
 * What a call cost by the bundled price list, for the provider's standard service. A line that names a model is billed as that model, and the
 * price of the request itself, where there is one, is part of the first line. Takes about a microsecond.
 */
export function costOf(sold: Sold, usage: Usage): Cost {
  if (isFree(sold.provider)) return { total: 0, lines: usage.lines.map(() => 0) }
  const seller = sellerOf(sold.provider)
  const lines = usage.lines.map((line, index) => (seller === undefined ? undefined : lineCost(seller, sold, line, index === 0)))
  let total = 0
  for (const line of lines) {
    if (line === undefined) return { lines }
    total += line
  }
  return lines.length === 0 ? { lines } : { total, lines }
}

function lineCost(seller: string, { model, at }: Sold, line: UsageLine, first: boolean): number | undefined {
  const rates = ratesFor(seller, line.model ?? model, at)
  if (!rates) return undefined
  const { input } = sides({ lines: [line] })
  const counted = priceLine(rates, line, input)
  if (counted === undefined || !first || !rates.request) return counted
  return counted + rates.request(input)
}

function ratesFor(seller: string, model: string, at: number): Rates | undefined {
  const key = `${seller}\n${model}`
  const minute = Math.floor(at / 60_000)
  const known = held.get(key)
  if (known && (known.minute === undefined || known.minute === minute)) return known.rates
  const found = findModel(seller, model, at)
  const rates = found && ratesOf(isGivenAway(found) ? free : found.price)
  held.set(key, found && Array.isArray(found.info.prices) ? { rates, minute } : { rates })
  return rates
}

const free = { input_mtok: 0, output_mtok: 0 }

/** The list has no prices for a model that is given away, as for one whose price it does not know; the suffix tells them apart. */
const isGivenAway = ({ info, price }: { info: ModelInfo; price: ModelPrice }): boolean =>
  Object.keys(price).length === 0 && info.id.endsWith(":free")
