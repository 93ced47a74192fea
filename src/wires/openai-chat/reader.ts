import { answerCallId } from "../../core/call-ids.ts"
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
  /** The id of a call: to be asked once for each. */
  id(wireId: string): string
  /** The id of a call that came without one. */
  missingId(name: string, input: string): string
  /** The call's input is free text that was wrapped as an object on the way out. */
  isImitated(name: string): boolean
}

const isEnveloped = (data: string): boolean => data.startsWith(envelopeMark)

class RequestReader implements Reader {
  readonly place = "request"
  readonly issuer = someIssuer
  readonly isEnveloped = isEnveloped
  /** How often each call without an id was seen. */
  private seen: Map<string, number> | undefined

  constructor(readonly note: Note) {}

  stale(): void {
    this.note({ code: "seal-stale", path: "messages[*].blocks[*].seal", effect: "dropped", side: "request" })
  }

  name(name: string): { readonly name: string } {
    return { name }
  }

  id(id: string): string {
    return id
  }

  missingId(name: string, input: string): string {
    const key = `${name}\u0000${input}`
    this.seen ??= new Map()
    const before = this.seen.get(key) ?? 0
    this.seen.set(key, before + 1)
    return historyCallId(name, input, before)
  }

  isImitated(): boolean {
    return false
  }
}

export const requestReader = (note: Note): Reader => new RequestReader(note)

class ResponseReader implements Reader {
  readonly place = "response"
  readonly note: Note
  readonly issuer: Issuer
  readonly isEnveloped = isEnveloped
  private missing = 0
  private readonly given = new Set<string>()

  constructor(
    private readonly exchange: Exchange,
    private readonly candidate: number,
  ) {
    this.note = exchange.note
    this.issuer = exchange.target.issuer === "" ? someIssuer : exchange.target.issuer
  }

  stale(): void {
    const path = "candidates[*].messages[*].blocks[*].seal"
    this.note({ code: "seal-stale", path, effect: "dropped", side: "response" })
  }

  name(wireName: string): { readonly name: string; readonly namespace?: string } {
    return nameFromWire(wireName, this.exchange)
  }

  id(wireId: string): string {
    const id = answerCallId(this.exchange.ids.ours(wireId), this.exchange, this.given)
    this.given.add(id)
    return id
  }

  missingId(): string {
    return deriveId("call", this.exchange.seed, this.candidate, this.missing++)
  }

  isImitated(name: string): boolean {
    return this.exchange.emulated.has(`custom-tool:${name}`)
  }
}

export const responseReader = (exchange: Exchange, candidate: number): Reader => new ResponseReader(exchange, candidate)
