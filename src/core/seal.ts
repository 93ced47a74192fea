import type { Seal } from "./block.ts"
import type { Exchange } from "./exchange.ts"
import type { Issuer } from "./node.ts"

/**
 * A seal on its way through a client whose wire has another issuer. `at` is the block's ordinal in its turn, `over` a hash of the text that
 * was sealed. Envelopes go into signature-like fields only, never into tool-call ids.
 */
export interface Envelope {
  readonly seal: Seal
  readonly at: number
  readonly over: string
}

/** Stands in whatever no vendor may be sent as it is, so that one byte search finds it in a body: in envelopes, and in ids made for a caller's eyes. */
export const ownMark = "gantryseal1"

/** Starts every envelope. Nothing else begins like this. */
export const envelopeMark = `${ownMark}.`

export const sealedHash = (text: string): string => Bun.hash.xxHash64(text).toString(36)

export function wrapSeal(envelope: Envelope): string {
  const { seal, at, over } = envelope
  const compact = [seal.issuer, seal.kind, seal.data, seal.id ?? null, seal.account ?? null, seal.model ?? null, at, over]
  return envelopeMark + Buffer.from(JSON.stringify(compact)).toString("base64url")
}

/** The envelope in a signature-like field; undefined when it is not one of ours or was damaged on the way. */
export function openEnvelope(text: string): Envelope | undefined {
  if (!text.startsWith(envelopeMark)) return undefined
  try {
    const parts: unknown = JSON.parse(Buffer.from(text.slice(envelopeMark.length), "base64url").toString())
    if (!Array.isArray(parts) || parts.length !== 8) return undefined
    const [issuer, kind, data, id, account, model, at, over] = parts as unknown[]
    if (typeof issuer !== "string" || typeof kind !== "string" || typeof data !== "string" || data === "") return undefined
    if (typeof at !== "number" || typeof over !== "string") return undefined
    const seal: Seal = {
      issuer,
      kind,
      data,
      ...(typeof id === "string" ? { id } : {}),
      ...(typeof account === "string" ? { account } : {}),
      ...(typeof model === "string" ? { model } : {}),
    }
    return { seal, at, over }
  } catch {
    return undefined
  }
}

/** The seal of a signature-like field as a client sent it: unwrapped when it is ours, else the wire's own vendor's. Empty text is no seal. */
export function sealFrom(
  text: string | undefined,
  home: Issuer | undefined,
  kind: string,
  more: { id?: string } = {},
): { seal?: Seal; envelope?: Envelope } {
  if (text === undefined || text === "") return {}
  const envelope = openEnvelope(text)
  if (envelope) return { seal: envelope.seal, envelope }
  if (text.startsWith(envelopeMark) || home === undefined) return {}
  return { seal: { issuer: home, kind, data: text, ...more } }
}

/** The seal if the try's target can open it; otherwise nothing, and one notice. */
export function sealForTarget(seal: Seal | undefined, exchange: Exchange, path: string): Seal | undefined {
  if (!seal) return undefined
  const { issuer, account } = exchange.target
  if (seal.issuer === issuer && (seal.account === undefined || account === undefined || seal.account === account)) return seal
  exchange.note({ code: "seal-foreign", path, effect: "dropped", side: "request" })
  return undefined
}

/** How a client gets to hold a seal: bare when its wire's own vendor made it, in an envelope otherwise. */
export const sealForClient = (seal: Seal, home: Issuer | undefined, at: number, over: string): string =>
  seal.issuer === home ? seal.data : wrapSeal({ seal, at, over: sealedHash(over) })
