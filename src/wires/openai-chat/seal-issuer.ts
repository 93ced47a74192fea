import type { Block, Seal } from "../../core/block.ts"
import type { Exchange } from "../../core/exchange.ts"
import type { Issuer } from "../../core/node.ts"
import { sealForTarget } from "../../core/seal.ts"
import { wireId } from "./types.ts"

/** Who made a seal that a client sends without an envelope: somebody who speaks this wire, and nothing says who. */
export const someIssuer: Issuer = wireId

/** Routes that name no issuer of their own are known by the wire, and perhaps the model. */
const isUnnamed = (issuer: Issuer): boolean => issuer === someIssuer || issuer.startsWith(`${someIssuer}:`)

const silent = { note: () => {} }

/** Whether the try's target may be given the seal. */
export const canOpen = (seal: Seal, exchange: Exchange): boolean =>
  openForTarget(seal, { ...exchange, ...silent }, "") !== undefined

/** The seal if the try's target can open it, or may be the one that made it; otherwise nothing, and one notice. */
export function openForTarget(seal: Seal, exchange: Exchange, path: string): Seal | undefined {
  if (seal.issuer === someIssuer && isUnnamed(exchange.target.issuer)) return seal
  return sealForTarget(seal, exchange, path)
}

/** True when a block holds a seal that the target must not see. */
export const hasClosedSeal = (blocks: readonly Block[], exchange: Exchange): boolean =>
  blocks.some((block) => block.seal !== undefined && !canOpen(block.seal, exchange))
