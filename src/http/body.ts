import { totalmem } from "node:os"
import { fault } from "../core/error.ts"
import { CorruptBodyError, InflatedTooLargeError, inflate, UnsupportedEncodingError } from "../lib/inflate.ts"

export interface BodyLimits {
  /** One body, inflated. */
  readonly maxBytes: number
  /** All bodies held at once; absent: a quarter of the memory, at most 1 GiB. */
  readonly heldBytes?: number | undefined
}

/** Reads request bodies within two bounds: one body's, and that of all bodies held at once. */
export interface BodyReader {
  read(request: Request, limits: BodyLimits): Promise<HeldBody>
  held(): number
}

export interface HeldBody {
  readonly bytes: Uint8Array
  /** Gives its share of the bound back. */
  release(): void
  /** The same, and frees the memory of a large body at once: nobody may read it any more. */
  discard(): void
}

const noBytes = new Uint8Array(0)

/**
 * Bodies declared no larger than this are counted at once, and larger ones while half of the bound stays free: read whole they cost a third less.
 * Beyond that they are counted as they come, as a length is cheap to declare.
 */
const countedAtOnce = 1024 * 1024
/** Smaller ones are left to the next collection; larger ones would wait there by the hundred. */
const freedAtOnce = 64 * 1024

export function bodyReader(): BodyReader {
  let heldBytes = 0
  const defaultHeld = Math.min(totalmem() / 4, 1024 ** 3)

  /** One body's part of the bound, from its first byte on. */
  class Share implements HeldBody {
    bytes: Uint8Array = noBytes
    private size = 0

    constructor(private readonly bound: number) {}

    /** Throws when all together would hold too much; what was held before stays. */
    resize(to: number): void {
      if (to > this.size && heldBytes + to - this.size > this.bound) throw memoryFull()
      heldBytes += to - this.size
      this.size = to
    }

    release(): void {
      heldBytes -= this.size
      this.size = 0
    }

    discard(): void {
      this.release()
      const { bytes } = this
      this.bytes = noBytes
      // asking for the buffer makes an object of it
      if (bytes.length < freedAtOnce) return
      const { buffer } = bytes
      if (bytes.length === buffer.byteLength && buffer instanceof ArrayBuffer) buffer.transfer(0)
    }
  }

  return {
    async read(request, limits) {
      const declared = Number(request.headers.get("content-length") ?? Number.NaN)
      if (declared > limits.maxBytes) throw tooLarge(limits.maxBytes)
      const bound = limits.heldBytes ?? defaultHeld
      if (declared + heldBytes > bound) throw memoryFull()
      const share = new Share(bound)
      try {
        if (declared <= countedAtOnce || declared + heldBytes <= bound / 2) {
          share.resize(declared)
          try {
            share.bytes = await request.bytes()
          } catch {
            leftEarly()
          }
        } else share.bytes = await readBounded(request, limits.maxBytes, share)
        const encoding = request.headers.get("content-encoding")
        if (encoding !== null && encoding !== "identity") await inflateInto(share, encoding, limits.maxBytes)
        share.resize(share.bytes.length)
        return share
      } catch (error) {
        share.release()
        throw error
      }
    },
    held: () => heldBytes,
  }
}

const memoryFull = () =>
  fault("memory-full", "the gateway holds as many request bodies as it may; try again shortly", { retryAfterMs: 1_000 })
const tooLarge = (maxBytes: number) =>
  fault(
    "too-large",
    `the request body is larger than the limit of ${Math.round(maxBytes / 1_048_576)} MiB (client.max_request_body_size_mb)`,
  )

function leftEarly(): never {
  throw fault("cancelled", "the client closed the request before its body was complete")
}

/** A large body, or one whose length nobody declared. */
async function readBounded(request: Request, maxBytes: number, share: { resize(to: number): void }): Promise<Uint8Array> {
  const pieces: Uint8Array[] = []
  let size = 0
  const reader = request.body?.getReader()
  if (!reader) return new Uint8Array(0)
  try {
    for (;;) {
      const { done, value } = await reader.read().catch(leftEarly)
      if (done) return Buffer.concat(pieces)
      size += value.length
      if (size > maxBytes) throw tooLarge(maxBytes)
      share.resize(size)
      pieces.push(value)
    }
  } catch (error) {
    reader.cancel().catch(() => undefined)
    throw error
  }
}

/** What is packed and what comes of it are held side by side until all of it is there. */
async function inflateInto(
  share: { bytes: Uint8Array; resize(to: number): void },
  encoding: string,
  maxBytes: number,
): Promise<void> {
  const packed = share.bytes
  try {
    share.bytes = await inflate(packed, encoding, { maxBytes, grown: (bytes) => share.resize(packed.length + bytes) })
  } catch (error) {
    if (error instanceof InflatedTooLargeError) throw tooLarge(maxBytes)
    if (error instanceof UnsupportedEncodingError)
      throw fault("invalid-request", `content-encoding ${encoding.slice(0, 40)} is not supported: use gzip, deflate, br or zstd`)
    if (error instanceof CorruptBodyError)
      throw fault("invalid-request", `the request body is not valid ${encoding.slice(0, 40)}`)
    throw error
  }
}
