import type { Exchange } from "../../core/exchange.ts"
import { type LensContext, noteRest as noteLost } from "../../core/lens.ts"
import { type Node, originOf, type Place } from "../../core/node.ts"
import { wireId } from "./types.ts"

/** What encoding a node leans on: where it sits, which way it goes, and the exchange it belongs to. */
export interface Writer extends LensContext {
  readonly exchange: Exchange
}

export const writerFor = (exchange: Exchange, place: Place, path: string): Writer => ({
  wire: wireId,
  place,
  side: place,
  note: exchange.note,
  exchange,
  path,
})

export const within = ({ wire, place, side, note, exchange, path }: Writer, below: string): Writer => ({
  wire,
  place,
  side,
  note,
  exchange,
  path: `${path}${below}`,
})

/** Raises what a node from elsewhere loses where it has no value of its own here: its unmodelled keys, or its whole ride-along. */
export const noteRest = (node: Node, writer: Writer): void => noteLost(node, writer, writer.path)

/** True for a node of this wire and place that has a source value: it can be laid over. */
export const isHere = (node: Node, { place }: Writer): boolean => {
  const from = originOf(node)
  return from?.wire === wireId && from.place === place && from.json !== undefined
}
