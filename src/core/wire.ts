import type { EditedBytes } from "../lib/edited-bytes.ts"
import type { HttpFields } from "../lib/http1/answer.ts"
import type { Json } from "../lib/json.ts"
import type { GatewayError } from "./error.ts"
import type { Frame, Machine, Step } from "./event.ts"
import type { Exchange } from "./exchange.ts"
import type { Issuer, WireId } from "./node.ts"
import type { Note } from "./notice.ts"
import type { WirePaths } from "./notice-path.ts"
import type { Request } from "./request.ts"
import type { Response, StopReason } from "./response.ts"
import type { Usage } from "./usage.ts"

/** A target named by a caller, tried after the first one. */
export interface FallbackRef {
  readonly provider: string
  readonly model: string
}

/** What a relay must know of a body, read without parsing the rest. */
export interface Head {
  readonly model: string | undefined
  readonly stream: boolean
  /** Only when every entry is ours: a string, or an object with both `provider` and `model`. Empty: the caller wants none. */
  readonly fallbacks: readonly FallbackRef[] | undefined
  /** The caller asked for usage in the stream, or the wire always sends it. */
  readonly usageAsked: boolean
  /** The vendor's prompt cache key or the like, for affinity. */
  readonly cacheKey: string | undefined
  /** The body holds seals that this gateway wrapped for another issuer, or ids that it made for what another vendor ran: it cannot be relayed as it is. */
  readonly enveloped: boolean
  /** Vendor-side ids the body leans on, such as a previous response: known only to the account that made them. */
  readonly pins: readonly string[]
  readonly [scan]: unknown
}
/** The scan that `write` splices by; opaque to everyone but the wire. */
export const scan: unique symbol = Symbol("scan")

export interface HeadPatch {
  readonly model?: string
  readonly dropFallbacks?: true
  /** Ask for usage frames in a stream whose caller did not. */
  readonly askUsage?: true
  /** Top-level keys a route fixes, as JSON text; null takes the key out. */
  readonly fixed?: Readonly<Record<string, string | null>>
}

/** What one frame, or one whole body, says to a relay. */
export interface Mark {
  /** Content, thinking, a tool call, media or a finish: the stream may be committed. */
  readonly content?: true
  readonly usage?: Usage
  readonly stop?: { readonly reason: StopReason; readonly raw: string }
  /** The wire's terminal condition is met. */
  readonly end?: true
  readonly error?: GatewayError
  readonly id?: string
  readonly model?: string
  /** The body names a vendor-side object that later calls may lean on. */
  readonly toolCall?: true
}

export interface Wire {
  readonly id: WireId
  readonly label: string
  /** Who issued a seal that arrives without an envelope. Undefined where the format has no vendor of its own. */
  readonly home?: Issuer
  /** Request headers of the vendor's own that a relay passes on, lower case; a trailing `*` is a prefix. */
  readonly requestHeaders: readonly string[]
  /** Response headers of the vendor's own that a caller gets, lower case; a trailing `*` is a prefix. */
  readonly responseHeaders: readonly string[]
  /** The header whose comma-separated flags switch vendor betas on. */
  readonly betaHeader?: string
  readonly head: {
    /** Keys under which a body names what a vendor keeps; none where no body leans on anything. */
    readonly pinned: readonly string[]
    /** Throws GatewayFault with the field's path for a body that is no JSON object, or whose model or stream has the wrong type. */
    read(body: Uint8Array): Head
    /** Byte splice of top-level keys; every other byte stays. */
    write(body: Uint8Array, head: Head, patch: HeadPatch): Uint8Array
    /** The same of a body that stays as it is, copied only where somebody has to keep it. */
    edit(body: Uint8Array, head: Head, patch: HeadPatch): Uint8Array | EditedBytes
  }
  readonly request: {
    /** Throws GatewayFault naming the field when the body has the wrong shape. */
    decode(body: Json, note: Note): Request
    /** Fills `exchange.names` and `exchange.ids` on the way; throws `unsupported` where dropping would lose the context. */
    encode(request: Request, exchange: Exchange): Json
  }
  readonly response: {
    decode(body: Json, exchange: Exchange): Response
    encode(response: Response, exchange: Exchange): Json
    /** What a relay needs of a whole body; `error` when a 200 body is an error or no answer at all. Never throws. */
    peek(body: Uint8Array): Mark
    /** The same of a body that somebody has parsed. */
    mark(body: Json): Mark
  }
  readonly stream: {
    decoder(exchange: Exchange): Machine<Frame, Step>
    encoder(exchange: Exchange): Machine<Step, Frame>
    tap(): Machine<Frame, Mark>
    /**
     * True for whole frames of which one may say more than content, once a stream has begun: usage, a stop, an end, an error. A relay passes all
     * others unread.
     */
    saysMore(frames: Uint8Array): boolean
    /** True for a frame that exists only because we asked for usage. */
    hide?(frame: Frame, head: Head): boolean
    /** What an in-band error looks like after commit. */
    errorFrames(error: GatewayError): readonly Frame[]
  }
  /** Where the hub's places are in bodies of this wire, as notices tell of them. */
  readonly paths: WirePaths
  readonly error: {
    /** Reads a vendor's error answer. `kind` and `blame` follow the recovery table; `body` is kept for a relay to its own wire. */
    decode(status: number, body: string, headers: HttpFields): GatewayError
    /** The vendor's own error shape for any error. */
    encode(error: GatewayError): { readonly status: number; readonly body: Json }
  }
}
