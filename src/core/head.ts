import type { Json } from "../lib/json.ts"
import type { Head, HeadPatch } from "./wire.ts"

/** What differs between wires in the few top-level keys that a relay reads. */
export interface HeadSpec {
  /** Keys that name vendor-side objects the body leans on. */
  readonly pinned: readonly string[]
  /** The key of the vendor's prompt cache key. */
  readonly cacheKey?: string
  /** Where a caller asks for usage in a stream; absent where the wire always sends it. */
  readonly usage?: { readonly key: string; asked(value: Json | undefined): boolean; ask(value: Json | undefined): Json }
}

/** Reads the head of a JSON body by a byte scan of its top-level keys. Throws GatewayFault naming the field. */
export declare function readHead(body: Uint8Array, spec: HeadSpec): Head
/** Splices the patch in; every other byte stays. */
export declare function writeHead(body: Uint8Array, head: Head, patch: HeadPatch, spec: HeadSpec): Uint8Array
