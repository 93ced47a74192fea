import type { Issuer, WireId } from "./node.ts"
import type { Note } from "./notice.ts"

/** A one-to-one mapping between names of ours and names on a wire. */
export interface Bimap {
  set(ours: string, theirs: string): void
  /** Our name for theirs; the same name when unmapped. */
  ours(theirs: string): string
  /** Their name for ours; the same name when unmapped. */
  theirs(ours: string): string
  hasTheirs(theirs: string): boolean
  readonly size: number
}

/** Most tries map no name, so it holds nothing until one is set. */
class Names implements Bimap {
  private outward: Map<string, string> | undefined
  private inward: Map<string, string> | undefined

  set(ours: string, theirs: string): void {
    this.outward = (this.outward ?? new Map()).set(ours, theirs)
    this.inward = (this.inward ?? new Map()).set(theirs, ours)
  }

  ours(theirs: string): string {
    return this.inward?.get(theirs) ?? theirs
  }

  theirs(ours: string): string {
    return this.outward?.get(ours) ?? ours
  }

  hasTheirs(theirs: string): boolean {
    return this.inward?.has(theirs) ?? false
  }

  get size(): number {
    return this.outward?.size ?? 0
  }
}

export const bimap = (): Bimap => new Names()

export interface ExchangeTarget {
  readonly wire: WireId
  /** The vendor's model id. */
  readonly model: string
  readonly issuer: Issuer
  readonly account?: string
  readonly limits: { readonly maxOutput?: number }
  /** What this route can do beyond its wire's common ground, such as `mid-system`, `cache-marks`, `reasoning-details`. */
  readonly features: ReadonlySet<string>
}

/** One try's shared state: the request encoder fills it, both response codecs read it. */
export interface Exchange {
  readonly request: import("./request.ts").Request
  readonly client: WireId
  /** The issuer whose seals the client's wire carries without an envelope. */
  readonly clientHome?: Issuer
  readonly target: ExchangeTarget
  /** Tool names, ours to the wire's. A namespaced tool is `namespace + "\u0000" + name` on our side. */
  readonly names: Bimap
  /** Tool-call ids, ours to the wire's. */
  readonly ids: Bimap
  /** What was imitated on the way out and must be undone on the way back, such as `structured-output`, `custom-tool:NAME`. */
  readonly emulated: Set<string>
  readonly note: Note
  /** Makes derived ids unique to this call and stable on replay: never random. */
  readonly seed: string
  /** Milliseconds since 1970, fixed for the try. */
  readonly now: number
}

export const toolKey = (name: string, namespace?: string): string =>
  namespace === undefined ? name : `${namespace}\u0000${name}`
export function fromToolKey(key: string): { name: string; namespace?: string } {
  const cut = key.indexOf("\u0000")
  return cut < 0 ? { name: key } : { namespace: key.slice(0, cut), name: key.slice(cut + 1) }
}
