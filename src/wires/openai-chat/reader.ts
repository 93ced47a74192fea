import type { Exchange } from "../../core/exchange.ts"
import { deriveId, historyCallId } from "../../core/id.ts"
import type { Issuer, Place } from "../../core/node.ts"
import type { Note } from "../../core/notice.ts"
import { envelopeMark } from "../../core/seal.ts"
import { nameFromWire } from "./names.ts"
import { someIssuer } from "./seal-issuer.ts"

/** What reading a message leans on: whose seals arrive bare, and how names and ids map back. */
export interface Reader {
  readonly place: Place
  readonly note: Note
  readonly issuer: Issuer
  isEnveloped(data: string): boolean
  /** A seal came back with other text than it was made over. */
  stale(): void
  name(wireName: string): { readonly name: string; readonly namespace?: string }
  id(wireId: string): string
  /** The id of a call that came without one. */
  missingId(name: string, input: string): string
  /** The call's input is free text that was wrapped as an object on the way out. */
  isImitated(name: string): boolean
}

const isEnveloped = (data: string): boolean => data.startsWith(envelopeMark)

export function requestReader(note: Note): Reader {
  const seen = new Map<string, number>()
  return {
    place: "request",
    note,
    issuer: someIssuer,
    isEnveloped,
    stale: () => note({ code: "seal-stale", path: "messages[*].blocks[*].seal", effect: "dropped", side: "request" }),
    name: (name) => ({ name }),
    id: (id) => id,
    missingId(name, input) {
      const key = `${name}\u0000${input}`
      const before = seen.get(key) ?? 0
      seen.set(key, before + 1)
      return historyCallId(name, input, before)
    },
    isImitated: () => false,
  }
}

export function responseReader(exchange: Exchange, candidate: number): Reader {
  let missing = 0
  return {
    place: "response",
    note: exchange.note,
    issuer: exchange.target.issuer === "" ? someIssuer : exchange.target.issuer,
    isEnveloped,
    stale: () =>
      exchange.note({
        code: "seal-stale",
        path: "candidates[*].messages[*].blocks[*].seal",
        effect: "dropped",
        side: "response",
      }),
    name: (name) => nameFromWire(name, exchange),
    id: (id) => exchange.ids.ours(id),
    missingId: () => deriveId("call", exchange.seed, candidate, missing++),
    isImitated: (name) => exchange.emulated.has(`custom-tool:${name}`),
  }
}
